import Console
import Contracts
import RunEngine

extension Session {
    /// Says which names recorded addresses stood in for, unless the resolver says the same by now.
    func warnOfNames() async {
        guard !output.quiet else { return }
        for words in await lateNames(patience: .zero).warnings { warn(words) }
    }

    func warn(_ what: String) {
        terminal.error.print("\("warning:", .warning) \(advice(what))")
    }

    /// Whether a name leads elsewhere than where it was asked; waits for a slow resolver.
    func haveNamesMoved() async -> Bool {
        await !lateNames(patience: LateNames.patience).moved.isEmpty
    }

    func lateNames(patience: Duration) async -> LateNames {
        await LateNames(world.names, patience: patience, stop: stop)
    }
}

extension LateNames {
    /// For a person; none where the resolver says the same by now.
    var warnings: [String] {
        names.filter { !$0.isConfirmed }.map(\.warning)
    }
}

extension LateNames.Name {
    fileprivate var warning: String {
        let addresses = recorded.joined(separator: ", ")
        guard hasMoved else {
            return "\(name) is not resolved in time; taken from the record, and perhaps not its"
                + " address any more: \(addresses)"
        }
        return "\(name) is \(resolved.joined(separator: ", ")); before that was known, its recorded"
            + " address was used: \(addresses)"
    }
}
