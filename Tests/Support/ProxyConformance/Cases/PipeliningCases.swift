/// What becomes of the requests before and after one that is refused.
enum PipeliningCases {
    private static let section = "RFC 9112, 9.3.2"

    private static func plain(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: shop\r\n\(fields)\r\n"
    }

    /// The first is answered, the bad one is refused, and what follows it is never read.
    private static func afterAGoodOne(_ name: String, _ bad: String) -> ConformanceCase {
        ConformanceCase(
            name: name, section: section, direction: .request,
            request: plain("/1") + bad + plain("/smuggled"), answer: ConformanceCase.plainAnswer,
            outcome: .forwarded(200), answers: 2, closes: true, upstreamHas: ["GET /1 "],
            upstreamLacks: ["/bad", "/smuggled"], clientHas: ["\r\n\r\nokHTTP/1.1 4"])
    }

    static let all: [ConformanceCase] = [
        .passes(
            "eight at once, answered in order", section,
            (1...8).map { plain("/\($0)") }.joined(), has: ["GET /1 ", "GET /8 "], answers: 8,
            closes: false),
        .passes(
            "nothing is read after close", "RFC 9112, 9.6",
            plain("/1", "Connection: close\r\n") + plain("/smuggled"), has: ["GET /1 "],
            lacks: ["/smuggled"], closes: true),
        .passes(
            "nothing is read after HTTP/1.0", "RFC 9112, 9.3",
            "GET /1 HTTP/1.0\r\nHost: shop\r\n\r\n" + plain("/smuggled"), has: ["GET /1 "],
            lacks: ["/smuggled"], closes: true),
        .passes(
            "an empty line between two", "RFC 9112, 2.2", plain("/1") + "\r\n" + plain("/2"),
            has: ["GET /1 ", "GET /2 "], answers: 2),
        .refused(
            "one after a refused field", section, plain("/bad", "A B: c\r\n") + plain("/smuggled")),
        .refused(
            "one after a refused length", section,
            plain("/bad", "Content-Length: 4, 5\r\n") + plain("/smuggled")),
        .refused(
            "one after a refused coding", section,
            plain("/bad", "Transfer-Encoding: xchunked\r\n") + plain("/smuggled"), [400, 501]),
        afterAGoodOne("a bad line in the middle", "GE(T /bad HTTP/1.1\r\nHost: shop\r\n\r\n"),
        afterAGoodOne("no Host in the middle", "GET /bad HTTP/1.1\r\n\r\n"),
        afterAGoodOne(
            "a length and chunked in the middle",
            "POST /bad HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        .brokenBody(
            "one after a malformed chunk", section, "x\r\n\r\n" + plain("/smuggled")),
        .passes(
            "a request in the body of an upgrade that is refused", "RFC 9110, 7.8",
            "POST /1 HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Content-Length: 4\r\n\r\nbody" + plain("/2"),
            has: ["POST /1 ", "body", "GET /2 "], answers: 2),
    ]
}
