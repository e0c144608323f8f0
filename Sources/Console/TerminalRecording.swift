import Synchronization

/// A terminal for tests: remembers what was printed and answers prompts from a list.
package final class TerminalRecording: Sendable {
    package enum Source: Sendable {
        case output
        case error
        case input
    }

    /// How well stderr is read.
    enum Reader {
        case keepsUp
        case isBehind
        /// So much waits already that nothing more is taken.
        case hasStopped
    }

    private struct State {
        var reader = Reader.keepsUp
        var entries: [(source: Source, text: String)] = []
        var answers: [String]
        var outputCondition = TerminalStream.Condition.open
        var readOutput: @Sendable () async -> Void = {}
    }

    private let state: Mutex<State>
    private let isTerminal: Bool
    private let environment: [String: String]
    private let size: TerminalStream.Size
    private let policy: TerminalPolicy

    /// Follows the same rules about colour, redrawing and prompts as the real terminal.
    /// `answers` are what a person types, one line for each time that a line is read.
    package init(
        isTerminal: Bool = false, environment: [String: String] = ["TERM": "xterm"],
        columns: Int = 80, rows: Int = 24, answers: [String] = []
    ) {
        state = Mutex(State(answers: answers))
        self.isTerminal = isTerminal
        self.environment = environment
        size = TerminalStream.Size(columns: columns, rows: rows)
        policy = TerminalPolicy(environment: environment, noColor: false, noInput: false)
    }

    package var terminal: Terminal {
        Terminal(
            output: stream(.output), error: stream(.error),
            canPrompt: policy.allowsPrompts(
                inputIsTerminal: isTerminal, errorIsTerminal: isTerminal),
            readLine: { self.nextAnswer() })
    }

    package var output: String { text(of: [.output]) }
    package var error: String { text(of: [.error]) }
    /// Both streams and what was typed, in the order of time: what a person sees.
    package var transcript: String { text(of: [.output, .error, .input]) }
    package var remainingAnswers: [String] { state.withLock(\.answers) }

    /// From now on stdout behaves as if its reader had gone away or the disk were full.
    package func endOutput(as condition: TerminalStream.Condition) {
        state.withLock { $0.outputCondition = condition }
    }

    /// What the reader of stdout does until it has everything.
    package func whileOutputIsRead(_ read: @escaping @Sendable () async -> Void) {
        state.withLock { $0.readOutput = read }
    }

    func setErrorReader(_ reader: Reader) {
        state.withLock { $0.reader = reader }
    }

    private func stream(_ source: Source) -> TerminalStream {
        TerminalStream(
            isTerminal: isTerminal,
            allowsColor: policy.allowsColor(isTerminal: isTerminal),
            allowsRedrawing: policy.allowsRedrawing(isTerminal: isTerminal),
            sanitizer: Sanitizer(environment: environment),
            size: { self.isTerminal ? self.size : nil },
            send: { self.record($0, from: source) }, sendNow: { self.record($0, from: source) },
            readIsBehind: { source == .error && self.errorReader != .keepsUp },
            readCondition: { self.condition(of: source) },
            finish: { if source == .output { await self.state.withLock(\.readOutput)() } })
    }

    private func condition(of source: Source) -> TerminalStream.Condition {
        source == .output ? state.withLock(\.outputCondition) : .open
    }

    private var errorReader: Reader { state.withLock(\.reader) }

    @discardableResult
    private func record(_ text: String, from source: Source) -> Bool {
        let isTaken = source != .error || errorReader != .hasStopped
        guard condition(of: source) == .open, isTaken else { return false }
        state.withLock { $0.entries.append((source, text)) }
        return true
    }

    private func nextAnswer() -> String? {
        let answer = state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() }
        if let answer { record(answer + "\n", from: .input) }
        return answer
    }

    private func text(of sources: Set<Source>) -> String {
        state.withLock { state in
            state.entries.filter { sources.contains($0.source) }.map(\.text).joined()
        }
    }
}
