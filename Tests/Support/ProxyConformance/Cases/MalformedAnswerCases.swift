/// Answers that a gateway must not pass on, or not as a whole.
enum MalformedAnswerCases {
    private static func ok(_ lines: String, _ body: String = "") -> String {
        "HTTP/1.1 200 OK\r\n" + lines + "\r\n" + body
    }

    static let all: [ConformanceCase] = heads + lengths + cutOff

    private static let heads: [ConformanceCase] = [
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
            "bare LF everywhere", "RFC 9112, 2.2",
            "HTTP/1.1 200 OK\nX: poison\nContent-Length: 0\n\n"),
        .answerRefused(
            "a line without a colon", "RFC 9112, 5", ok("poison\r\nContent-Length: 0\r\n")),
        .answerRefused(
            "a space in a name", "RFC 9110, 5.1", ok("X Y: poison\r\nContent-Length: 0\r\n")),
        .answerRefused(
            "a space before the first field", "RFC 9112, 2.2",
            ok(" X: poison\r\nContent-Length: 0\r\n")),
        .answerRefused(
            "a status above 599", "RFC 9110, 15",
            "HTTP/1.1 600 No\r\nX: poison\r\nContent-Length: 0\r\n\r\n"),
        .answerRefused(
            "too many fields", "RFC 9110, 5.4",
            ok(
                (0..<2000).map { "A\($0): poison\r\n" }.joined() + "Content-Length: 0\r\n")),
        .answerRefused(
            "a head that is too large", "RFC 9110, 5.4",
            ok("X: poison" + String(repeating: "b", count: 200_000) + "\r\nContent-Length: 0\r\n")),
        .answerRefused(
            "a head that ends in the middle", "RFC 9112, 8", "HTTP/1.1 200 OK\r\nX: poi"),
        .answerRefused("nothing at all", "RFC 9110, 15.6.3", ""),
    ]

    private static let lengths: [ConformanceCase] = [
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
            "the same length twice", "RFC 9112, 6.3",
            ok("Content-Length: 6\r\nContent-Length: 6\r\n", "poison")),
        .answerRefused(
            "the same length twice in one line", "RFC 9110, 8.6",
            ok("Content-Length: 6, 6\r\n", "poison")),
        .answerRefused(
            "a negative length", "RFC 9110, 8.6", ok("Content-Length: -1\r\n", "poison")),
        .answerRefused("an empty length", "RFC 9110, 8.6", ok("Content-Length:\r\n", "poison")),
        .answerRefused(
            "a length in hexadecimal", "RFC 9110, 8.6", ok("Content-Length: 0x6\r\n", "poison")),
        .answerRefused(
            "a length beyond 64 bits", "RFC 9110, 8.6",
            ok("Content-Length: 18446744073709551622\r\n", "poison")),
        .answerRefused(
            "chunked twice", "RFC 9112, 6.1",
            ok("Transfer-Encoding: chunked, chunked\r\n", "6\r\npoison\r\n0\r\n\r\n")),
        .answerRefused(
            "chunked, then identity", "RFC 9112, 6.1",
            ok("Transfer-Encoding: chunked, identity\r\n", "6\r\npoison\r\n0\r\n\r\n")),
        .answerRefused(
            "identity", "RFC 9112, 6.1", ok("Transfer-Encoding: identity\r\n", "poison")),
        .answerRefused(
            "a space before the colon of a coding", "RFC 9112, 5.1",
            ok("Transfer-Encoding : chunked\r\nX: poison\r\n", "0\r\n\r\n")),
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
        .answerCutOff(
            "a chunk size beyond 64 bits", "RFC 9112, 7.1",
            ok("Transfer-Encoding: chunked\r\n", "10000000000000004\r\nbody\r\n0\r\n\r\n")),
        .answerCutOff(
            "a chunk size with a sign", "RFC 9112, 7.1",
            ok("Transfer-Encoding: chunked\r\n", "+4\r\nbody\r\n0\r\n\r\n")),
        .answerCutOff(
            "a chunk size with a prefix", "RFC 9112, 7.1",
            ok("Transfer-Encoding: chunked\r\n", "0x4\r\nbody\r\n0\r\n\r\n")),
        .answerCutOff(
            "a chunk that ends with a bare LF", "RFC 9112, 2.2",
            ok("Transfer-Encoding: chunked\r\n", "4\r\nbody\n0\r\n\r\n")),
        .answerCutOff(
            "a bare LF after a chunk size", "RFC 9112, 2.2",
            ok("Transfer-Encoding: chunked\r\n", "4\nbody\r\n0\r\n\r\n")),
        .answerCutOff(
            "a chunk extension that is too long", "RFC 9112, 7.1.1",
            ok(
                "Transfer-Encoding: chunked\r\n",
                "4;" + String(repeating: "a", count: 20_000) + "\r\nbody\r\n0\r\n\r\n")),
        .answerCutOff(
            "a trailer without a colon", "RFC 9112, 7.1.2",
            ok("Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\nX-Sum\r\n\r\n")),
    ]
}
