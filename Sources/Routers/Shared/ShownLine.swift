/// A line of somebody's configuration as a screen may show it: only what a switch is about.
///
/// Headers hold tokens, user lists passwords, rules compare with both, and nobody can tell by looking
/// which. So what is not known to be harmless is not shown.
enum ShownLine {
    static let omission = "…"
    /// First words of what says where requests come from and go to.
    private static let harmless: Set = [
        "backend", "balance", "bind", "default_backend", "defaults", "frontend", "global", "http",
        "keepalive", "listen", "location", "mode", "or", "retries", "server", "server_name",
        "timeout", "upstream", "use_backend", "zone", "||",
    ]
    /// What HAProxy's conditions ask to choose a backend, and no password is compared with.
    private static let asked: Set = [
        "hdr(host)", "hdr_beg(host)", "hdr_dom(host)", "hdr_end(host)", "hdr_reg(host)", "method",
        "path", "path_beg", "path_dir", "path_dom", "path_end", "path_reg", "path_sub",
        "req.hdr(host)", "ssl_fc", "ssl_fc_sni",
    ]

    /// Cut where nginx's statements and HAProxy's conditions begin and end; each piece is shown or not.
    /// Quotes may hold such a cut, so nothing is shown after one.
    static func of(_ line: String) -> String {
        var shown = ""
        if let quote = line.firstIndex(where: { "\"'\\".contains($0) }) {
            return of(String(line[..<quote])) + omission
        }
        var rest = line[...]
        while !rest.isEmpty {
            let piece = rest.prefix { !"{};#".contains($0) }
            shown += part(piece)
            rest = rest[piece.endIndex...]
            guard let end = rest.popFirst() else { break }
            shown.append(end)
            guard end != "#" else { return "\(shown) \(omission)" }
        }
        return shown
    }

    private static func part(_ piece: Substring) -> String {
        let indent = piece.prefix(while: \.isWhitespace)
        let words = piece.split(whereSeparator: \.isWhitespace)
        guard let word = words.first, !isHarmless(words) else { return String(piece) }
        if word == "proxy_pass", let shown = address(piece) { return shown }
        return indent + omission + (piece.last?.isWhitespace == true ? " " : "")
    }

    private static func isHarmless(_ words: [Substring]) -> Bool {
        if harmless.contains(String(words[0])) { return true }
        let question = words[0] == "acl" ? words.dropFirst(2).first : words[0]
        return question.map { asked.contains(String($0.prefix { $0 != "," })) } ?? false
    }

    /// `proxy_pass http://web…`: what comes behind the host may hold a key.
    private static func address(_ piece: Substring) -> String? {
        guard let scheme = piece.firstRange(of: "://"), !piece.contains("@") else { return nil }
        let host = piece[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        let shown = piece[..<host.endIndex]
        return shown.endIndex == piece.endIndex ? String(shown) : "\(shown)\(omission)"
    }
}
