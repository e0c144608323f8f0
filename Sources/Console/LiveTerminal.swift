import Glibc

extension Terminal {
    /// The environment variables that decide how a terminal is used.
    package static let meaningfulVariables = [
        "CI", "COLUMNS", "GITHUB_ACTIONS", "NO_COLOR", "TERM", "TF_BUILD",
    ]

    /// The real terminal of this process. From this call on SIGPIPE is ignored: a reader that
    /// goes away shows as `TerminalStream.Condition.closed` instead of ending the process.
    package static func live(
        environment: [String: String], noColor: Bool = false, noInput: Bool = false
    ) -> Terminal {
        signal(SIGPIPE, SIG_IGN)
        let policy = TerminalPolicy(environment: environment, noColor: noColor, noInput: noInput)
        func stream(_ number: Int32) -> TerminalStream {
            liveStream(Descriptor(number), policy: policy, environment: environment)
        }
        return Terminal(
            output: stream(STDOUT_FILENO), error: stream(STDERR_FILENO),
            canPrompt: policy.allowsPrompts(
                inputIsTerminal: isatty(STDIN_FILENO) == 1,
                errorIsTerminal: isatty(STDERR_FILENO) == 1),
            readLine: {
                Keyboard.dropTypeAhead(of: STDIN_FILENO)
                return await Keyboard.readLine(from: STDIN_FILENO)
            })
    }

    static func liveStream(
        _ descriptor: Descriptor, policy: TerminalPolicy, environment: [String: String]
    ) -> TerminalStream {
        let isTerminal = isatty(descriptor.number) == 1
        let columns = environment["COLUMNS"].flatMap { Int($0) } ?? 80
        return TerminalStream(
            isTerminal: isTerminal,
            allowsColor: policy.allowsColor(isTerminal: isTerminal),
            allowsRedrawing: policy.allowsRedrawing(isTerminal: isTerminal),
            sanitizer: Sanitizer(environment: environment),
            size: {
                guard isTerminal else { return nil }
                return descriptor.size ?? TerminalStream.Size(columns: columns, rows: 24)
            },
            write: { descriptor.write($0) },
            readCondition: { descriptor.condition })
    }
}
