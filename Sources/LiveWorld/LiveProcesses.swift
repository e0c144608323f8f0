import Contracts
import Glibc

extension Processes {
    static let live = Processes(
        run: { request throws(Failure) in try await ChildRun(request).run() },
        end: { process, grace in await PlainThread.run { endProcess(process, grace: grace) } },
        isAlive: { process in process == .living(process.pid) })
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

/// One line of the kernel's process table.
struct ProcessEntry {
    let isLiving: Bool
    let group: Int32
    let startTime: UInt64

    /// `nil` where there is no such process.
    init?(_ pid: Int32) {
        // A process that ends while we look is no process; the reason does not matter.
        guard let bytes = try? readFile("/proc/\(pid)/stat", 4096),
            // The name may hold anything; the last parenthesis ends it.
            let nameEnd = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = String(decoding: bytes[(nameEnd + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 19, let group = Int32(fields[2]), let start = UInt64(fields[19])
        else { return nil }
        isLiving = !["Z", "X"].contains(fields[0])
        self.group = group
        startTime = start
    }

    static func hasLivingMember(group: Int32) -> Bool {
        // Without a process table nobody can be waited for.
        let names = (try? Files.live.list("/proc")) ?? []
        return names.compactMap { Int32($0) }.contains { pid in
            guard let entry = ProcessEntry(pid) else { return false }
            return entry.group == group && entry.isLiving
        }
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
