import Contracts
import Glibc

extension Processes {
    /// `supervisor`: as in `World.live`.
    static func live(supervisor: String?) -> Processes {
        Processes(
            run: { request throws(Failure) in
                try await ChildRun(request, supervisor: supervisor).run()
            },
            find: { request throws(Failure) in _ = try ProgramPath(request).found() },
            end: { process, grace in await PlainThread.run { endProcess(process, grace: grace) } },
            isAlive: { process in process == .living(process.pid) },
            members: { process in ProcessTable.members(ofSessionOf: process) },
            start: { request throws(Failure) in
                try await PlainThread.run { BackgroundStart(request).result() }.get()
            },
            facts: { process in ProcessFacts(process) },
            kin: { trace in ProcessTable.kin(trace) },
            listener: { host, port in ProcessTable.listener(on: port, of: host) })
    }
}

extension ProcessIdentity {
    static let this =
        living(getpid()) ?? ProcessIdentity(pid: getpid(), startTime: 0, bootID: Host.bootID)

    /// The process that has this number now; `nil` for none, and for one that has ended and only waits
    /// for its parent to notice.
    static func living(_ pid: Int32) -> ProcessIdentity? {
        guard let entry = ProcessEntry(pid), entry.isLiving else { return nil }
        return ProcessIdentity(pid: pid, startTime: entry.startTime, bootID: Host.bootID)
    }
}

/// Blocks until the process is gone or will not go.
private func endProcess(_ process: ProcessIdentity, grace: Duration) -> Bool {
    guard process.bootID == Host.bootID else { return true }
    let descriptor: Int32
    do {
        descriptor = try LinuxCalls.openProcess(process.pid)
    } catch {
        return error.number == ESRCH
    }
    defer { close(descriptor) }
    // Looked at after opening: from here on the descriptor stands for exactly this process.
    guard ProcessIdentity.living(process.pid) == process else { return true }
    return end(descriptor, by: SIGTERM, within: grace)
        || end(descriptor, by: SIGKILL, within: .seconds(2))
}

private func end(_ descriptor: Int32, by signal: Int32, within patience: Duration) -> Bool {
    do {
        try LinuxCalls.send(signal, to: descriptor)
    } catch {
        return error.number == ESRCH
    }
    let deadline = KernelClock.sinceBoot + patience
    var exit = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
        let left = deadline - KernelClock.sinceBoot
        let count = poll(&exit, 1, left.wholeMilliseconds)
        if count > 0 { return true }
        if count == 0, left <= .zero { return false }
    }
}
