import Console
import Contracts
import RunEngine

/// Ends the owner of another run on this machine, so that it cannot write any more.
struct Preemption {
    let session: Session

    /// What a run needs that was overtaken: its step has its grace, then it looks at the routers.
    private static let patience = ProcessRequest.usualGrace + .seconds(5)

    /// `true` when that process is certainly gone. One on another machine, or from before a
    /// reboot, cannot be ended from here. It is asked, and after `grace` killed.
    @discardableResult
    func end(_ owner: Owner, within grace: Duration = .milliseconds(300)) async -> Bool {
        guard isHere(owner) else { return false }
        return await session.world.processes.end(owner.process, grace)
    }

    /// Waits until the owner of a run that was overtaken has ended, which it does by itself; ends it
    /// only when its time is up.
    func outwait(_ run: RunRecord) async {
        let (owner, world) = (run.beginning.owner, session.world)
        guard isHere(owner) else { return }
        let began = world.time.now()
        var isSaid = session.output.quiet
        while world.processes.isAlive(owner.process), session.stop.interruption == nil {
            let waited = world.time.now() - began
            guard waited < Self.patience else {
                await end(owner)
                break
            }
            if waited > .milliseconds(400), !isSaid {
                isSaid = true
                session.terminal.error.print(
                    "Waiting up to \(Self.patience.worded) for \(run.beginning.run) to end.")
            }
            await world.time.sleep(.milliseconds(20))
        }
        guard world.processes.isAlive(owner.process) else {
            return await seeStepsEnd(
                of: run, within: ProcessRequest.usualGrace + .milliseconds(500))
        }
        session.warn("\(run.beginning.run) has not ended yet: \(RunWords.owner(owner)).")
    }

    /// The step of a run that had to be killed ends with it.
    func seeStepsEnd(of run: RunRecord?, within patience: Duration) async {
        let world = session.world
        let deadline = world.time.now() + patience
        for child in run?.children ?? [] {
            while world.processes.isAlive(child), world.time.now() < deadline,
                session.stop.interruption == nil
            {
                await world.time.sleep(.milliseconds(10))
            }
            guard world.processes.isAlive(child) else { continue }
            session.terminal.error.print(
                """
                \("warning:", .warning) a step of the old run is still running: pid \("\(child.pid)"). \
                It was asked to stop, and is killed 5 s later unless it belongs to another user.
                """)
        }
    }

    private func isHere(_ owner: Owner) -> Bool {
        let host = session.world.host
        return owner.host == host.name && owner.process.bootID == host.bootID
            && owner.process != host.process
    }
}
