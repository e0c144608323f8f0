import Testing

@testable import Console

struct SourceSnippetTests {
    private func printed(
        _ source: String?, line: Int = 1, column: Int, severity: String = "error",
        hint: String? = nil, isTerminal: Bool = false
    ) -> String {
        let recording = TerminalRecording(isTerminal: isTerminal)
        let snippet = SourceSnippet(
            severity, file: "bluegreen.yaml", line: line, column: column,
            message: "unknown key 'haprxy'", hint: hint)
        let lines = source.map(SourceSnippet.lines) ?? []
        recording.terminal.error.print(snippet.text(source: lines))
        return recording.error
    }

    @Test func `a mistake is shown in its line with a caret and a hint`() {
        #expect(
            printed(
                "service: shop\nrouter:\n  haprxy:\n", line: 3, column: 3,
                hint: "did you mean 'haproxy'?") == """
                    bluegreen.yaml:3:3: error: unknown key 'haprxy'
                        haprxy:
                        ^
                      hint: did you mean 'haproxy'?

                    """)
    }

    @Test func `tabs are kept so that the caret jumps as far`() {
        #expect(printed("\ta\t:x", column: 4).hasSuffix("  \ta\t:x\n  \t \t^\n"))
    }

    @Test func `the caret stands right behind wide and escaped characters`() {
        #expect(printed("部\u{1b}x", column: 3).hasSuffix("  部\\u{1b}x\n          ^\n"))
    }

    @Test func `lines end as YAML says`() {
        let shown = printed("a\r\nb\rc\n", line: 3, column: 1)
        #expect(shown.hasSuffix("  c\n  ^\n"))
    }

    @Test(arguments: [nil, "", "one line", "\n\n\n"])
    func `without such a line only the message is shown`(source: String?) {
        #expect(
            printed(source, line: 3, column: 1)
                == "bluegreen.yaml:3:1: error: unknown key 'haprxy'\n")
    }

    @Test func `a column beyond the line points behind its end`() {
        #expect(printed("ab", column: 9).hasSuffix("  ab\n    ^\n"))
    }

    @Test func `of a long line the surroundings are shown`() {
        let line = String(repeating: "x", count: 1000) + "!" + String(repeating: "y", count: 1000)
        let shown = printed(line, column: 1001).split(separator: "\n")
        #expect(shown[1].count == 2 + 1 + 160 + 1)
        #expect(shown[1].hasPrefix("  …x") && shown[1].hasSuffix("y…"))
        #expect(shown[1].prefix { $0 != "!" }.count == shown[2].prefix { $0 != "^" }.count)
    }

    @Test func `an error is red and a warning yellow`() {
        #expect(printed("x", column: 1, isTerminal: true).contains("\u{1b}[91;1merror\u{1b}[0m"))
        #expect(
            printed("x", column: 1, severity: "warning", isTerminal: true)
                .contains("\u{1b}[33mwarning\u{1b}[0m"))
    }
}
