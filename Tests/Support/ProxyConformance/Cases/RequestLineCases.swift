/// Method, target, version and line ends.
enum RequestLineCases {
    private static func line(_ line: String, _ fields: String = "Host: shop\r\n") -> String {
        line + "\r\n" + fields + "\r\n"
    }

    static let all: [ConformanceCase] = valid + malformed + targets

    private static let valid: [ConformanceCase] = [
        .passes(
            "GET", "RFC 9110, 9.3.1", line("GET / HTTP/1.1"), has: ["GET / HTTP/1.1\r\n"],
            closes: false),
        .passes(
            "DELETE without a body", "RFC 9110, 9.3.5", line("DELETE /1 HTTP/1.1"),
            has: ["DELETE /1 "]),
        .passes(
            "a method nobody knows", "RFC 9110, 9.1", line("BREW /pot HTTP/1.1"),
            has: ["BREW /pot HTTP/1.1\r\n"]),
        .passes(
            "a lower-case method is another method", "RFC 9110, 9.1", line("get / HTTP/1.1"),
            has: ["get / "]),
        .passes(
            "one empty line before the request", "RFC 9112, 2.2", "\r\n" + line("GET / HTTP/1.1"),
            has: ["GET / HTTP/1.1\r\n"]),
        .passes(
            "a higher minor version is answered as 1.1", "RFC 9110, 2.5", line("GET / HTTP/1.7"),
            has: ["GET / HTTP/1.1\r\n"]),
        .passes(
            "HTTP/1.0", "RFC 9112, 9.3", "GET / HTTP/1.0\r\nHost: shop\r\n\r\n",
            has: ["GET / HTTP/1.1\r\n"], closes: true),
        .passes(
            "HTTP/1.0 that asks to be kept", "RFC 9112, 9.3",
            "GET / HTTP/1.0\r\nHost: shop\r\nConnection: keep-alive\r\n\r\n", closes: false),
        .passes(
            "close is heeded", "RFC 9112, 9.6",
            line("GET / HTTP/1.1", "Host: shop\r\nConnection: close\r\n"), closes: true),
        .passes(
            "two requests at once", "RFC 9112, 9.3.2",
            line("GET /1 HTTP/1.1") + line("GET /2 HTTP/1.1"), has: ["GET /1 ", "GET /2 "],
            answers: 2, closes: false),
        .passes(
            "a query", "RFC 9112, 3.2.1", line("GET /a?b=c&d=/?e HTTP/1.1"),
            has: ["GET /a?b=c&d=/?e HTTP/1.1"]),
        .passes(
            "percent-encoding is not touched", "RFC 9110, 7.7", line("GET /%2e%2E/%00%2f HTTP/1.1"),
            has: ["GET /%2e%2E/%00%2f HTTP/1.1"]),
        .passes(
            "dots are not touched", "RFC 9110, 7.7", line("GET /a/../b/./c//d HTTP/1.1"),
            has: ["GET /a/../b/./c//d HTTP/1.1"]),
    ]

    private static let malformed: [ConformanceCase] = [
        .refused(
            "an empty request line twice", "RFC 9112, 2.2", "\r\n\r\n" + line("GET / HTTP/1.1")),
        .refused("no version", "RFC 9112, 3", line("GET /")),
        .refused("version 0.9", "RFC 9112, 2.3", line("GET / HTTP/0.9"), [400, 505]),
        .refused("version 2.0", "RFC 9110, 15.6.6", line("GET / HTTP/2.0"), [400, 505]),
        .refused(
            "the preface of HTTP/2", "RFC 9113, 3.4", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            [400, 505]),
        .refused("a version in lower case", "RFC 9112, 2.3", line("GET / http/1.1")),
        .refused("a version of two digits", "RFC 9112, 2.3", line("GET / HTTP/1.10")),
        .refused("a version without a dot", "RFC 9112, 2.3", line("GET / HTTP/11")),
        .refused("a version with a letter", "RFC 9112, 2.3", line("GET / HTTP/1.x")),
        .refused("another protocol", "RFC 9112, 2.3", line("GET / ICY/1.1")),
        .refused("two spaces before the target", "RFC 9112, 3", line("GET  / HTTP/1.1")),
        .refused("two spaces before the version", "RFC 9112, 3", line("GET /  HTTP/1.1")),
        .refused("a tab for a space", "RFC 9112, 3", line("GET\t/ HTTP/1.1")),
        .refused("a space after the version", "RFC 9112, 3", line("GET / HTTP/1.1 ")),
        .refused("a space before the method", "RFC 9112, 3", line(" GET / HTTP/1.1")),
        .refused("a fourth word", "RFC 9112, 3", line("GET / HTTP/1.1 HTTP/1.1")),
        .refused("a space in the target", "RFC 9112, 3.2", line("GET /a b HTTP/1.1")),
        .refused("no target", "RFC 9112, 3", line("GET HTTP/1.1")),
        .refused("a method with a forbidden character", "RFC 9110, 9.1", line("GE(T / HTTP/1.1")),
        .refused("a NUL in the target", "RFC 9112, 3.2", line("GET /\u{0} HTTP/1.1")),
        .refused("a DEL in the target", "RFC 9112, 3.2", line("GET /\u{7F} HTTP/1.1")),
        .refused(
            "a control character in the target", "RFC 9112, 3.2", line("GET /\u{1B} HTTP/1.1")),
        .refused("a high octet in the target", "RFC 3986, 2", line("GET /\u{E4} HTTP/1.1")),
        .refused("a bare CR in the request line", "RFC 9112, 2.2", line("GET /\r HTTP/1.1")),
        .refused(
            "a bare CR between the request line and a field", "RFC 9112, 2.2",
            "GET / HTTP/1.1\rHost: evil\r\nHost: shop\r\n\r\n"),
        .refused(
            "a bare CR before the end of the request line", "RFC 9112, 2.2",
            "GET / HTTP/1.1\r\r\nHost: shop\r\n\r\n"),
        .refused(
            "a bare LF after the request line", "RFC 9112, 2.2",
            "GET / HTTP/1.1\nHost: shop\r\n\r\n"),
        .refused("bare LF everywhere", "RFC 9112, 2.2", "GET / HTTP/1.1\nHost: shop\n\n"),
        .refused(
            "a greeting of TLS", "RFC 9112, 3",
            "\u{16}\u{3}\u{1}\u{0}\u{A}\u{1}\u{0}\u{0}\u{6}\u{3}\u{3}\r\n\r\n"),
        .refused(
            "CONNECT", "RFC 9110, 9.3.6", line("CONNECT shop:80 HTTP/1.1", "Host: shop:80\r\n"),
            [400, 405, 501]),
        .refused("TRACE", "RFC 9110, 9.3.8", line("TRACE / HTTP/1.1"), [405, 501]),
        .refused(
            "a request line that is too long", "RFC 9112, 3",
            line("GET /" + String(repeating: "a", count: 70_000) + " HTTP/1.1"), [414, 400]),
    ]

    private static let targets: [ConformanceCase] = [
        .passes(
            "absolute form", "RFC 9112, 3.2.2", line("GET http://shop/a HTTP/1.1"),
            has: ["/a HTTP/1.1\r\n"]),
        .passes(
            "absolute form with a port", "RFC 9112, 3.2.2",
            line("GET http://shop:8080/a?b HTTP/1.1", "Host: shop:8080\r\n"),
            has: ["/a?b HTTP/1.1\r\n", "shop:8080"]),
        .passes(
            "absolute form in other case", "RFC 9110, 4.2.3", line("GET HTTP://SHOP/a HTTP/1.1"),
            has: ["/a HTTP/1.1\r\n"]),
        .passes(
            "absolute form without a path", "RFC 9112, 3.2.1", line("GET http://shop HTTP/1.1"),
            has: ["/ HTTP/1.1\r\n"]),
        .passes(
            "absolute form with only a query", "RFC 9112, 3.2.1",
            line("GET http://shop?a HTTP/1.1"), has: ["/?a HTTP/1.1\r\n"]),
        .passes(
            "OPTIONS for the server", "RFC 9112, 3.2.4", line("OPTIONS * HTTP/1.1"),
            has: ["OPTIONS * HTTP/1.1\r\n"]),
        .passes(
            "OPTIONS in absolute form without a path", "RFC 9112, 3.2.4",
            line("OPTIONS http://shop HTTP/1.1"), has: ["OPTIONS * HTTP/1.1\r\n"]),
        .refused(
            "absolute form with another host", "RFC 9112, 3.2.2", line("GET http://bank/a HTTP/1.1")
        ),
        .refused(
            "absolute form with another port", "RFC 9112, 3.2.2",
            line("GET http://shop:81/a HTTP/1.1")),
        .refused("absolute form without a host", "RFC 9110, 4.2.1", line("GET http:///a HTTP/1.1")),
        .refused(
            "absolute form with a user", "RFC 9110, 4.2.4", line("GET http://me@shop/a HTTP/1.1")),
        .refused("a scheme nobody serves", "RFC 9112, 3.2.2", line("GET ftp://shop/a HTTP/1.1")),
        .refused("a target without a slash", "RFC 9112, 3.2.1", line("GET a HTTP/1.1")),
        .refused("a star for another method", "RFC 9112, 3.2.4", line("GET * HTTP/1.1")),
        .refused(
            "authority form for another method", "RFC 9112, 3.2.3", line("GET shop:80 HTTP/1.1")),
        .refused("a fragment", "RFC 9112, 3.2", line("GET /a#b HTTP/1.1")),
    ]
}
