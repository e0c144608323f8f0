import Console
import Contracts
import TestWorld
import Testing

@testable import Commands

@Suite struct StepLinesTests {
    private let recording = TerminalRecording(isTerminal: true)
    private let simulation = Simulation()
    private let start = StepMark(.deploy, 0, "start")

    private var lines: StepLines {
        let stream = recording.terminal.error
        return StepLines(Progress(on: stream), on: stream, time: simulation.time)
    }

    /// What was sent to the terminal since, without colours and cursor movements.
    private func sent(by action: () -> Void) -> String {
        let before = recording.error.count
        action()
        return String(recording.error.dropFirst(before))
            .replacing(/\r\e\[\d+A\e\[J|\e\[[0-9;]*m/, with: "")
    }

    @Test func `a running step shows on a terminal how long it runs`() {
        let lines = lines
        lines.begin(start)
        simulation.advance(by: .seconds(20))
        #expect(sent { lines.tick() } == "⠋   deploy: start  20 s\n")
    }

    @Test func `a running check shows what it answered last`() {
        let lines = lines
        let check = StepMark(.check, 0, "healthy")
        lines.begin(check)
        lines.note("not yet  status 503", of: check)
        simulation.advance(by: .seconds(3))
        #expect(sent { lines.tick() } == "⠋   check: healthy  3.0 s  not yet  status 503\n")
    }

    @Test func `Ctrl-C leaves the line of the step that it stopped`() {
        let lines = lines
        lines.begin(start)
        simulation.advance(by: .milliseconds(2100))
        #expect(sent { lines.stop() } == "  ✗ start  stopped after 2.1 s\n")
        #expect(sent { lines.tick() }.isEmpty)
    }

    @Test func `a step whose end is told elsewhere leaves no line`() {
        let lines = lines
        lines.begin(start)
        #expect(sent { lines.forget(start) }.isEmpty)
        #expect(sent { lines.tick() }.isEmpty)
    }

    @Test func `a step that has ended is not stopped any more`() {
        let lines = lines
        lines.begin(start)
        lines.end(start, "  ✓ start")
        #expect(sent { lines.stop() }.isEmpty)
    }
}
