import Testing

@testable import LiveWorld

@Suite struct LineSplitterTests {
    private func lines(_ chunks: [String]) -> [String] {
        var lines: [String] = []
        var splitter = LineSplitter { text, _ in lines.append(text) }
        for chunk in chunks { Array(chunk.utf8).withUnsafeBytes { splitter.feed($0) } }
        splitter.finish()
        return lines
    }

    @Test(arguments: [
        (["a\nb\n"], ["a", "b"]), (["a", "b\nc"], ["ab", "c"]), (["\n\n"], ["", ""]),
        (["a\r", "\nb\rc\n"], ["a", "b\rc"]), ([""], []),
        (["a\u{85}b\u{2028}c\n"], ["a\u{85}b\u{2028}c"]),
    ])
    func `lines end at line feeds only`(chunks: [String], expected: [String]) {
        #expect(lines(chunks) == expected)
    }

    @Test func `a long line comes in pieces that lose nothing`() {
        let pieces = lines([String(repeating: "x", count: 40_000) + "\nend"])
        #expect(pieces.map(\.count) == [16384, 16384, 7232, 3])
    }

    @Test func `a piece says that its line goes on`() {
        var continued: [Bool] = []
        var splitter = LineSplitter { continued.append($1) }
        let line = Array((String(repeating: "x", count: 40_000) + "\nend").utf8)
        line.withUnsafeBytes { splitter.feed($0) }
        splitter.finish()
        #expect(continued == [true, true, false, false])
    }

    @Test(arguments: 0..<4)
    func `no character is cut in two`(offset: Int) {
        let line = String(repeating: "x", count: offset) + String(repeating: "🚀", count: 9000)
        #expect(lines([line]).joined() == line)
    }

    @Test func `bytes that are no characters hold nothing up`() {
        var count = 0
        var splitter = LineSplitter { text, _ in count += text.unicodeScalars.count }
        let line = [UInt8](repeating: 0x80, count: 40_000)
        line.withUnsafeBytes { splitter.feed($0) }
        splitter.finish()
        #expect(count == 40_000)
    }
}
