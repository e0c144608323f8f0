/// Asks a person, in a frame of its own that outside text cannot imitate or hide.
package struct Prompt: Sendable {
    package enum Answer: Sendable {
        case yes
        case no
        /// There is nobody to ask. Nothing was printed.
        case notInteractive
    }

    private static let attempts = 3
    private let terminal: Terminal

    package init(on terminal: Terminal) {
        self.terminal = terminal
    }

    /// Yes only if a person types `y` or `yes`. Silence, the end of the input, cancellation and
    /// three answers that are neither yes nor no are a no.
    package func confirm(_ question: Text, details: [Text] = []) async -> Answer {
        await ask(question + " [y/N] ", details: details) { answer in
            switch answer.lowercased() {
            case "y", "yes": .yes
            case "", "n", "no": .no
            default: nil
            }
        }
    }

    /// Yes only if a person types `name`, for what cannot be taken back.
    package func confirm(
        _ question: Text, byTyping name: String, details: [Text] = []
    ) async -> Answer {
        await ask("\(question) Type \(name, .bold) to go on: ", details: details) { answer in
            answer == name ? .yes : .no
        }
    }

    private func ask(
        _ question: Text, details: [Text], understand: (String) -> Answer?
    ) async -> Answer {
        guard terminal.canPrompt else { return .notInteractive }
        openFrame(details)
        for _ in 0..<Self.attempts {
            terminal.error.write(terminal.error.rendered(question))
            guard let line = await terminal.readLine() else {
                terminal.error.write("\n")
                return .no
            }
            if let answer = understand(line.trimmed) { return answer }
            terminal.error.print("Please answer yes or no.")
        }
        return .no
    }

    /// Whatever came before is ended, also a line or a style that was left open.
    private func openFrame(_ details: [Text]) {
        terminal.error.write(terminal.error.allowsColor ? "\u{1b}[0m\n" : "\n")
        terminal.error.print("\("──── bluegreen asks ────", .bold)")
        details.forEach(terminal.error.print)
    }
}

extension String {
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
