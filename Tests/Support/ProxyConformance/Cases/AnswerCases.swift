/// What an upstream may answer, and what a gateway must not pass on.
enum AnswerCases {
    private static func ok(_ lines: String, _ body: String = "") -> String {
        "HTTP/1.1 200 OK\r\n" + lines + "\r\n" + body
    }

    private static let head = "HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n"

    static let all: [ConformanceCase] = valid + hops + statuses + malformed + cutOff

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

    private static let malformed: [ConformanceCase] = [
        .answerRefused("no HTTP at all", "RFC 9112, 4", "poison\r\n\r\n"),
        .answerRefused("version 2", "RFC 9112, 2.3", "HTTP/2.0 200 OK\r\nX: poison\r\n\r\n"),
        .answerRefused(
            "a version in lower case", "RFC 9112, 2.3", "http/1.1 200 OK\r\nX: poison\r\n\r\n"),
        .answerRefused(
            "a status of two digits", "RFC 9112, 4", "HTTP/1.1 20 OK\r\nX: poison\r\n\r\n"),
        .answerRefused(
            "a status of four digits", "RFC 9112, 4", "HTTP/1.1 2000 OK\r\nX: poison\r\n\r\n"),
        .answerRefused(
            "a status that is no number", "RFC 9112, 4", "HTTP/1.1 2x0 OK\r\nX: poison\r\n\r\n"),
        .answerRefused(
            "a status below 100", "RFC 9110, 15", "HTTP/1.1 099 OK\r\nX: poison\r\n\r\n"),
        .answerRefused(
            "a NUL in the phrase", "RFC 9112, 4", "HTTP/1.1 200 O\u{0}K\r\nX: poison\r\n\r\n"),
        .answerRefused(
            "a space before the colon", "RFC 9112, 5.1", ok("X : poison\r\nContent-Length: 0\r\n")),
        .answerRefused(
            "a folded line", "RFC 9112, 5.2", ok("X: a\r\n poison\r\nContent-Length: 0\r\n")),
        .answerRefused(
            "a bare LF", "RFC 9112, 2.2", "HTTP/1.1 200 OK\nX: poison\r\nContent-Length: 0\r\n\r\n"),
        .answerRefused(
            "a NUL in a value", "RFC 9110, 5.5", ok("X: poison\u{0}\r\nContent-Length: 0\r\n")),
        .answerRefused(
            "a bare CR in a value", "RFC 9112, 2.2",
            ok("X: a\rSet-Cookie: poison\r\nContent-Length: 0\r\n")),
        .answerRefused("an empty name", "RFC 9112, 5", ok(": poison\r\nContent-Length: 0\r\n")),
        .answerRefused(
            "two lengths", "RFC 9112, 6.3",
            ok("Content-Length: 4\r\nContent-Length: 6\r\n", "poison")),
        .answerRefused(
            "a length and chunks", "RFC 9112, 6.3",
            ok("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\npoison")),
        .answerRefused(
            "a length that is no number", "RFC 9110, 8.6", ok("Content-Length: +6\r\n", "poison")),
        .answerRefused(
            "a coding nobody knows", "RFC 9112, 6.1",
            ok("Transfer-Encoding: xchunked\r\n", "poison")),
        .answerRefused(
            "chunked that is not last", "RFC 9112, 6.3",
            ok("Transfer-Encoding: chunked, gzip\r\n", "poison")),
        .answerRefused(
            "chunks in HTTP/1.0", "RFC 9112, 6.1",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\npoison"),
        .answerRefused(
            "a head that is too large", "RFC 9110, 5.4",
            ok("X: poison" + String(repeating: "b", count: 200_000) + "\r\nContent-Length: 0\r\n")),
        .answerRefused(
            "a head that ends in the middle", "RFC 9112, 8", "HTTP/1.1 200 OK\r\nX: poi"),
        .answerRefused("nothing at all", "RFC 9110, 15.6.3", ""),
    ]

    private static let cutOff: [ConformanceCase] = [
        .answerCutOff(
            "a body shorter than its length", "RFC 9112, 8", ok("Content-Length: 10\r\n", "body")),
        .answerCutOff(
            "no last chunk", "RFC 9112, 8", ok("Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n")),
        .answerCutOff(
            "a chunk cut short", "RFC 9112, 8", ok("Transfer-Encoding: chunked\r\n", "8\r\nbody")),
        .answerCutOff(
            "a malformed chunk size", "RFC 9112, 7.1",
            ok("Transfer-Encoding: chunked\r\n", "4\r\nbody\r\nx\r\n\r\n")),
        .answerCutOff(
            "a chunk longer than its size", "RFC 9112, 7.1",
            ok("Transfer-Encoding: chunked\r\n", "4\r\nbodyX\r\n0\r\n\r\n")),
        .answerCutOff(
            "trailers cut short", "RFC 9112, 8",
            ok("Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\nX: 1\r\n")),
    ]
}
