/// The chunks of a request's body, byte by byte.
enum ChunkCases {
    private static func chunks(_ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    }

    private static let section = "RFC 9112, 7.1"

    static let all: [ConformanceCase] = [
        .passes(
            "several chunks", section, chunks("4\r\nbody\r\n1\r\n!\r\n0\r\n\r\n"),
            has: ["body", "!"]),
        .passes(
            "a size with leading zeros", section, chunks("0004\r\nbody\r\n000\r\n\r\n"),
            has: ["body"]),
        .passes(
            "a size in both cases", section,
            chunks("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"), has: ["0123456789"]),
        .passes(
            "an extension is dropped", "RFC 9112, 7.1.1",
            chunks("4;a=b;c=\"d e\"\r\nbody\r\n0;z\r\n\r\n"), has: ["body"]),
        .passes(
            "a blank before an extension", "RFC 9112, 7.1.1", chunks("4 ;a=b\r\nbody\r\n0\r\n\r\n"),
            has: ["body"]),
        .passes(
            "trailers do not become fields", "RFC 9110, 6.5.1",
            chunks("0\r\nX-Sum: 1\r\n\r\n") + "GET /2 HTTP/1.1\r\nHost: shop\r\n\r\n",
            has: ["GET /2 "], answers: 2),
        .passes(
            "a length among the trailers has no effect", "RFC 9110, 6.5.1",
            chunks("4\r\nbody\r\n0\r\nContent-Length: 9\r\n\r\n"), has: ["body"],
            lacks: ["Content-Length: 9"]),
        .passes(
            "a host among the trailers has no effect", "RFC 9110, 6.5.1",
            chunks("0\r\nHost: bank\r\n\r\n"), lacks: ["bank"]),
        .passes("an empty body", section, chunks("0\r\n\r\n"), has: ["0\r\n\r\n"], closes: false),
        .brokenBody("a size with a prefix", section, "0x4\r\nbody\r\n0\r\n\r\n"),
        .brokenBody("a size with a sign", section, "+4\r\nbody\r\n0\r\n\r\n"),
        .brokenBody("a negative size", section, "-1\r\nbody\r\n0\r\n\r\n"),
        .brokenBody("a size that is no number", section, "g\r\nbody\r\n0\r\n\r\n"),
        .brokenBody("a size with an underscore", section, "1_0\r\n0123456789012345\r\n0\r\n\r\n"),
        .brokenBody("a size beyond 64 bits", section, "10000000000000004\r\nbody\r\n0\r\n\r\n"),
        .brokenBody(
            "a size that is the highest negative integer", section,
            "8000000000000000\r\nbody\r\n0\r\n\r\n"),
        .brokenBody(
            "a size that is negative as an integer", section,
            "ffffffffffffffff\r\nbody\r\n0\r\n\r\n"),
        .brokenBody("an empty size", section, "\r\nbody\r\n0\r\n\r\n"),
        .brokenBody("only an extension", section, ";a\r\nbody\r\n0\r\n\r\n"),
        .brokenBody("a blank before a size", section, " 4\r\nbody\r\n0\r\n\r\n"),
        .brokenBody("a blank after a size", section, "4 \r\nbody\r\n0\r\n\r\n"),
        .brokenBody("a bare LF after a size", "RFC 9112, 2.2", "4\nbody\r\n0\r\n\r\n"),
        .brokenBody("a bare CR after a size", "RFC 9112, 2.2", "4\rbody\r\n0\r\n\r\n"),
        .brokenBody(
            "a bare LF in an extension", "RFC 9112, 7.1.1",
            "4;a\nbody\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"),
        .brokenBody("a NUL in an extension", "RFC 9112, 7.1.1", "4;a\u{0}\r\nbody\r\n0\r\n\r\n"),
        .brokenBody(
            "an extension that is too long", "RFC 9112, 7.1.1",
            "4;" + String(repeating: "a", count: 20_000) + "\r\nbody\r\n0\r\n\r\n"),
        .brokenBody("a chunk that is longer than its size", section, "4\r\nbodyX\r\n0\r\n\r\n"),
        .brokenBody("a chunk that ends with a bare LF", "RFC 9112, 2.2", "4\r\nbody\n0\r\n\r\n"),
        .brokenBody(
            "a chunk that ends with two other bytes", section,
            "4\r\nbodyXX0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"),
        .brokenBody(
            "a trailer without a colon", "RFC 9112, 7.1.2", "4\r\nbody\r\n0\r\nX-Sum\r\n\r\n"),
        .brokenBody("a NUL in a trailer", "RFC 9110, 5.5", "4\r\nbody\r\n0\r\nA: \u{0}\r\n\r\n"),
        .brokenBody(
            "trailers that are too large", "RFC 6585, 5",
            "4\r\nbody\r\n0\r\nA: " + String(repeating: "b", count: 200_000) + "\r\n\r\n",
            [431, 400]),
        .brokenBody("a folded trailer", "RFC 9112, 5.2", "4\r\nbody\r\n0\r\nA: b\r\n c\r\n\r\n"),
        .brokenBody(
            "a bare LF after the trailers", "RFC 9112, 2.2",
            "4\r\nbody\r\n0\r\n\nGET /smuggled HTTP/1.1\r\n\r\n"),
    ]
}
