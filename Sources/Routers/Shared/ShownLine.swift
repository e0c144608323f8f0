/// A line of somebody's configuration as a screen may show it: only what a switch is about.
///
/// Headers hold tokens, user lists passwords, rules compare with both, and nobody can tell by looking
/// which. So what is not known to be harmless is not shown.
enum ShownLine {
    static let omission = "…"
    /// First words of what says where requests come from and go to.
    private static let harmless: Set = [
        "backend", "balance", "bind", "default_backend", "defaults", "frontend", "global", "http",
        "keepalive", "listen", "mode", "retries", "server", "server_name",
        "timeout", "upstream", "use_backend", "zone",
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
        let word = piece.dropFirst(indent.count).prefix { !$0.isWhitespace }
        guard !word.isEmpty, !harmless.contains(String(word)) else { return String(piece) }
        return indent + omission + (piece.last?.isWhitespace == true ? " " : "")
    }
}
