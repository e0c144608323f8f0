import Contracts
import PipelineModel

/// `process:` starts the application of a colour as a background process and waits until it is ready.
struct ProcessDeployer: HostingDeployer {
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

    private let call: CommandCall
    private let readyPath: String?
    private let grace: Duration
    private let world: World

    init?(_ step: Section, world: World) {
        let call = CommandCall(step, "process", world: world)
        readyPath = step.text("ready")
        if let readyPath, !readyPath.utf8.starts(with: "/".utf8) {
            step.report.error(at: step.position(of: "ready"), "'ready' must begin with '/'")
        }
        grace = step.duration("grace") ?? .seconds(10)
        self.world = world
        guard let call else { return nil }
        self.call = call
    }

    /// Replaces the process of the colour. Where this fails, none is left running.
    func perform(_ context: StepContext) async throws(Failure) -> String {
        let began = world.time.now()
        let arguments = try call.arguments(context)
        let memory = try memory(context)
        try memory.createFolder()
        try await end(try memory.read())
        try await requireFreePort(context)
        let process = try await start(arguments, memory, context)
        do throws(Failure) {
            try await ProcessReadiness(
                process: process, name: arguments[0], path: readyPath, log: memory.log, world: world
            ).wait(context)
        } catch {
            await process.family(world).end(grace)
            throw error
        }
        return "pid \(process.identity.pid), ready after "
            + Wording.length(world.time.now() - began)
    }

    func end(_ context: StepContext) async throws(Failure) -> String {
        let memory = try memory(context)
        let note = try memory.read()
        let count = try await end(note)
        try memory.forget()
        guard let note, count > 0 else { return "nothing was running" }
        return note.process.map { "pid \($0.pid) has ended" } ?? "its process has ended"
    }

    func observe(_ color: Color, in stateFolder: String) -> HostedProcess? {
        let memory = ProcessMemory(color, in: stateFolder, files: world.files)
        // What cannot be read is told when somebody wants to change it.
        guard let note = try? memory.read() else { return nil }
        let process = note.process ?? note.family(world).members.first
        return HostedProcess(
            pid: process?.pid, facts: process.flatMap(world.processes.facts), log: memory.log)
    }

    private func memory(_ context: StepContext) throws(Failure) -> ProcessMemory {
        guard let folder = context.stateFolder else {
            throw Failure(.recordUnwritable, "There is no place to remember a process in.")
        }
        return ProcessMemory(context.color, in: folder, files: world.files)
    }

    // MARK: - Ending

    /// Returns how many processes were ended.
    @discardableResult
    private func end(_ note: ProcessNote?) async throws(Failure) -> Int {
        guard let family = note?.family(world) else { return 0 }
        let count = family.members.count
        if let left = await family.end(grace).first {
            throw Failure(
                .commandFailed, "The process before does not end: pid \(left.pid).",
                hint: "End it yourself, then repeat the command.")
        }
        return count
    }

    // MARK: - Starting

    private func requireFreePort(_ context: StepContext) async throws(Failure) {
        let request = HTTPRequest(
            "GET", context.url + "/", timeout: .seconds(1), isOnFreshConnection: true)
        do throws(HTTPFailure) {
            _ = try await world.http.send(request)
        } catch {
            switch error.reason {
            case .refused, .unresolved, .badURL, .cancelled: return
            case .timedOut, .reset, .tls, .garbled, .tooLarge, .other: break
            }
        }
        let port = context.substitutes["port"] ?? ""
        let owner = Int(port).flatMap(world.processes.listener)
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
        var note = ProcessNote(randomBits: world.host.randomBits())
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
            await note.family(world).end(grace)
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

    func family(_ world: World) -> ProcessFamily { note.family(world) }
}
