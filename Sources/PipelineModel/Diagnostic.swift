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
        self.message = Self.printable(message)
        self.hint = hint.map(Self.printable)
    }

    /// Pieces of the file stand in messages, and none may steer a terminal.
    private static func printable(_ text: String) -> String {
        let isControl: (Unicode.Scalar) -> Bool = { $0.value < 0x20 || (0x7F...0x9F) ~= $0.value }
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(
            String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `bluegreen.yaml:12:7: error: unknown key 'haprxy'`
    package var description: String { "\(position): \(severity.rawValue): \(message)" }
}

/// Collects every mistake of one reading, so that a person sees them all at once.
package final class Report: Sendable {
    /// How many errors, and how many warnings, are kept: more than a person reads, and a bound for a
    /// file that is nothing but mistakes.
    package static let limit = 200

    private let found = Mutex<[Diagnostic]>([])

    package init() {}

    /// Remembers `diagnostic`; saying the same twice, or more than `limit`, changes nothing.
    package func add(_ diagnostic: Diagnostic) {
        found.withLock { found in
            let isKnown = found.contains {
                $0.position == diagnostic.position && $0.message == diagnostic.message
            }
            let alike = found.count { $0.severity == diagnostic.severity }
            if !isKnown, alike < Self.limit { found.append(diagnostic) }
        }
    }

    /// `hint` is not looked for where nothing more is kept.
    package func error(
        at position: Position, _ message: String, hint: @autoclosure () -> String? = nil
    ) {
        guard !isFull else { return }
        add(Diagnostic(.error, at: position, message, hint: hint()))
    }

    package func warning(at position: Position, _ message: String, hint: String? = nil) {
        add(Diagnostic(.warning, at: position, message, hint: hint))
    }

    /// Everything found so far, in the order of the file.
    package var diagnostics: [Diagnostic] {
        found.withLock { found in
            found.sorted { ($0.position, $0.message) < ($1.position, $1.message) }
        }
    }

    package var hasErrors: Bool { errorCount > 0 }

    /// Nothing more would be kept, so nothing more needs to be looked for.
    package var isFull: Bool { errorCount >= Self.limit }

    private var errorCount: Int {
        found.withLock { found in found.count { $0.severity == .error } }
    }
}

/// The pipeline cannot be used; `diagnostics` says why, in the order of the file.
package struct InvalidPipeline: Error {
    package let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }
}
