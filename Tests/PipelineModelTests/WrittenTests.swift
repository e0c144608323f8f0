import PipelineModel
import Testing

struct WrittenTests {
    @Test(arguments: [
        ("500ms", 500), ("5m", 300_000), ("1m30s", 90_000), ("1h", 3_600_000), ("2d", 172_800_000),
        ("0s", 0), ("1d1h1m1s1ms", 90_061_001),
    ])
    func `durations are read`(text: String, milliseconds: Int) {
        #expect(Duration(written: text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "5", "s", "-5s", "+5s", "1.5s", "5 m", "30s1m", "1m1m", "5M", "٣s", "1w",
        "9223372036854775807d", "99999999999999999999s", "1e3s", "5m ",
    ])
    func `what is no duration is refused`(text: String) {
        #expect(Duration(written: text) == nil)
    }

    @Test(arguments: ["1", "-1%", "+1%", "nan%", "inf%", "1e2%", "0x10%", "%", ".5%", "5.%", "1 %"])
    func `what is no percentage is refused`(text: String) {
        #expect(Percent(written: text) == nil)
    }

    @Test(arguments: [
        ("0B", 0), ("512B", 512), ("64KB", 65_536), ("10MB", 10 << 20), ("1GB", 1 << 30),
    ])
    func `sizes are powers of 1024`(text: String, bytes: Int) {
        #expect(ByteCount.parse(text) == bytes)
    }

    @Test(arguments: ["10", "-1B", "+1KB", "-0B", "1.5MB", "9223372036854775807GB", "MB", "10mb"])
    func `what is no size is refused`(text: String) {
        #expect(ByteCount.parse(text) == nil)
    }

    @Test(arguments: [("50/s", 50.0), ("0.5/s", 0.5)])
    func `rates are read`(text: String, rate: Double) {
        #expect(Rate.parse(text) == rate)
    }

    @Test(arguments: ["0/s", "-1/s", "nan/s", "1/m", "/s", "1e9/s"])
    func `what is no rate is refused`(text: String) {
        #expect(Rate.parse(text) == nil)
    }

    @Test(arguments: ["0 of 5", "6 of 5", "3", "3 of", "3of5", "+3 of -5", "3 of 1001", "a of b"])
    func `what is no count is refused`(text: String) {
        #expect(CountOf(written: text) == nil)
    }

    @Test(arguments: [
        ("< 1%", Threshold.Relation.less, Threshold.Bound.value(0.01)),
        (">= 0.95", .greaterOrEqual, .value(0.95)), ("<300ms", .less, .value(0.3)),
        ("<= 1.2x baseline", .lessOrEqual, .timesBaseline(1.2)), ("== 0", .equal, .value(0)),
        ("> -5", .greater, .value(-5)), ("< 10MB", .less, .value(10_485_760)),
    ])
    func `bounds are read in base units`(
        text: String, relation: Threshold.Relation, bound: Threshold.Bound
    ) {
        let threshold = Threshold(written: text)
        #expect(threshold?.relation == relation)
        #expect(threshold?.bound == bound)
        #expect(threshold?.written == text)
    }

    @Test(arguments: [
        "", "1%", "<", "=< 1", "<> 1", "< nan", "< infx baseline", "< 0x baseline",
        "< -1x baseline", "< x baseline", "< 1 x baseline", "!= 1", "< -1%", "< 1 2",
    ])
    func `what is no bound is refused`(text: String) {
        #expect(Threshold(written: text) == nil)
    }

    @Test(arguments: [
        "ftp://h", "h:80", "http://", "http://:80", "http://a@h", "http://a:b@h", "http://h:65536",
        "http://h:-1", "http://h:", "http://h/ x", "http://h\\@x", "http://h#f", "http://::1",
        "http://h\n", "//h", "http://[]", "http://?x@h",
    ])
    func `what is no web address is refused`(text: String) {
        #expect(throws: WebAddress.Mistake.self) { try WebAddress(text) }
    }

    @Test func `a web address is compared by what it reaches`() throws {
        #expect(
            try WebAddress("HTTPS://Shop.Example/a") == WebAddress("https://shop.example:443/a"))
        #expect(try WebAddress("http://[::1]:8080/?x=a@b").host == "[::1]")
        #expect(try WebAddress.base("http://h:1/p//") == "http://h:1/p")
        #expect(throws: WebAddress.Mistake.notABase) { try WebAddress.base("http://h?x") }
    }

    @Test(arguments: [
        ("haprxy", "haproxy"), ("nmae", "name"), ("timout", "timeout"), ("ur", "url"),
    ])
    func `a slip of the finger is recognised`(written: String, meant: String) {
        let known = ["haproxy", "name", "timeout", "url", "run"]
        #expect(Suggestion.nearest(to: written, among: known) == meant)
    }

    @Test(arguments: ["elephant", "", "xyz"])
    func `another word is not forced into a known one`(written: String) {
        #expect(Suggestion.nearest(to: written, among: ["haproxy", "name", "timeout"]) == nil)
    }
}
