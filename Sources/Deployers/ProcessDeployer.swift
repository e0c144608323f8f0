import Contracts
import PipelineModel

/// `process:` starts the application of a colour as a background process and waits until it is ready.
struct ProcessDeployer: HostingDeployer, ProgramStarting {
    static let description = AdapterDescription(
        "process", .list(.text(.template)),
        companions: SettingsDescription([
            Setting(
                "ready", .text(.fixed), .optional,
                "A path that must be answered with status 2xx; without it any answer will do."),
            Setting(
                "grace", .duration, .standard("10s"),
                "How long a process may take to end after SIGTERM; then it gets SIGKILL."),
        ]),
        summary: "Starts a program that keeps running and waits until it answers; "
            + "replaces the one before, and `retire` ends it. For development and CI.")

    let call: CommandCall
    private let readyPath: String?
    private let host: ProcessHost
    private let world: World

    init?(_ step: Section, world: World) {
        let call = CommandCall(step, "process", world: world)
        readyPath = step.text("ready")
        if let readyPath, !readyPath.utf8.starts(with: "/".utf8) {
            step.report.error(at: step.position(of: "ready"), "'ready' must begin with '/'")
        }
        host = ProcessHost(grace: step.duration("grace") ?? ProcessHost.grace, world: world)
        self.world = world
        guard let call else { return nil }
        self.call = call
    }

    /// Replaces the process of the colour. Where this fails, none is left running. Where the task is
    /// cancelled, or its time is up, before the start, none is started.
    func perform(_ context: StepContext) async throws(Failure) -> String {
        let began = world.time.now()
        let deadline = began + context.timeout
        let arguments = try call.arguments(context)
        let memory = try host.memory(context)
        try memory.createFolder()
        try await host.end(try memory.read(), memory, until: deadline)
        try await requireFreePort(context)
        guard !Task.isCancelled else { throw interrupted }
        guard world.time.now() < deadline else { throw late(arguments[0], context) }
        let process = try await start(arguments, memory, context)
        do throws(Failure) {
            try await ProcessReadiness(
                process: process, name: arguments[0], path: readyPath, log: memory.log, world: world
            ).wait(context, until: deadline)
        } catch {
            await process.note.family(memory.log, world).end(host.grace)
            throw error
        }
        return "pid \(process.identity.pid), ready after "
            + Wording.length(world.time.now() - began)
    }

    func end(_ context: StepContext) async throws(Failure) -> String {
        try await host.end(context)
    }

    func observe(_ color: Color, in stateFolder: String) -> HostedProcess? {
        host.observe(color, in: stateFolder)
    }

    static func host(_ world: World) -> any Hosting {
        ProcessHost(grace: ProcessHost.grace, world: world)
    }

    // MARK: - Starting

    private var interrupted: Failure {
        Failure(.interrupted, "The step was stopped before its program was started.")
    }

    private func late(_ name: String, _ context: StepContext) -> Failure {
        Failure(
            .commandTimedOut,
            "`\(name)` was not started: the process before took the step's "
                + "\(Wording.length(context.timeout)) to end.",
            hint: "Give the step a longer 'timeout', or a shorter 'grace'.")
    }

    private func requireFreePort(_ context: StepContext) async throws(Failure) {
        let request = HTTPRequest(
            "GET", context.url + "/", timeout: .seconds(1), isOnFreshConnection: true)
        do throws(HTTPFailure) {
            _ = try await world.http.send(request)
        } catch {
            switch error.reason {
            case .refused, .unresolved, .badURL: return
            case .cancelled: throw interrupted
            case .timedOut, .reset, .tls, .garbled, .tooLarge, .other: break
            }
        }
        let port = context.substitutes["port"] ?? ""
        let owner = Int(port).flatMap { world.processes.listener(nil, $0) }
        throw Failure(
            .portTaken, "Port \(port) of \(context.color) is taken by somebody else.",
            evidence: owner.map { ["pid \($0.pid) (\($0.program)) listens on it"] }
                ?? ["who listens on it cannot be seen"],
            hint: "End that program, or give \(context.color) another port.")
    }

    /// The note is on disk before the process exists: whatever happens, the next command finds it.
    private func start(
        _ arguments: [String], _ memory: ProcessMemory, _ context: StepContext
    ) async throws(Failure) -> ProcessStart {
        var note = ProcessNote(
            randomBits: world.host.randomBits(), version: context.substitutes["version"])
        var request = BackgroundRequest(
            arguments: arguments, environment: context.environment, directory: context.directory,
            log: memory.log)
        if request.environment["PORT"] == nil {
            request.environment["PORT"] = context.substitutes["port"]
        }
        request.environment[ProcessNote.variable] = note.mark
        let logStart = memory.logSize
        try memory.write(note)
        do throws(Failure) {
            let identity = try await world.processes.start(request)
            note.process = identity
            try memory.write(note)
            return ProcessStart(note: note, identity: identity, logStart: logStart)
        } catch  where error.code == .commandNotFound {
            throw call.notFound(arguments, context, evidence: error.evidence)
        } catch {
            await note.family(memory.log, world).end(host.grace)
            throw error
        }
    }
}

/// A process that was just started.
struct ProcessStart {
    var note: ProcessNote
    var identity: ProcessIdentity
    /// How long its log was before it printed anything.
    var logStart: Int
}
