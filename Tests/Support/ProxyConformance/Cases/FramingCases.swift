/// How long a request's body is: one answer to that, or none.
enum FramingCases {
    private static func post(_ lines: String, _ body: String = "") -> String {
        "POST / HTTP/1.1\r\nHost: shop\r\n" + lines + "\r\n" + body
    }

    private static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n"

    static let all: [ConformanceCase] = lengths + codings

    private static let lengths: [ConformanceCase] = [
        .passes(
            "a length", "RFC 9112, 6.2", post("Content-Length: 4\r\n", "body"),
            has: ["Content-Length: 4\r\n", "\r\n\r\nbody"], closes: false),
        .passes(
            "a length of zero", "RFC 9112, 6.2", post("Content-Length: 0\r\n"),
            has: ["Content-Length: 0\r\n"]),
        .passes(
            "a length with leading zeros", "RFC 9110, 8.6",
            post("Content-Length: 0004\r\n", "body"), has: ["\r\n\r\nbody"]),
        .passes("no length is no body", "RFC 9112, 6.3", post(""), closes: false),
        .passes(
            "what follows a body is the next request", "RFC 9112, 6.3",
            post("Content-Length: 4\r\n", "body") + "GET /2 HTTP/1.1\r\nHost: shop\r\n\r\n",
            has: ["body", "GET /2 HTTP/1.1\r\n"], answers: 2),
        .passes(
            "a body of GET is a body", "RFC 9110, 9.3.1",
            "GET / HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\nbody",
            has: ["Content-Length: 4\r\n", "\r\n\r\nbody"]),
        .passes(
            "a body that looks like a request", "RFC 9112, 6.3",
            post("Content-Length: \(smuggled.utf8.count)\r\n", smuggled), has: [smuggled],
            answers: 1),
        .passes(
            "blanks around a length", "RFC 9110, 5.5", post("Content-Length: \t4 \r\n", "body"),
            has: ["\r\n\r\nbody"]),
        .refused(
            "the same length twice", "RFC 9112, 6.3",
            post("Content-Length: 4\r\nContent-Length: 4\r\n", "body")),
        .refused(
            "the same length twice in one line", "RFC 9112, 6.3",
            post("Content-Length: 4, 4\r\n", "body")),
        .refused(
            "a length with a comma", "RFC 9110, 8.6", post("Content-Length: 4,\r\n", "body")),
        .refused(
            "two lengths", "RFC 9112, 6.3",
            post("Content-Length: 4\r\nContent-Length: 5\r\n", "body1")),
        .refused(
            "two lengths in one line", "RFC 9112, 6.3", post("Content-Length: 4, 5\r\n", "body1")),
        .refused(
            "a length and an empty one", "RFC 9112, 6.3",
            post("Content-Length: 4\r\nContent-Length:\r\n", "body")),
        .refused("a length with a plus", "RFC 9110, 8.6", post("Content-Length: +4\r\n", "body")),
        .refused("a negative length", "RFC 9110, 8.6", post("Content-Length: -1\r\n")),
        .refused("an empty length", "RFC 9110, 8.6", post("Content-Length:\r\n")),
        .refused(
            "a length in hexadecimal", "RFC 9110, 8.6", post("Content-Length: 0x4\r\n", "body")),
        .refused(
            "a length with a fraction", "RFC 9110, 8.6", post("Content-Length: 4.0\r\n", "body")),
        .refused(
            "a length with text", "RFC 9110, 8.6", post("Content-Length: 4 bytes\r\n", "body")),
        .refused(
            "a length with a blank inside", "RFC 9110, 8.6",
            post("Content-Length: 1 0\r\n", "0123456789")),
        .refused(
            "a length beyond 64 bits", "RFC 9110, 8.6",
            post("Content-Length: 99999999999999999999999\r\n", "body"), [400, 413]),
        .refused(
            "a length that wraps around to 4", "RFC 9110, 8.6",
            post("Content-Length: 18446744073709551620\r\n", "body"), [400, 413]),
        .refused(
            "a length in full-width digits", "RFC 9110, 8.6",
            post("Content-Length: \u{EF}\u{BC}\u{94}\r\n", "body")),
    ]

    private static let codings: [ConformanceCase] = [
        .passes(
            "chunked", "RFC 9112, 7.1",
            post("Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n"),
            has: ["Transfer-Encoding: chunked\r\n", "body"], closes: false),
        .passes(
            "chunked in other case", "RFC 9112, 7",
            post("Transfer-Encoding: CHUNKED\r\n", "4\r\nbody\r\n0\r\n\r\n"), has: ["body"]),
        .passes(
            "chunked after a tab", "RFC 9110, 5.5",
            post("Transfer-Encoding:\tchunked\r\n", "4\r\nbody\r\n0\r\n\r\n"), has: ["body"]),
        .refused(
            "a space before the colon of a coding", "RFC 9112, 5.1",
            post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")),
        .refused(
            "chunked, and identity in another line", "RFC 9112, 6.1",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
            [400, 422, 501]),
        .refused(
            "identity before chunked", "RFC 9112, 6.1",
            post("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n"), [400, 422, 501]),
        .refused(
            "chunked after a comma", "RFC 9112, 6.1",
            post("Transfer-Encoding: ,chunked\r\n", "0\r\n\r\n"), [400, 422, 501]),
        .refused(
            "chunked with a NUL", "RFC 9110, 5.5",
            post("Transfer-Encoding: chunked\u{0}\r\n", "0\r\n\r\n")),
        .refused(
            "a length and chunked", "RFC 9112, 6.3",
            post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + smuggled)),
        .refused(
            "chunked and a length", "RFC 9112, 6.3",
            post("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", "0\r\n\r\n" + smuggled)),
        .refused(
            "chunked twice", "RFC 9112, 6.1",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
        .refused(
            "chunked twice in one line", "RFC 9112, 6.1",
            post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), [400, 422, 501]),
        .refused(
            "chunked that is not last", "RFC 9112, 6.3",
            post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), [400, 422, 501]),
        .refused(
            "a coding nobody knows", "RFC 9112, 6.1",
            post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), [400, 422, 501]),
        .refused(
            "identity", "RFC 9112, 6.1", post("Transfer-Encoding: identity\r\n"), [400, 422, 501]),
        .refused(
            "an empty coding", "RFC 9112, 6.1", post("Transfer-Encoding:\r\n"), [400, 422, 501]),
        .refused(
            "gzip before chunked", "RFC 9112, 6.1",
            post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), [400, 422, 501]),
        .refused(
            "chunked in quotes", "RFC 9112, 7",
            post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), [400, 422, 501]),
        .refused(
            "chunked with a parameter", "RFC 9112, 7",
            post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), [400, 422, 501]),
        .refused(
            "chunked after a vertical tab", "RFC 9110, 5.5",
            post("Transfer-Encoding: \u{B}chunked\r\n", "0\r\n\r\n"), [400, 422, 501]),
        .refused(
            "chunked with a trailing comma", "RFC 9112, 6.1",
            post("Transfer-Encoding: chunked,\r\n", "0\r\n\r\n"), [400, 422, 501]),
        .refused(
            "chunked in HTTP/1.0", "RFC 9112, 6.1",
            "POST / HTTP/1.0\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        .passes(
            "a disguised coding is dropped", "RFC 9112, 11.2",
            post("Transfer_Encoding: chunked\r\nContent-Length: 4\r\n", "body"),
            has: ["\r\n\r\nbody"], lacks: ["ransfer_Encoding"]),
        .passes(
            "a disguised length is dropped", "RFC 9112, 11.2",
            post("Content_Length: 99\r\nContent-Length: 4\r\n", "body"), has: ["\r\n\r\nbody"],
            lacks: ["Content_Length"]),
    ]
}
