/// Field lines: names, values, line ends, sizes.
enum FieldCases {
    private static func with(_ lines: String) -> String {
        "GET / HTTP/1.1\r\nHost: shop\r\n" + lines + "\r\n"
    }

    static let all: [ConformanceCase] = [
        .passes("blanks around a value", "RFC 9110, 5.5", with("A: \t b \t\r\n"), has: ["b"]),
        .passes("no blank before a value", "RFC 9112, 5", with("A:b\r\n"), has: ["A:"]),
        .passes("an empty value", "RFC 9110, 5.5", with("A:\r\n"), has: ["A:"]),
        .passes("a colon in a value", "RFC 9110, 5.5", with("A: b:c\r\n"), has: ["b:c\r\n"]),
        .passes("a tab in a value", "RFC 9110, 5.5", with("A: b\tc\r\n"), has: ["b\tc"]),
        .passes(
            "high octets in a value", "RFC 9110, 5.5", with("A: \u{E4}\u{FF}\r\n"),
            has: ["\u{E4}\u{FF}\r\n"]),
        .passes(
            "every character of a name", "RFC 9110, 5.6.2", with("!#$%&'*+-.^`|~aZ09: b\r\n"),
            has: ["!#$%&'*+-.^`|~aZ09: b\r\n"]),
        .passes(
            "the same field twice stays in order", "RFC 9110, 5.3",
            with("A: 1\r\nB: 2\r\nA: 3\r\n"), has: ["A: 1\r\nB: 2\r\nA: 3\r\n"]),
        .passes(
            "cookies are not joined", "RFC 6265, 5.4", with("Cookie: a=1; b=2\r\n"),
            has: ["Cookie: a=1; b=2\r\n"]),
        .refused("a space before the colon", "RFC 9112, 5.1", with("A : b\r\n")),
        .refused("a tab before the colon", "RFC 9112, 5.1", with("A\t: b\r\n")),
        .refused(
            "a space before the colon of a length", "RFC 9112, 5.1", with("Content-Length : 0\r\n")),
        .refused("a folded line", "RFC 9112, 5.2", with("A: b\r\n c\r\n")),
        .refused("a line folded with a tab", "RFC 9112, 5.2", with("A: b\r\n\tc\r\n")),
        .refused(
            "a folded framing field", "RFC 9112, 5.2", with("Transfer-Encoding:\r\n chunked\r\n")),
        .refused(
            "a space before the first field", "RFC 9112, 2.2",
            "GET / HTTP/1.1\r\n Host: shop\r\n\r\n"),
        .refused("a line without a colon", "RFC 9112, 5", with("A\r\n")),
        .refused("an empty name", "RFC 9112, 5", with(": b\r\n")),
        .refused("a space in a name", "RFC 9110, 5.1", with("A B: c\r\n")),
        .refused("a parenthesis in a name", "RFC 9110, 5.1", with("A(B): c\r\n")),
        .refused("a high octet in a name", "RFC 9110, 5.1", with("\u{E4}: c\r\n")),
        .refused("a NUL in a name", "RFC 9110, 5.1", with("A\u{0}: c\r\n")),
        .refused("a NUL in a value", "RFC 9110, 5.5", with("A: b\u{0}c\r\n")),
        .refused("a control character in a value", "RFC 9110, 5.5", with("A: b\u{1}c\r\n")),
        .refused("a DEL in a value", "RFC 9110, 5.5", with("A: b\u{7F}\r\n")),
        .refused("a bare CR in a value", "RFC 9112, 2.2", with("A: b\rc\r\n")),
        .refused("a bare CR before the line's end", "RFC 9112, 2.2", with("A: b\r\r\n")),
        .refused(
            "a bare LF in a value", "RFC 9112, 2.2", with("A: b\nTransfer-Encoding: chunked\r\n")),
        .refused(
            "a bare LF as the empty line", "RFC 9112, 2.2",
            "GET / HTTP/1.1\r\nHost: shop\r\n\nGET /smuggled HTTP/1.1\r\n\r\n"),
        .refused(
            "a head that is too large", "RFC 6585, 5",
            with("A: " + String(repeating: "b", count: 200_000) + "\r\n"), [431, 400]),
        .refused(
            "many fields that are too large together", "RFC 6585, 5",
            with(
                (0..<90).map { "A\($0): " + String(repeating: "b", count: 2000) + "\r\n" }.joined()),
            [431, 400]),
        .refused(
            "too many fields", "RFC 6585, 5", with((0..<2000).map { "A\($0): b\r\n" }.joined()),
            [431, 400]),
    ]
}
