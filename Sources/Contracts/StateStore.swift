/// Keeps the record of one service and stage.
///
/// Reading never writes, never waits for another process and never needs write permission.
package protocol StateStore: Sendable {
    /// Where it is, for people.
    var location: String { get }

    /// What is recorded, however damaged: damage is told, not thrown. Throws only where the folder
    /// exists and cannot be read at all.
    func load() throws(Failure) -> StoredRecord

    /// Starts a run: takes the next epoch (above every recorded one and above `routerEpoch`), writes
    /// its first entry durably and holds its ownership until the journal is closed or the process dies.
    ///
    /// `judge` sees the record in the critical section, where nobody else can write it: what it throws
    /// is thrown, and nothing has begun. `make` gets the epoch and returns the first event. Waits at
    /// most `patience` for a critical section of another process. Throws `.recordUnwritable` where
    /// nothing can be written. A lenient run is written also on a disk that has become full since a run
    /// that is none: that one keeps the room for it.
    func begin(
        above routerEpoch: Int, patience: Duration,
        judging judge: @Sendable (StoredRecord) throws(Failure) -> Void,
        _ make: @Sendable (RunID, Int) -> RunBeginning
    ) async throws(Failure) -> any RunJournal

    /// Whether a process, which may hang, is in its critical section at this moment.
    func isBeingWritten() throws(Failure) -> Bool

    /// All readable entries of one run, oldest first; `nil` where there is no such run.
    func entries(of run: RunID) throws(Failure) -> [JournalEntry]?

    /// Newest first; `before` continues a listing.
    func runs(before: RunID?, limit: Int) throws(Failure) -> [RunRecord]

    /// The folder for the output of a run's steps.
    func outputFolder(of run: RunID) -> String

    /// What is frozen, also what is over by now. Throws `.recordCorrupt` where that cannot be known.
    func freezes() throws(Failure) -> [FreezeRecord]

    /// Puts what `change` makes of the freezes in their place, in the critical section; they are durable
    /// when this returns. Waits at most `patience`. What `isLenient` may use the room that is kept for a
    /// full disk. Throws `.lockHeld`, `.recordCorrupt` as `freezes` does, or `.recordUnwritable`; then
    /// nothing was changed.
    func changeFreezes(
        patience: Duration, isLenient: Bool,
        _ change: @Sendable ([FreezeRecord]) -> [FreezeRecord]
    ) async throws(Failure)

    /// Runs `body` with the record in the critical section: no run begins, announces or writes to a
    /// router meanwhile, until `body` returns or calls `leave`; a rollback waits 300 ms. Where there is
    /// no record, nothing keeps others away. Waits at most `patience`. Throws `.lockHeld` or
    /// `.recordUnwritable` without running `body`.
    func alone<Result: Sendable>(
        patience: Duration,
        _ body:
            @Sendable (StoredRecord, _ leave: @escaping @Sendable () -> Void)
            async throws(Failure) -> Result
    ) async throws(Failure) -> Result

    /// What each router was given last outside of a run; none where there is no record.
    func syncs() throws(Failure) -> [SyncRecord]

    /// Puts `syncs` in place of the former ones of the same routers; durable when this returns. To be
    /// called from `alone`; where there is no record, nothing is written.
    func remember(_ syncs: [SyncRecord]) throws(Failure)
}

/// The journal of the run that this process owns.
package protocol RunJournal: Sendable {
    var beginning: RunBeginning { get }

    /// Writes one event; returns after it is durable where `isDurable`.
    /// Throws `.superseded` once a newer run exists, `.recordUnwritable` where it could not be written.
    func append(_ event: RunEvent, isDurable: Bool) async throws(Failure)

    /// Runs `body` in the critical section, after making sure that no newer run exists: for writes to a
    /// router that cannot tell a stale writer by itself. Throws `.superseded` without running `body`.
    func whileNewest<Result: Sendable>(
        _ body: @Sendable () async -> Result
    ) async throws(Failure) -> Result

    /// The epoch of the newest run; cheap enough to ask ten times a second.
    func newestEpoch() -> Int

    /// Gives up ownership. The entries stay.
    func close() async
}

/// The record with what is known about its own condition.
package struct StoredRecord: Hashable, Sendable {
    package enum Condition: Hashable, Sendable {
        case absent
        case sound
        /// The last line was cut by a crash; it is ignored.
        case torn(String)
        /// Something in the middle is damaged: forward verbs refuse, the rest goes on.
        case corrupt(String)
        /// Written by a newer program than this one.
        case tooNew(String)
    }

    package var record: Record
    package var condition: Condition
    /// The owner of the newest run still lives (kernel lock, no heartbeat).
    package var isOwnerAlive: Bool

    package init(record: Record, condition: Condition, isOwnerAlive: Bool) {
        self.record = record
        self.condition = condition
        self.isOwnerAlive = isOwnerAlive
    }
}
