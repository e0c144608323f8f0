import Testing

@testable import Console

struct TerminalStreamTests {
    private let screen = TerminalRecording(isTerminal: true)
    private let pipe = TerminalRecording()

    @Test func `a style is drawn on a terminal`() {
        screen.terminal.output.print("live: \("green", .green)")
        #expect(screen.output == "live: \u{1b}[32mgreen\u{1b}[0m\n")
    }

    @Test(arguments: Style.allCases)
    func `every style begins with its codes and ends with a reset`(style: Style) {
        screen.terminal.output.print(Text("x", style))
        #expect(screen.output.wholeMatch(of: /\e\[[0-9;]+mx\e\[0m\n/) != nil)
    }

    @Test(arguments: Style.allCases)
    func `no style reaches a pipe`(style: Style) {
        pipe.terminal.output.print(Text("x", style))
        pipe.terminal.error.print(Text("x", style))
        #expect(pipe.transcript == "x\nx\n")
    }

    @Test func `no style reaches a terminal that asked for none`() {
        let quiet = TerminalRecording(
            isTerminal: true, environment: ["TERM": "xterm", "NO_COLOR": "1"])
        quiet.terminal.output.print(Text("x", .bad))
        #expect(quiet.output == "x\n")
    }

    @Test func `escapes from outside are shown, also inside a style`() {
        screen.terminal.output.print("release \("\u{1b}[2J\u{202e}2.8.0", .bold)")
        #expect(screen.output == "release \u{1b}[1m\\u{1b}[2J\\u{202e}2.8.0\u{1b}[0m\n")
    }

    @Test func `a value from outside cannot begin a line of its own`() {
        pipe.terminal.output.print("release \("1\nproduction is safe") on blue")
        #expect(pipe.output == "release 1\\nproduction is safe on blue\n")
    }

    @Test func `the output of a tool keeps its lines`() {
        pipe.terminal.error.print(Text(lines: "one\ntwo\r"))
        #expect(pipe.error == "one\ntwo\\u{d}\n")
    }

    @Test func `a text inside a text keeps its styles`() {
        let state: Text = "\("blue", .blue) is live"
        screen.terminal.output.print("shop: \(state).")
        #expect(screen.output == "shop: \u{1b}[94mblue\u{1b}[0m is live.\n")
    }

    @Test func `lines of a log are masked and defused like everything else`() {
        let terminal = pipe.terminal.hiding(Masker(secrets: ["swordfish"]))
        terminal.output.printNow(json: "{\"a\":\"swordfish\"}\n{\"b\":\"\u{1b}\"}\n")
        #expect(pipe.output == "{\"a\":\"***\"}\n{\"b\":\"\\u001b\"}\n")
    }

    @Test func `texts are joined by lines`() {
        pipe.terminal.output.print(["a", "b" + "c", "d"].joined())
        #expect(pipe.output == "a\nbc\nd\n")
    }

    @Test func `a workflow command is defused wherever it comes from`() {
        let log = TerminalRecording(environment: ["GITHUB_ACTIONS": "true"])
        log.terminal.error.print("\(":"):error::\("x")")
        log.terminal.output.print(json: ###"{"a":"##[error]"}"###)
        #expect(log.transcript == "| ::error::x\n{\"a\":\"#\\u0023[error]\"}\n")
    }

    @Test func `secrets are hidden in text, tables and JSON`() {
        let terminal = pipe.terminal.hiding(Masker(secrets: ["pass\nword\"1"]))
        var table = Table(["KEY"], whenEmpty: "none")
        table.add(["\("pass\nword\"1")"])
        terminal.output.print("a \("pass\nword\"1") b")
        terminal.output.print(table)
        terminal.output.print(json: #"{"a":"pass\nword\"1"}"#)
        #expect(pipe.output == "a *** b\nKEY\n***\n{\"a\":\"***\"}\n")
    }

    @Test func `JSON carries no ANSI byte, also on a terminal`() {
        screen.terminal.output.print(json: "{\"a\":\"\u{7f}\u{9b}31m\"}")
        #expect(screen.output == "{\"a\":\"\\u007f\\u009b31m\"}\n")
    }

    @Test func `nothing is written once the reader is gone`() {
        pipe.endOutput(as: .closed)
        pipe.terminal.output.print("lost")
        #expect(pipe.output.isEmpty)
        #expect(pipe.terminal.output.condition == .closed)
        #expect(pipe.terminal.error.condition == .open)
    }

    @Test func `a transcript keeps the order of both streams`() {
        pipe.terminal.error.print("asking")
        pipe.terminal.output.print("answer")
        #expect(pipe.transcript == "asking\nanswer\n")
        #expect(pipe.output == "answer\n")
        #expect(pipe.error == "asking\n")
    }
}
