package import PipelineModel

/// One command of a step: made ready, run, and worded where it ends badly.
package struct CommandCall: Sendable {
    private let command: Command
    private let processes: Processes

    /// Reads the command under `key`; `nil` where there is none or it was reported as wrong.
    ///
    /// `names` are the only ones that have a value where it runs; without them, those of a step.
    package init?(
        _ step: Section, _ key: String, names: Set<String>? = nil, world: World
    ) {
        guard let command = step.command(key) else { return nil }
        switch command {
        case .shell(let script):
            guard !script.allSatisfy(\.isWhitespace) else {
                step.report.error(at: step.position(of: key), "'\(key)' names no program")
                return nil
            }
            if names == nil { ScriptNames(script, of: step).report(at: step.position(of: key)) }
        case .vector(let elements):
            guard elements.first?.parts.isEmpty == false else {
                step.report.error(at: step.position(of: key), "'\(key)' names no program")
                return nil
            }
            for element in elements {
                if let names { element.reportNames(except: names, to: step.report) }
                if names == nil { element.reportCaptures(to: step.report) }
            }
        }
        self.command = command
        processes = world.processes
    }

    /// Runs the command to a good end, which is exit 0; every other ending is a failure with the last
    /// lines of what the command said.
    ///
    /// The child gets `context.environment` and nothing else.
    package func run(_ context: StepContext) async throws(Failure) -> ProcessResult {
        let arguments = try arguments(context)
        let request = ProcessRequest(
            arguments: arguments, environment: context.environment, directory: context.directory,
            timeout: context.timeout, grace: context.grace, mark: context.mark,
            spawned: context.spawned, line: context.line)
        let result: ProcessResult
        do throws(Failure) {
            result = try await processes.run(request)
        } catch  where error.code == .commandNotFound {
            throw notFound(arguments, context, evidence: error.evidence)
        }
        if let words = result.leftWords { context.line(OutputLine(.error, "bluegreen: \(words)")) }
        if let failure = failure(of: result, arguments, context) { throw failure }
        return result
    }

    /// Throws where the program is not there now; starts nothing. What a shell would start is not looked
    /// for, nor a name that has no value yet.
    package func requireProgram(_ context: StepContext) throws(Failure) {
        guard let program = program(context.substitutes) else { return }
        let request = ProcessRequest(
            arguments: [program], environment: context.environment, directory: context.directory,
            timeout: context.timeout)
        do throws(Failure) {
            try processes.find(request)
        } catch {
            // Where a name was looked for is in the hint.
            let evidence = program.contains("/") ? error.evidence : []
            var failure = notFound([program], context, evidence: evidence)
            if error.code != .commandNotFound {
                failure.message = "The program '\(program)' cannot be started."
            }
            throw failure
        }
    }

    /// The first word of the command; `nil` for a shell string.
    package func program(_ substitutes: Substitutes) -> String? {
        guard case .vector(let elements) = command,
            // What has no value yet cannot be looked for; the step itself will say so.
            let program = try? elements.first?.resolved(substitutes), !program.isEmpty
        else { return nil }
        return program
    }

    /// The words that are run, with everything filled in; refuses what would not be what was written.
    package func arguments(_ context: StepContext) throws(Failure) -> [String] {
        let arguments = try filled(context.substitutes)
        try refuseNUL(arguments, context.environment)
        return arguments
    }

    private func filled(_ substitutes: Substitutes) throws(Failure) -> [String] {
        switch command {
        case .shell(let script):
            return ["/bin/sh", "-c", script]
        case .vector(let elements):
            var arguments: [String] = []
            for element in elements { arguments.append(try element.argument(substitutes)) }
            guard arguments.first != "" else {
                throw Failure(
                    .refused, "The command names no program once its values are filled in.")
            }
            return arguments
        }
    }

    /// The kernel would cut such a text short without a word.
    private func refuseNUL(
        _ arguments: [String], _ environment: [String: String]
    ) throws(Failure) {
        guard !arguments.contains(where: { $0.utf8.contains(0) }) else {
            throw Failure(.refused, "An argument of the command contains a NUL character.")
        }
        for (name, value) in environment where value.utf8.contains(0) {
            throw Failure(.refused, "The environment variable \(name) contains a NUL character.")
        }
    }

    package func notFound(
        _ arguments: [String], _ context: StepContext, evidence: [String]
    ) -> Failure {
        let program = arguments.first ?? ""
        let hint =
            program.utf8.contains(UInt8(ascii: "/"))
            ? "There must be a program that may be executed at this path."
            : "Steps look in PATH=\(context.environment["PATH"] ?? "(not set)"). "
                + "Install it there or give its full path."
        return Failure(
            .commandNotFound, "There is no program '\(program)'.", evidence: evidence, hint: hint)
    }

    private func failure(
        of result: ProcessResult, _ arguments: [String], _ context: StepContext
    ) -> Failure? {
        let name = "`\(shown(arguments))`"
        let elapsed = Wording.length(result.elapsed)
        let said = Wording.lastLines(result.errors)
        let evidence = said.isEmpty ? Wording.lastLines(result.output) : said
        switch result.ending {
        case .exited(0):
            return nil
        case .exited(let status):
            // A shell says with a status above 128 that a signal ended what it ran.
            return Failure(
                status > 128 ? .commandKilled : .commandFailed,
                "\(name) exited with status \(status) after \(elapsed).", evidence: evidence,
                hint: hint(status, context))
        case .signalled(let signal):
            return Failure(
                .commandKilled, "\(name) was ended by \(Self.name(signal)) after \(elapsed).",
                evidence: evidence)
        case .timedOut:
            return Failure(
                .commandTimedOut,
                "\(name) did not end within \(Wording.length(context.timeout)) and was stopped.",
                evidence: evidence, hint: "Raise 'timeout' if it needs longer.")
        case .cancelled:
            return Failure(
                .interrupted, "\(name) was stopped after \(elapsed).", evidence: evidence)
        }
    }

    private func shown(_ arguments: [String]) -> String {
        switch command {
        case .shell(let script): Wording.excerpt(script.utf8, limit: 80)
        case .vector: Self.beginning(of: arguments)
        }
    }

    /// As many whole arguments as fit: half a secret would no longer be recognised as one.
    private static func beginning(of arguments: [String]) -> String {
        var shown = arguments.first ?? ""
        for argument in arguments.dropFirst() {
            guard shown.utf8.count + 1 + argument.utf8.count <= 80 else { return shown + " …" }
            shown += " " + argument
        }
        return shown
    }

    /// A shell says with 126 and 127 what the kernel says of a vector.
    private func hint(_ status: Int32, _ context: StepContext) -> String? {
        guard case .shell = command, status == 126 || status == 127 else { return nil }
        let meaning = status == 127 ? "was not found" : "may not be executed"
        return "The shell says that a program \(meaning); "
            + "PATH is \(context.environment["PATH"] ?? "not set")."
    }

    private static func name(_ signal: Int32) -> String {
        let names: [Int32: String] = [
            1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV",
            13: "SIGPIPE", 15: "SIGTERM",
        ]
        return names[signal].map { "signal \(signal) (\($0))" } ?? "signal \(signal)"
    }
}

extension ProcessResult {
    /// `ended 1 process that the step had left running (python3 4711): ...`; `nil` for none.
    package var leftWords: String? {
        guard !left.isEmpty else { return nil }
        let names = left.map { "\($0.program) \($0.pid)" }.joined(separator: ", ")
        return "ended \(left.count) process\(left.count == 1 ? "" : "es") that the step had left"
            + " running (\(names)): what has to go on needs a 'process' step or systemd"
    }
}

extension Template {
    /// The text as an argument. One that turns into an option only because of a value is refused.
    fileprivate func argument(_ substitutes: Substitutes) throws(Failure) -> String {
        let text = try resolved(substitutes)
        guard Self.startsWithDash(text), !isWrittenAsOption else { return text }
        throw Failure(
            .refused, "The argument at \(position) begins with '-' only because of its value.",
            evidence: [Wording.excerpt(text.utf8)],
            hint: "Put fixed text before the value, as in --name=${...}.")
    }

    private var isWrittenAsOption: Bool {
        guard case .text(let literal) = parts.first else { return false }
        return Self.startsWithDash(literal)
    }

    /// By bytes: to Swift, a dash with an accent on it is another character.
    private static func startsWithDash(_ text: String) -> Bool {
        text.utf8.first == UInt8(ascii: "-")
    }
}
