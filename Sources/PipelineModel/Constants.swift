import Synchronization

/// What `${env.X}` and `${var.X}` mean: the same during a whole run.
///
/// Every environment value that was asked for counts as a secret from then on.
package final class Constants: Sendable {
    private let environment: @Sendable (String) -> String?
    private let variables: [String: String]
    private let revealed = Mutex<Set<String>>([])

    package init(
        variables: [String: String] = [:],
        environment: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.variables = variables
        self.environment = environment
    }

    package subscript(name: String) -> String? {
        if name.hasPrefix("var.") { return variables[String(name.dropFirst(4))] }
        guard name.hasPrefix("env.") else { return nil }
        guard let value = environment(String(name.dropFirst(4))) else { return nil }
        _ = revealed.withLock { $0.insert(value) }
        return value
    }

    /// Values to mask in every sink.
    package var secrets: Set<String> { revealed.withLock { $0 } }
}
