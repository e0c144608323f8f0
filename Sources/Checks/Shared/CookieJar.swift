import Contracts

/// The cookies of one transaction, each sent back only to the origin that set it.
///
/// Of a cookie's attributes only `Max-Age` counts: zero or less removes it.
struct CookieJar {
    private var cookies: [String: [(name: String, value: String)]] = [:]

    /// Remembers what `answer` sets for the origin of `url`.
    mutating func take(from answer: HTTPAnswer, url: String) {
        for header in answer.headers where header.name.lowercased() == "set-cookie" {
            take(header.value, origin: Self.origin(of: url))
        }
    }

    func header(for url: String) -> HTTPField? {
        guard let known = cookies[Self.origin(of: url)], !known.isEmpty else { return nil }
        return HTTPField("Cookie", known.map { "\($0.name)=\($0.value)" }.joined(separator: "; "))
    }

    private mutating func take(_ line: String, origin: String) {
        let parts = line.split(separator: ";").map(Self.pair)
        guard let (name, value) = parts.first, !name.isEmpty else { return }
        cookies[origin, default: []].removeAll { $0.name == name }
        let maximumAge = parts.dropFirst().first { $0.name.lowercased() == "max-age" }?.value
        if let age = maximumAge.flatMap({ Int($0) }), age <= 0 { return }
        cookies[origin, default: []].append((name, value))
    }

    private static func pair(_ text: Substring) -> (name: String, value: String) {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            .map(trimmed)
        return (halves.first ?? "", halves.count > 1 ? halves[1] : "")
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// Scheme, host and port: everything before the path or query.
    private static func origin(of url: String) -> String {
        let parts = url.lowercased().split(maxSplits: 2, whereSeparator: "/?#".contains)
        return parts.prefix(2).joined(separator: "//")
    }
}
