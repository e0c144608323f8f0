/// Decides once, from the environment and the flags, what may be sent to a terminal.
struct TerminalPolicy {
    private let allowsEscapes: Bool
    private let allowsInput: Bool
    private let isContinuousIntegration: Bool

    init(environment: [String: String], noColor: Bool, noInput: Bool) {
        func value(_ name: String) -> String { environment[name] ?? "" }
        let isCapable = !["", "dumb"].contains(value("TERM"))
        allowsEscapes = isCapable && !noColor && value("NO_COLOR").isEmpty
        isContinuousIntegration = !["", "0", "false"].contains(value("CI").lowercased())
        allowsInput = !noInput && !isContinuousIntegration
    }

    func allowsColor(isTerminal: Bool) -> Bool {
        isTerminal && allowsEscapes
    }

    /// Redrawing needs escape sequences, and without colour none may be sent.
    func allowsRedrawing(isTerminal: Bool) -> Bool {
        isTerminal && allowsEscapes && !isContinuousIntegration
    }

    func allowsPrompts(inputIsTerminal: Bool, errorIsTerminal: Bool) -> Bool {
        inputIsTerminal && errorIsTerminal && allowsInput
    }
}
