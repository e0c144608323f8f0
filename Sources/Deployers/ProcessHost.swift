import Contracts
import PipelineModel

/// Knows the process of each colour from its note on disk, shows it and ends it.
struct ProcessHost: Hosting {
    static let grace = Duration.seconds(10)

    /// How long a process may take to end after SIGTERM.
    let grace: Duration
    let world: World

    func end(_ context: StepContext) async throws(Failure) -> String {
        let memory = try memory(context)
        let note = try memory.read()
        let count = try await end(note, memory, until: world.time.now() + context.timeout)
        try memory.forget()
        guard let note, count > 0 else { return "nothing was running" }
        return note.process.map { "pid \($0.pid) has ended" } ?? "its process has ended"
    }

    func observe(_ color: Color, in stateFolder: String) -> HostedProcess? {
        let memory = ProcessMemory(color, in: stateFolder, files: world.files)
        // What cannot be read is told when somebody wants to change it.
        guard let note = try? memory.read() else { return nil }
        let process = note.process ?? note.family(memory.log, world).members.first
        return HostedProcess(
            pid: process?.pid, version: note.version, facts: process.flatMap(world.processes.facts),
            log: memory.log)
    }

    func memory(_ context: StepContext) throws(Failure) -> ProcessMemory {
        guard let folder = context.stateFolder else {
            throw Failure(.recordUnwritable, "There is no place to remember a process in.")
        }
        return ProcessMemory(context.color, in: folder, files: world.files)
    }

    /// Returns how many processes were ended. At `deadline` the patience with them is over.
    @discardableResult
    func end(
        _ note: ProcessNote?, _ memory: ProcessMemory, until deadline: Duration
    ) async throws(Failure) -> Int {
        guard let family = note?.family(memory.log, world) else { return 0 }
        let count = family.members.count
        if let left = await family.end(grace, until: deadline).first {
            throw Failure(
                .commandFailed, "The process before does not end: pid \(left.pid).",
                hint: "End it yourself, then repeat the command.")
        }
        return count
    }
}
