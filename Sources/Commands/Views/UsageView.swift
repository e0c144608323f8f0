import Console

/// Shows a command line that means nothing.
struct UsageView {
    let terminal: Terminal
    let isJSON: Bool

    /// Looks like any other failure, but its code has no page: the message says it all.
    private struct Document: Encodable {
        struct Failure: Encodable {
            var code = "usage"
            var message: String
            var hint: String?
        }

        var schemaVersion = 1
        var type = "failure"
        var failure: Failure
        var production = "not touched by this command"
        var exit = ExitStatus.usage.rawValue
    }

    func show(_ mistake: UsageMistake) -> ExitStatus {
        guard !isJSON else {
            terminal.output.print(
                json: JSONOut.line(
                    Document(failure: .init(message: mistake.message, hint: mistake.hint))))
            return .usage
        }
        terminal.error.print("\("error:", .bad) \(mistake.message)")
        if let hint = mistake.hint { terminal.error.print("  \("hint:", .bold) \(hint)") }
        return .usage
    }
}
