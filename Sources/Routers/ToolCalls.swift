import Contracts
import PipelineModel

/// The commands of one tool.
struct ToolCalls: Teller {
    let address: String
    var name: String { "The tool \(address)" }
    private let reading: CommandCall
    private let finding: CommandCall?
    private let switching: CommandCall
    private let verifying: CommandCall?
    private let timeout: Duration
    private let environment: [(name: String, value: Template)]
    /// What is handed over of our own environment.
    private let inherited: [String: String]
    private let directory: String
    private let others: ToolCallsUnderWay
    private let constants: Constants

    init?(_ settings: Section, world: World) {
        let all = ToldNames.all
        let reading = CommandCall(settings, "read", names: [], world: world)
        let switching = CommandCall(settings, "switch", names: all, world: world)
        finding = CommandCall(settings, "target", names: all, world: world)
        verifying = CommandCall(settings, "verify", names: all, world: world)
        environment = settings.namedTemplates("env")
        for (_, value) in environment { value.reportNames(except: all, to: settings.report) }
        timeout = ToldPromise.timeout(settings)
        let names = Host.inheritedNames + (settings.texts("passEnv") ?? [])
        inherited = names.reduce(into: [:]) { $0[$1] = world.host.environment($1) }
        directory = settings.place("directory") ?? settings.folder.path
        others = ToolCallsUnderWay(settings, in: directory, world)
        constants = settings.constants
        guard let reading, let switching else { return nil }
        self.reading = reading
        self.switching = switching
        address = Self.program(settings)
    }

    /// A switch that is still under way may change what is read a moment later.
    func read() async throws(Failure) -> KeptDatum {
        _ = await others.end()
        let output: String
        do throws(Failure) {
            output = try await reading.run(context(nil)).output
        } catch {
            throw Failure(
                .routerUnreachable, "\(name) cannot be asked. \(error.message)",
                evidence: error.evidence,
                hint: error.hint ?? "Run 'read' by hand, as the same user.")
        }
        guard let kept = KeptDatum(word: output) else {
            throw Failure(
                .routerGarbled, "\(name) does not say what is live.",
                evidence: ["printed: \(output.isEmpty ? "nothing" : Evidence.line(output))"],
                hint: "'read' must print blue, green or the datum on one line, and nothing else.")
        }
        return kept
    }

    func findTarget(of datum: Datum) async throws(Failure) {
        guard let finding else { return }
        do throws(Failure) {
            _ = try await finding.run(context(datum))
        } catch {
            let isAnswer = error.code == .commandFailed
            throw Failure(
                isAnswer ? .routerTargetMissing : .routerUnreachable,
                isAnswer
                    ? "\(name) has no target for \(datum.live). \(error.message)"
                    : "\(name) cannot be asked for the target of \(datum.live). \(error.message)",
                evidence: error.evidence, hint: error.hint)
        }
    }

    func tell(_ datum: Datum) async -> Telling {
        let others = await others.end()
        guard others.isEmpty else {
            let pids = others.map { "\($0.pid)" }.joined(separator: ", ")
            return .unheard(
                Failure(
                    .routerRefused, "\(name) was not called: an earlier 'switch' still runs.",
                    evidence: ["pid \(pids)"],
                    hint:
                        "One of a command that was killed ends within a second; another is at work"
                        + " ('bluegreen status' says whose). Try again when it has ended."))
        }
        do throws(Failure) {
            var context = try context(datum)
            context.mark = self.others.mark
            _ = try await switching.run(context)
            return .done
        } catch {
            let failure = Failure(
                .routerRefused, "\(name) did not switch to \(datum.live). \(error.message)",
                evidence: error.evidence, hint: error.hint)
            switch error.code {
            case .commandNotFound, .substituteMissing, .refused: return .unheard(failure)
            case .commandFailed: return .refused(failure)
            default: return .unclear(failure)
            }
        }
    }

    func verify(_ datum: Datum) async throws(Failure) {
        guard let verifying else { return }
        do throws(Failure) {
            _ = try await verifying.run(context(datum))
        } catch {
            throw Failure(
                .routerRefused,
                "\(name) was told \(datum.live), and 'verify' fails. \(error.message)",
                evidence: error.evidence, hint: error.hint)
        }
    }

    /// `datum` is `nil` where nothing is to be told.
    private func context(_ datum: Datum?) throws(Failure) -> StepContext {
        let substitutes =
            datum.map { ToldNames.substitutes($0, constants) } ?? Substitutes(constants: constants)
        var variables = inherited
        for name in ToldNames.all {
            variables[TemplateName.environmentVariable(for: name)] = substitutes[name]
        }
        for (name, value) in environment {
            // One that speaks of what is told has no value for 'read'.
            if datum == nil, value.names.contains(where: ToldNames.all.contains) { continue }
            variables[name] = try value.resolved(substitutes)
        }
        return StepContext(
            color: datum?.live ?? .blue, url: "", substitutes: substitutes, environment: variables,
            directory: directory, timeout: timeout, grace: .seconds(1))
    }

    private static func program(_ settings: Section) -> String {
        switch settings.command("switch") {
        case .shell: "/bin/sh"
        case .vector(let words): words.first?.written() ?? ""
        case nil: ""
        }
    }
}
