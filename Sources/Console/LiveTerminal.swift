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
        let way = Outlet()
        let isOnePlace = isSamePlace(STDOUT_FILENO, STDERR_FILENO)
        func stream(_ descriptor: Descriptor) -> TerminalStream {
            liveStream(descriptor, policy: policy, environment: environment)
        }
        return Terminal(
            output: stream(Descriptor(STDOUT_FILENO, for: .answer, through: way)),
            error: stream(
                Descriptor(
                    STDERR_FILENO, for: .conversation, through: isOnePlace ? way : Outlet())),
            canPrompt: policy.allowsPrompts(
                inputIsTerminal: isatty(STDIN_FILENO) == 1,
                errorIsTerminal: isatty(STDERR_FILENO) == 1),
            readLine: {
                Keyboard.dropTypeAhead(of: STDIN_FILENO)
                return await Keyboard.readLine(from: STDIN_FILENO)
            })
    }

    /// Where both go to the same terminal or file, a person reads them in the order of time.
    private static func isSamePlace(_ one: Int32, _ other: Int32) -> Bool {
        var (first, second) = (stat(), stat())
        guard fstat(one, &first) == 0, fstat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
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
            send: { descriptor.write($0) }, sendNow: { descriptor.writeNow($0) },
            readIsBehind: { descriptor.isBehind }, readCondition: { descriptor.condition },
            finish: { await descriptor.drain() })
    }
}
