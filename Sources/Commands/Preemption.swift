import Contracts

/// Ends the owner of another run on this machine, so that it cannot write any more.
struct Preemption {
    let session: Session

    /// `true` when that process is certainly gone. One on another machine, or from before a
    /// reboot, cannot be ended from here.
    @discardableResult
    func end(_ owner: Owner) async -> Bool {
        let host = session.world.host
        guard owner.host == host.name, owner.process.bootID == host.bootID else { return false }
        guard owner.process != host.process else { return false }
        return await session.world.processes.end(owner.process, .milliseconds(300))
    }
}
