import Testing

@testable import LiveWorld

@Suite struct LineSplitterTests {
    private func lines(_ chunks: [String]) -> [String] {
        var lines: [String] = []
        var splitter = LineSplitter { lines.append($0) }
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
}
