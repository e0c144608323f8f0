import Testing

@testable import LiveWorld

@Suite struct BoundedCaptureTests {
    private func text(_ chunks: [String]) -> String {
        var capture = BoundedCapture()
        for chunk in chunks { Array(chunk.utf8).withUnsafeBytes { capture.append($0) } }
        return capture.text
    }

    @Test func `little is kept whole`() {
        #expect(text(["one ", "two"]) == "one two")
        #expect(text([]).isEmpty)
    }

    @Test func `of much the beginning and the end are kept`() {
        let text = text(
            ["begin"] + Array(repeating: String(repeating: "x", count: 999), count: 999) + ["end"])
        #expect(text.hasPrefix("beginx"))
        #expect(text.hasSuffix("xend"))
        #expect(text.utf8.count <= 64 << 10)
        #expect(text.contains("x…\n[932537 bytes left out]\n…x"))
    }
}
