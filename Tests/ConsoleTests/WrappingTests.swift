import Testing

@testable import Console

struct WrappingTests {
    private func printed(_ text: Text, columns: Int, isTerminal: Bool = true) -> String {
        let recording = TerminalRecording(
            isTerminal: isTerminal, environment: ["TERM": "xterm"], columns: columns)
        recording.terminal.output.print(text)
        return recording.output
    }

    @Test func `a long line is broken between words, and what goes on is indented`() {
        #expect(
            printed("  switched in 31 ms (first new 12 ms, 20 probes)", columns: 24) == """
                  switched in 31 ms
                      (first new 12 ms,
                      20 probes)

                """)
    }

    @Test func `what fits, and what was broken already, stays as it is`() {
        let text: Text = "one  two\n\n    three\n"
        #expect(printed(text, columns: 9) == "one  two\n\n    three\n\n")
    }

    @Test func `a word that is too long is not broken by us`() {
        #expect(
            printed("see http://127.0.0.1:8080/version now", columns: 12) == """
                see
                    http://127.0.0.1:8080/version
                    now

                """)
    }

    @Test func `colours go on below`() {
        #expect(
            printed("a \("red words", .warning)", columns: 6)
                == "a \u{1b}[33mred\u{1b}[0m\n   \u{1b}[33mwords\u{1b}[0m\n")
    }

    @Test func `nothing is broken in a pipe`() {
        let line = String(repeating: "long ", count: 50)
        #expect(printed("\(line)", columns: 20, isTerminal: false) == line + "\n")
    }
}
