import Testing

@testable import Console

/// What a screen shows after everything that `Progress` sends.
private func screen(after sent: String) -> [String] {
    var lines = [""]
    var row = 0
    var rest = sent[...]
    while let character = rest.first {
        if let match = rest.prefixMatch(of: /\r\e\[(\d+)A\e\[J/) {
            row -= Int(match.1) ?? 0
            lines = Array(lines[..<row]) + [""]
            rest = rest[match.range.upperBound...]
            continue
        }
        if character == "\n" {
            row += 1
            lines.append("")
        } else {
            lines[row].append(character)
        }
        rest = rest.dropFirst()
    }
    return lines
}

struct ProgressOnATerminalTests {
    private let recording = TerminalRecording(isTerminal: true)
    private var shown: [String] {
        screen(after: recording.error.replacing(/\e\[[0-9;]*m/, with: ""))
    }

    @Test func `each item has one live line that is redrawn`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("errors", "errors", detail: "▁▂", at: .zero)
        progress.update("p95", "p95", at: .zero)
        progress.update("errors", "errors", detail: "▁▂▃", at: .milliseconds(100))
        #expect(shown == ["⠙ errors  ▁▂▃", "⠙ p95", ""])
    }

    @Test func `the spinner turns with the time`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("a", "checking", at: .zero)
        progress.tick(at: .milliseconds(250))
        #expect(shown == ["⠹ checking", ""])
    }

    @Test func `a line is printed above the live lines`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("a", "checking", at: .zero)
        progress.line("healthy passed")
        progress.line("suite passed")
        #expect(shown == ["healthy passed", "suite passed", "⠋ checking", ""])
    }

    @Test func `an item that is taken away leaves nothing`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("a", "first", at: .zero)
        progress.update("b", "second", at: .zero)
        progress.remove("a")
        progress.remove("never there")
        #expect(shown == ["⠋ second", ""])
    }

    @Test func `what is printed aside stands above the live lines`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("a", "first", at: .zero)
        progress.aside { recording.terminal.error.print("the answer") }
        #expect(shown == ["the answer", "⠋ first", ""])
    }

    @Test func `a finished item leaves its last words`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("a", "first", at: .zero)
        progress.update("b", "second", at: .zero)
        progress.finish("a", "first passed")
        #expect(shown == ["first passed", "⠋ second", ""])
    }

    @Test func `closing leaves the screen as it was`() {
        let progress = Progress(on: recording.terminal.error)
        progress.line("before")
        progress.update("a", "checking", at: .zero)
        progress.close()
        progress.close()
        #expect(shown == ["before", ""])
    }

    @Test func `a live line never wraps`() {
        let narrow = TerminalRecording(isTerminal: true, columns: 20)
        let progress = Progress(on: narrow.terminal.error)
        progress.update("a", "a headline with\nline breaks 部署 that is long", at: .zero)
        let lines = screen(after: narrow.error.replacing(/\e\[[0-9;]*m/, with: ""))
        #expect(lines == ["⠋ a headline with …", ""])
    }

    @Test func `there are never more live lines than fit`() {
        let low = TerminalRecording(isTerminal: true, rows: 3)
        let progress = Progress(on: low.terminal.error)
        for number in 1...9 { progress.update("\(number)", "item \(number)", at: .zero) }
        let lines = screen(after: low.error.replacing(/\e\[[0-9;]*m/, with: ""))
        #expect(lines == ["⠋ item 8", "⠋ item 9", ""])
    }

    @Test func `escapes from outside are shown in live lines too`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("a", "\("\u{1b}[2Jrelease")", at: .zero)
        #expect(shown == ["⠋ \\u{1b}[2Jrelease", ""])
    }

    @Test func `somebody who reads late is not sent every picture`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("a", "checking", at: .zero)
        recording.setErrorReader(.isBehind)
        progress.tick(at: .milliseconds(250))
        #expect(shown == ["⠋ checking", ""])
        progress.line("healthy passed")
        #expect(shown == ["healthy passed", "⠹ checking", ""])
    }

    @Test func `live lines are found again after a pause in which nobody read`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("a", "first", at: .zero)
        recording.setErrorReader(.hasStopped)
        progress.update("b", "second", at: .zero)
        recording.setErrorReader(.keepsUp)
        progress.tick(at: .zero)
        #expect(shown == ["⠋ first", "⠋ second", ""])
    }

    @Test func `nothing is shown on stdout`() {
        Progress(on: recording.terminal.error).update("a", "checking", at: .zero)
        #expect(recording.output.isEmpty)
    }
}

struct ProgressInALogTests {
    private let recording = TerminalRecording()

    @Test func `a change is a line`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("a", "checking", detail: "1 of 3", at: .zero)
        progress.update("a", "passed", detail: "3 of 3", at: .seconds(1))
        #expect(recording.error == "checking  1 of 3\npassed  3 of 3\n")
    }

    @Test func `without a change there is a line every ten seconds`() {
        let progress = Progress(on: recording.terminal.error)
        for second in 0...25 {
            progress.update("a", "baking", detail: "\(second) s", at: .seconds(second))
        }
        #expect(recording.error == "baking  0 s\nbaking  10 s\nbaking  20 s\n")
    }

    @Test func `what is due is printed with its own news, not with the news of another`() {
        let progress = Progress(on: recording.terminal.error)
        for second in [0, 10] {
            progress.update("a", "errors", detail: "\(second) s", at: .seconds(second))
            progress.update("b", "p95", detail: "\(second) s", at: .seconds(second))
        }
        #expect(recording.error == "errors  0 s\np95  0 s\nerrors  10 s\np95  10 s\n")
    }

    @Test func `a change starts the ten seconds anew`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("a", "one", at: .zero)
        progress.update("a", "two", at: .seconds(9))
        progress.tick(at: .seconds(18))
        #expect(recording.error == "one\ntwo\n")
        progress.tick(at: .seconds(19))
        #expect(recording.error == "one\ntwo\ntwo\n")
    }

    @Test func `lines and last words are printed as they come`() {
        let progress = Progress(on: recording.terminal.error)
        progress.update("a", "checking", at: .zero)
        progress.line("retrying")
        progress.finish("a", "passed")
        progress.tick(at: .seconds(60))
        progress.close()
        #expect(recording.error == "checking\nretrying\npassed\n")
    }

    @Test(arguments: [
        ["TERM": "dumb"], ["TERM": "xterm", "NO_COLOR": "1"],
        ["TERM": "xterm", "CI": "true"],
    ])
    func `a terminal that must not be redrawn gets lines without escapes`(
        environment: [String: String]
    ) {
        let terminal = TerminalRecording(isTerminal: true, environment: environment)
        let progress = Progress(on: terminal.terminal.error)
        progress.update("a", "one", at: .zero)
        progress.update("a", "two", at: .zero)
        progress.close()
        #expect(terminal.error == "one\ntwo\n")
    }
}
