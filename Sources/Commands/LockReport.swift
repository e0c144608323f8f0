import Contracts

/// What `lock` says, as one value. Pure.
struct LockReport: Encodable, Sendable {
    struct Run: Encodable, Sendable {
        var id: String
        var verb: String
        var phase: String
        var began: WallTime
        var owner: Owner
        /// By the kernel's lock, not by a heartbeat.
        var isAlive: Bool
    }

    var schemaVersion = 1
    var type = "lock"
    /// The newest run, where it has not ended.
    var run: Run?
    /// A process is in its critical section at this moment.
    var isBeingWritten: Bool
    var record: String

    init(_ stored: StoredRecord, isBeingWritten: Bool, at location: String) {
        let open = Situation(stored: stored, seen: [:]).openRun
        run = open.map { run in
            Run(
                id: run.beginning.run.text, verb: run.beginning.plan.verb.rawValue,
                phase: RunWords.phase(run.phase), began: run.began, owner: run.beginning.owner,
                isAlive: stored.isOwnerAlive)
        }
        self.isBeingWritten = isBeingWritten
        record = location
    }

    /// One sentence about who owns the service.
    var sentence: String {
        guard let run else { return "nobody works on this service." }
        guard run.isAlive else {
            return "run \(run.id) has no owner any more, its process is gone."
                + " Next: 'bluegreen status' names what helps."
        }
        return "run \(run.id) is alive."
    }
}
