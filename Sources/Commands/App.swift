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
    private let makeTerminal: @Sendable (_ noColor: Bool, _ noInput: Bool) -> Terminal

    package init(
        world: World, version: String, stop: StopRequest = StopRequest(), proxy: ProxyHost,
        terminal: @escaping @Sendable (_ noColor: Bool, _ noInput: Bool) -> Terminal
    ) {
        self.world = world
        self.version = version
        self.stop = stop
        self.proxy = proxy
        makeTerminal = terminal
    }

    /// Runs one command. `arguments` are without the program's name. Never throws, never traps on input.
    package func run(_ arguments: [String]) async -> Int32 {
        let secrets = Secrets()
        let terminal = makeTerminal(
            arguments.contains("--no-color"), arguments.contains("--no-input")
        ).hiding { secrets.masker }
        do {
            guard arguments != ["--version"] else {
                terminal.output.print("bluegreen \(version)")
                return 0
            }
            var command = try Bluegreen.parseAsRoot(arguments)
            guard let verb = command as? any Subcommand else {
                // A request for help: running it throws the words.
                try command.run()
                return 0
            }
            return await run(
                verb,
                in: Session(
                    world: world, terminal: terminal, stop: stop, proxy: proxy,
                    output: verb.output, secrets: secrets))
        } catch {
            return explain(error, on: terminal)
        }
    }

    private func run(_ verb: any Subcommand, in session: Session) async -> Int32 {
        do {
            return try await verb.run(in: session).rawValue
        } catch let invalid as InvalidPipeline {
            DiagnosticView(session).show(invalid)
            return ExitStatus.invalidPipeline.rawValue
        } catch let failure as Failure {
            let status = verb.status(for: failure)
            FailureView(session).show(failure, status)
            return status.rawValue
        } catch let refusal as UsageRefusal {
            session.terminal.error.print("\("error:", .bad) \(refusal.message)")
            return ExitStatus.usage.rawValue
        } catch {
            session.terminal.error.print("\("internal error:", .bad) \("\(error)")")
            return ExitStatus.internalError.rawValue
        }
    }

    /// What ArgumentParser says: help on stdout, a usage mistake on stderr.
    private func explain(_ error: any Error, on terminal: Terminal) -> Int32 {
        let code = Bluegreen.exitCode(for: error)
        let wished = world.host.environment("COLUMNS").flatMap { Int($0) }
        let columns = wished ?? terminal.output.columns ?? 80
        let message = Text(
            lines: Bluegreen.fullMessage(for: error, columns: min(max(columns, 40), 100)))
        guard code.isSuccess else {
            terminal.error.print(message)
            return ExitStatus.usage.rawValue
        }
        terminal.output.print(message)
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

    var isJSON: Bool { output.format == .json }
}

/// One word that a person types after `bluegreen`.
///
/// Its `configuration` names it: deriving sixteen names from types costs a fifth of `status`.
protocol Subcommand: ParsableCommand {
    var output: OutputOptions { get }

    func run(in session: Session) async throws -> ExitStatus

    /// What a failure that came before anything was changed means for the caller.
    func status(for failure: Failure) -> ExitStatus
}

extension Subcommand {
    func status(for failure: Failure) -> ExitStatus { ExitStatus(untouched: failure.code) }
}

/// The words were understood, but not in this combination.
struct UsageRefusal: Error {
    let message: String
}
