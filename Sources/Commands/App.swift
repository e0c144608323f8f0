import ArgumentParser
package import Console
package import Contracts
import PipelineModel
package import RunEngine

/// The program without its surroundings: arguments in, an exit status out.
package struct App: Sendable {
    package var world: World
    package var version: String
    /// Signals become wishes here.
    package var stop: StopRequest
    private let proxy: ProxyHost
    private let returned: @Sendable (Int32) -> Void
    private let makeTerminal: @Sendable (_ noColor: Bool, _ noInput: Bool) -> Terminal

    /// `returned` gets the exit status as soon as it is known: what is left is waiting for readers.
    package init(
        world: World, version: String, stop: StopRequest = StopRequest(), proxy: ProxyHost,
        returned: @escaping @Sendable (Int32) -> Void = { _ in },
        terminal: @escaping @Sendable (_ noColor: Bool, _ noInput: Bool) -> Terminal
    ) {
        self.world = world
        self.version = version
        self.stop = stop
        self.proxy = proxy
        self.returned = returned
        makeTerminal = terminal
    }

    /// Runs one command. `arguments` are without the program's name. Never throws, never traps on input.
    package func run(_ arguments: [String]) async -> Int32 {
        let secrets = Secrets()
        let terminal = makeTerminal(
            arguments.contains("--no-color"), arguments.contains("--no-input")
        ).hiding { secrets.masker }
        let status = await run(arguments, on: terminal, secrets)
        returned(status)
        return await handOver(terminal, status)
    }

    private func run(
        _ arguments: [String], on terminal: Terminal, _ secrets: Secrets
    ) async -> Int32 {
        do {
            guard arguments.first != "--version", arguments != ["version"] else {
                terminal.output.print("bluegreen \(version)")
                return 0
            }
            guard let verb = try verb(arguments) else { return 0 }
            return await run(
                verb,
                in: Session(
                    world: world, terminal: terminal, stop: stop, proxy: proxy,
                    output: verb.output, secrets: secrets,
                    advice: Advice(of: (verb as? any PlacedSubcommand)?.place)))
        } catch {
            return explain(error, of: arguments, on: terminal)
        }
    }

    private func verb(_ arguments: [String]) throws -> (any Subcommand)? {
        try world.readings.value(of: arguments.map { Array($0.utf8) }) {
            var command = try Bluegreen.parseAsRoot(arguments)
            if let verb = command as? any Subcommand {
                // The parser takes the program's own flag from behind a verb too.
                if let mistake = UsageMistake(misplacedVersion: arguments) {
                    throw ValidationError(mistake.message)
                }
                return verb
            }
            // A request for help: running it throws the words.
            try command.run()
            return nil
        }
    }

    func run(_ verb: any Subcommand, in session: Session) async -> Int32 {
        do {
            return try await verb.run(in: session).rawValue
        } catch let invalid as InvalidPipeline {
            DiagnosticView(session).show(invalid)
            return ExitStatus.invalidPipeline.rawValue
        } catch let failure as Failure {
            let status = status(of: failure, in: verb)
            FailureView(session).show(failure, status)
            return status.rawValue
        } catch let refusal as UsageRefusal {
            return UsageView(terminal: session.terminal, isJSON: session.isJSON)
                .show(UsageMistake(session.advice(refusal.message))).rawValue
        } catch {
            session.terminal.error.print("\("internal error:", .bad) \("\(error)")")
            return ExitStatus.internalError.rawValue
        }
    }

    private func status(of failure: Failure, in verb: any Subcommand) -> ExitStatus {
        guard failure.code == .interrupted, let why = stop.interruption else {
            return verb.status(for: failure)
        }
        return ExitStatus(why)
    }

    /// Waits for readers and tells the final status: a success whose answer was lost is none.
    /// Production is not concerned any more: whoever now asks to stop stops only this wait (a reader who is
    /// there has a moment to take the answer), and whoever has asked before is not kept for long.
    private func handOver(_ terminal: Terminal, _ status: Int32) async -> Int32 {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await terminal.drain() }
            group.addTask {
                guard stop.interruption == nil else { return await world.time.sleep(.seconds(30)) }
                _ = await stop.wait()
                await world.time.sleep(.milliseconds(100))
            }
            await group.next()
            group.cancelAll()
        }
        guard case .failed(let reason) = terminal.output.condition else { return status }
        let final = status == 0 ? ExitStatus.internalError.rawValue : status
        returned(final)
        terminal.error.print("\("warning:", .warning) the answer could not be written: \(reason)")
        await terminal.error.drain()
        return final
    }

    /// What ArgumentParser says: help on stdout, a usage mistake on stderr.
    private func explain(
        _ error: any Error, of arguments: [String], on terminal: Terminal
    ) -> Int32 {
        let code = Bluegreen.exitCode(for: error)
        let view = UsageView(terminal: terminal, isJSON: UsageMistake.asksForJSON(arguments))
        if let mistake = UsageMistake(in: arguments, isUnderstood: code.isSuccess) {
            return view.show(mistake).rawValue
        }
        if !code.isSuccess,
            let mistake = UsageMistake(looseVersion: arguments)
                ?? UsageMistake(misplacedVersion: arguments)
        {
            return view.show(mistake).rawValue
        }
        if !code.isSuccess, view.isJSON {
            let message = UsageMistake.withoutFarName(Bluegreen.message(for: error))
            return view.show(UsageMistake(message)).rawValue
        }
        let wished = world.host.environment("COLUMNS").flatMap { Int($0) }
        let columns = wished ?? terminal.output.columns ?? 80
        let words = UsageMistake.withoutFarName(
            Bluegreen.fullMessage(for: error, columns: min(max(columns, 40), 100)))
        guard code.isSuccess else {
            let label = "Error: "
            guard words.hasPrefix(label) else {
                terminal.error.print(Text(lines: words))
                return ExitStatus.usage.rawValue
            }
            terminal.error.print(
                "\("error:", .bad) \(Text(lines: String(words.dropFirst(label.count))))")
            return ExitStatus.usage.rawValue
        }
        terminal.output.print(Text(lines: words))
        return 0
    }
}

/// What a verb works with, beside its own options.
struct Session: Sendable {
    var world: World
    var terminal: Terminal
    let stop: StopRequest
    let proxy: ProxyHost
    let output: OutputOptions
    let secrets: Secrets
    var advice = Advice()

    var isJSON: Bool { output.format == .json }
}

/// One word that a person types after `bluegreen`.
///
/// Its `configuration` names it: deriving sixteen names from types costs a fifth of `status`.
protocol Subcommand: ParsableCommand, Sendable {
    var output: OutputOptions { get }

    func run(in session: Session) async throws -> ExitStatus

    /// What a failure that came before anything was changed means for the caller.
    func status(for failure: Failure) -> ExitStatus
}

/// A verb about one service.
protocol PlacedSubcommand: Subcommand {
    var place: PlaceOptions { get }
}

extension Subcommand {
    func status(for failure: Failure) -> ExitStatus { ExitStatus(untouched: failure.code) }
}

/// The words were understood, but not in this combination.
struct UsageRefusal: Error {
    let message: String
}
