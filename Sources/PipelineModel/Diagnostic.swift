import Synchronization

/// One mistake in a pipeline file: where, what, and what to do about it.
package struct Diagnostic: Hashable, Sendable {
    package enum Severity: String, Sendable {
        case error
        case warning
    }

    package let severity: Severity
    package let position: Position
    /// Lower case, no full stop: `unknown key 'haprxy'`.
    package let message: String
    /// What would be right: `did you mean 'haproxy'?`
    package let hint: String?

    package init(
        _ severity: Severity = .error, at position: Position, _ message: String, hint: String? = nil
    ) {
        self.severity = severity
        self.position = position
        self.message = message
        self.hint = hint
    }
}

/// Collects every mistake of one reading, so that a person sees them all at once.
package final class Report: Sendable {
    private let found = Mutex<[Diagnostic]>([])

    package init() {}

    package func add(_ diagnostic: Diagnostic) {
        found.withLock { if !$0.contains(diagnostic) { $0.append(diagnostic) } }
    }

    package func error(at position: Position, _ message: String, hint: String? = nil) {
        add(Diagnostic(.error, at: position, message, hint: hint))
    }

    package func warning(at position: Position, _ message: String, hint: String? = nil) {
        add(Diagnostic(.warning, at: position, message, hint: hint))
    }

    /// Everything found so far, in the order of the file.
    package var diagnostics: [Diagnostic] {
        found.withLock { $0.sorted { $0.position < $1.position } }
    }

    package var hasErrors: Bool {
        found.withLock { $0.contains { $0.severity == .error } }
    }
}

/// The pipeline cannot be used; `diagnostics` says why, in the order of the file.
package struct InvalidPipeline: Error {
    package let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }
}
