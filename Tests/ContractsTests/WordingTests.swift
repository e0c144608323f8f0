import Contracts
import Testing

@Suite struct WordingTests {
    @Test(arguments: [
        (Duration.zero, "0 ms"), (.microseconds(432), "0.4 ms"), (.microseconds(999), "1 ms"),
        (.milliseconds(12), "12 ms"), (.milliseconds(999), "999 ms"),
        (.microseconds(999_600), "1 s"),
        (.milliseconds(1240), "1.2 s"), (.seconds(59), "59 s"), (.milliseconds(59_970), "1 m"),
        (.seconds(125), "2 m 5 s"), (.seconds(300), "5 m"),
        (.seconds(Int64.max), "16666666666666 m 40 s"),
    ])
    func `a length of time is short to read`(length: Duration, shown: String) {
        #expect(Wording.length(length) == shown)
    }

    @Test(arguments: [
        ("", 4, ""), ("abcd", 4, "abcd"), ("abcde", 4, "abcd…"), ("abcé!", 4, "abc…"),
        ("ab€!", 4, "ab…"), ("a😀!", 4, "a…"), ("abcd€", 4, "abcd…"),
    ])
    func `an excerpt never holds half a character`(text: String, limit: Int, shown: String) {
        #expect(Wording.excerpt(text.utf8, limit: limit) == shown)
    }

    @Test func `bytes that are no text are shown all the same`() {
        #expect(Wording.excerpt([0xFF, 0x80, 0x80, 0x80, 0x80], limit: 4).hasSuffix("…"))
    }

    @Test func `a long line stays whole until secrets are hidden`() {
        let line = String(repeating: "x", count: 3000)
        #expect(Wording.lastLines("a\n\(line)\n", count: 1) == [line])
    }

    @Test func `only lines that say something count`() {
        #expect(Wording.lastLines("a\n\r\nb\n\nc\n", count: 2) == ["b", "c"])
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_203, "1,203"), (100_000, "100,000"), (1_234_567, "1,234,567"),
    ])
    func `thousands are set apart`(number: Int, text: String) {
        #expect(Wording.count(number) == text)
    }
}
