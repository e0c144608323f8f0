/// What an upstream may answer, and what a gateway must not pass on.
enum AnswerCases {
    private static func ok(_ lines: String, _ body: String = "") -> String {
        "HTTP/1.1 200 OK\r\n" + lines + "\r\n" + body
    }

    private static let head = "HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n"

    static let all: [ConformanceCase] = valid + hops + statuses + surplus

    private static let valid: [ConformanceCase] = [
        .answerPasses(
            "a length", "RFC 9112, 6.2", ok("Content-Length: 4\r\n", "body"), has: ["\r\n\r\nbody"],
            closes: false),
        .answerPasses(
            "chunks", "RFC 9112, 7.1",
            ok("Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n"),
            has: ["body", "0\r\n\r\n"], closes: false),
        .answerPasses(
            "until the end of the connection", "RFC 9112, 6.3", ok("", "body"), has: ["body"]),
        .answerPasses(
            "of HTTP/1.0", "RFC 9112, 2.3", "HTTP/1.0 200 OK\r\n\r\nbody",
            has: ["HTTP/1.1 200", "body"]),
        .answerPasses(
            "trailers", "RFC 9110, 6.5",
            ok(
                "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n",
                "4\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n"), has: ["body"]),
        .answerPasses("no phrase", "RFC 9112, 4", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"),
        .answerPasses(
            "a phrase with high octets", "RFC 9112, 4",
            "HTTP/1.1 200 \u{E4}\r\nContent-Length: 0\r\n\r\n"),
        .answerPasses(
            "a status nobody knows", "RFC 9110, 15",
            "HTTP/1.1 299 Fine\r\nContent-Length: 0\r\n\r\n", status: 299),
        .answerPasses(
            "an error of the upstream", "RFC 9110, 15.6.1",
            "HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\nbody", status: 500, has: ["body"],
            closes: false),
        .answerPasses(
            "Set-Cookie stays in lines", "RFC 6265, 3",
            ok("Content-Length: 0\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"),
            has: ["Set-Cookie: a=1\r\n", "Set-Cookie: b=2\r\n"]),
        .answerPasses(
            "an answer to HEAD with a length", "RFC 9112, 6.3", ok("Content-Length: 4\r\n"),
            to: head, has: ["Content-Length: 4\r\n"], closes: false),
        .answerPasses(
            "an answer to HEAD that would be chunked", "RFC 9112, 6.3",
            ok("Transfer-Encoding: chunked\r\n"), to: head, closes: false),
        .answerPasses(
            "a Date is added where there is none", "RFC 9110, 6.6.1", ok("Content-Length: 0\r\n"),
            has: ["\r\nDate: "]),
        .answerPasses(
            "a Date is kept", "RFC 9110, 6.6.1",
            ok("Content-Length: 0\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\n"),
            has: ["Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n"]),
        .answerPasses(
            "chunk sizes with leading zeros", "RFC 9112, 7.1",
            ok("Transfer-Encoding: chunked\r\n", "0004\r\nbody\r\n000\r\n\r\n"),
            has: ["body"], closes: false),
        .answerPasses(
            "a chunk extension", "RFC 9112, 7.1.1",
            ok("Transfer-Encoding: chunked\r\n", "4;a=\"b\"\r\nbody\r\n0\r\n\r\n"),
            has: ["body"], closes: false),
        .answerPasses(
            "blanks around a length", "RFC 9110, 5.5", ok("Content-Length: \t4 \r\n", "body"),
            has: ["\r\n\r\nbody"], closes: false),
    ]

    private static let hops: [ConformanceCase] = [
        .answerPasses(
            "close is for the upstream's connection", "RFC 9110, 7.6.1",
            ok("Content-Length: 0\r\nConnection: close\r\n"), lacks: ["Connection: close"],
            closes: false),
        .answerPasses(
            "Keep-Alive ends here", "RFC 9110, 7.6.1",
            ok("Content-Length: 0\r\nKeep-Alive: timeout=77\r\n"), lacks: ["timeout=77"]),
        .answerPasses(
            "a field that Connection names ends here", "RFC 9110, 7.6.1",
            ok("Content-Length: 0\r\nConnection: X-Hop\r\nX-Hop: secret\r\n"), lacks: ["secret"]),
        .answerPasses(
            "a length cannot be taken away", "RFC 9110, 7.6.1",
            ok("Content-Length: 4\r\nConnection: Content-Length\r\n", "body"),
            has: ["Content-Length: 4\r\n", "\r\n\r\nbody"], closes: false),
        .answerPasses(
            "Proxy-Connection ends here", "RFC 9110, 7.6.1",
            ok("Content-Length: 0\r\nProxy-Connection: close\r\n"), lacks: ["Proxy-Connection"]),
        .answerPasses(
            "an offer to upgrade ends here", "RFC 9110, 7.8",
            ok("Content-Length: 0\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n"), lacks: ["h2c"]),
        .answerPasses(
            "chunks are not for HTTP/1.0", "RFC 9112, 7.1",
            ok("Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n"),
            to: "GET / HTTP/1.0\r\nHost: shop\r\n\r\n", has: ["\r\n\r\nbody"],
            lacks: ["chunked", "0\r\n\r\n"], closes: true),
    ]

    private static let statuses: [ConformanceCase] = [
        .answerPasses(
            "204 has no body", "RFC 9110, 15.3.5", "HTTP/1.1 204 No\r\n\r\n", status: 204,
            closes: false),
        .answerPasses(
            "304 has no body", "RFC 9110, 15.4.5",
            "HTTP/1.1 304 Not\r\nETag: \"a\"\r\nContent-Length: 9\r\n\r\n", status: 304,
            has: ["ETag: \"a\"\r\n"], closes: false),
        .answerPasses(
            "a length of 204 is taken off", "RFC 9110, 8.6",
            "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n", status: 204, lacks: ["Content-Length"]),
        .answerPasses(
            "a coding of 204 is taken off", "RFC 9112, 6.1",
            "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n", status: 204, lacks: ["chunked"]
        ),
        .answerPasses(
            "100 before the answer", "RFC 9110, 15.2.1",
            "HTTP/1.1 100 Continue\r\n\r\n" + ConformanceCase.plainAnswer, has: ["HTTP/1.1 200"]),
        .answerPasses(
            "103 is passed on", "RFC 8297, 2",
            "HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n" + ConformanceCase.plainAnswer,
            has: ["HTTP/1.1 103 Hints\r\n", "Link: </a>\r\n", "HTTP/1.1 200"]),
        .answerPasses(
            "102 three times", "RFC 9110, 15.2",
            String(repeating: "HTTP/1.1 102 P\r\n\r\n", count: 3) + ConformanceCase.plainAnswer,
            has: ["HTTP/1.1 200"]),
        .answerPasses(
            "103 is not for HTTP/1.0", "RFC 9110, 15.2",
            "HTTP/1.1 103 Hints\r\n\r\n" + ConformanceCase.plainAnswer,
            to: "GET / HTTP/1.0\r\nHost: shop\r\n\r\n", has: ["200"], lacks: ["103"]),
        .answerRefused(
            "101 without being asked", "RFC 9110, 15.2.2",
            "HTTP/1.1 101 Switch\r\nUpgrade: poison\r\nConnection: Upgrade\r\n\r\npoison"),
        .answerPasses(
            "101 when asked", "RFC 9110, 7.8",
            "HTTP/1.1 101 Switch\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello",
            to:
                "GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            status: 101, has: ["Upgrade: websocket\r\n"]),
    ]

    private static let twice = plain("/1") + plain("/2")
    private static func plain(_ path: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: shop\r\n\r\n"
    }

    /// More bytes than the answer has: they must not become the answer to somebody else.
    private static let surplus: [ConformanceCase] = [
        (
            "bytes after a length", "RFC 9112, 9.3",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokpoison", 200, twice
        ),
        (
            "an answer that nobody asked for", "RFC 9112, 9.2",
            ConformanceCase.plainAnswer + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
            200, twice
        ),
        (
            "bytes after the last chunk", "RFC 9112, 9.3",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\npoison", 200, twice
        ),
        (
            "a body of 204", "RFC 9110, 15.3.5", "HTTP/1.1 204 No\r\n\r\npoison", 204, twice
        ),
        (
            "a body of 304", "RFC 9110, 15.4.5",
            "HTTP/1.1 304 Not\r\nContent-Length: 6\r\n\r\npoison", 304, twice
        ),
        (
            "a body of an answer to HEAD", "RFC 9110, 9.3.2",
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", 200, head + head
        ),
    ].map { name, section, answer, status, request in
        ConformanceCase(
            name: name, section: section, direction: .answer, request: request, answer: answer,
            outcome: .forwarded(status), answers: 2, clientLacks: ["poison"])
    }
}
