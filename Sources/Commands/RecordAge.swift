import Contracts

/// How old is what the record says, whatever has become of the wall clock since?
extension Situation {
    /// How long the live colour has been live: by the time since boot, else by the wall clock. `nil`
    /// where the record names none.
    func liveAge(in store: any StateStore, _ world: World) -> Duration? {
        guard let live = record.live else { return nil }
        // Losing the error is right: the wall clock is left.
        let entries = (try? store.entries(of: live.run)) ?? []
        if case .began(let beginning)? = entries.first?.event,
            beginning.owner.process.bootID == world.host.bootID,
            let settled = entries.last(where: { $0.time == live.since }),
            settled.uptime <= world.time.now()
        {
            return world.time.now() - settled.uptime
        }
        return max(.zero, world.time.wall().elapsed(since: live.since))
    }
}

extension ReadyRecord {
    /// What seems to come from the future was passed nobody knows when.
    func isFresh(at now: WallTime, for length: Duration) -> Bool {
        now >= at && now.elapsed(since: at) <= length
    }
}
