import Contracts

/// Writes the file of the run that this process owns.
actor FileRunJournal: RunJournal {
    /// Sections of others last milliseconds; one that lasts longer belongs to a stopped process.
    private static let patience = Duration.seconds(2)

    nonisolated let beginning: RunBeginning
    private let name: RunName
    private let folder: StateFolder
    private let section: CriticalSection
    private let owner: HeldLock
    private let file: AppendingFile
    private var record: Record
    /// The last entry that is in the file; its line ends where the file must end.
    private var position: JournalPosition
    private var length: Int
    private var isClosed = false
    /// What a run that waits for nobody has left for the sections of others, all of them together.
    private var patienceLeft: Duration?

    /// Begins the run; the caller holds the critical section, and has `patience` left.
    ///
    /// `state.json` announces the run before its file exists: see `StateFile`.
    init(
        _ beginning: RunBeginning, name: RunName, after survey: Survey, patience: Duration,
        section: CriticalSection, in folder: StateFolder
    ) throws(Failure) {
        let first = JournalEntry(.began(beginning), number: 1, epoch: name.epoch, folder.world)
        let line = try JournalLine.bytes(first, previous: survey.end)
        try folder.write(
            StateFile(newest: name, upTo: survey.position, record: survey.record))
        let held = try writing { () throws(FileFailure) -> (owner: HeldLock, file: AppendingFile) in
            try Self.start(name, line + [UInt8(ascii: "\n")], in: folder)
        }
        owner = held.owner
        file = held.file
        self.beginning = beginning
        self.name = name
        self.folder = folder
        self.section = section
        record = survey.record
        record.apply(first)
        position = JournalPosition(run: name, entry: 1, hash: Checksum.hash(line))
        length = line.count + 1
        patienceLeft = beginning.plan.isLenient ? patience : nil
    }

    /// The new run builds on the last lines of the one before. They may not be on disk yet: it can have
    /// died between writing and flushing, be it the line of its end. What would build on lines that
    /// were not flushed is not begun.
    static func flush(_ name: RunName, in folder: StateFolder) throws(Failure) {
        // Losing the error is right: what cannot be opened (gone, or another user's) is told with the
        // record, or was written by somebody whose flush we cannot do.
        guard let file = try? folder.world.files.openJournal(folder.journal(name), false) else {
            return
        }
        defer { file.close() }
        try writing { () throws(FileFailure) in
            do throws(FileFailure) {
                try file.append([], true)
            } catch {
                // Losing the second error is right: the first one is the reason. A living run writes on.
                let isHeld = try? folder.world.locks.isHeld(folder.owner(name))
                if isHeld == false { try? folder.writeAnew(name) }
                throw error
            }
        }
    }

    /// The run exists from the moment its first line is written.
    private static func start(
        _ name: RunName, _ line: [UInt8], in folder: StateFolder
    ) throws(FileFailure) -> (owner: HeldLock, file: AppendingFile) {
        guard let owner = try folder.world.locks.take(folder.owner(name)) else {
            throw FileFailure(.alreadyExists, "\(folder.owner(name)) belongs to a living run")
        }
        do throws(FileFailure) {
            let file = try folder.world.files.openJournal(folder.journal(name), true)
            do throws(FileFailure) {
                try file.append(line, true)
                return (owner, file)
            } catch {
                file.close()
                throw error
            }
        } catch {
            owner.release()
            throw error
        }
    }

    func append(_ event: RunEvent, isDurable: Bool) async throws(Failure) {
        let lock = try await enter()
        defer { lock.release() }
        let entry = JournalEntry(
            event, number: position.entry + 1, epoch: name.epoch, folder.world)
        let line = try JournalLine.bytes(entry, previous: position.hash)
        try writing { () throws(FileFailure) in
            try setAsideTornTail()
            do throws(FileFailure) {
                try file.append(
                    line + [UInt8(ascii: "\n")], isDurable || event.isForPeople)
            } catch {
                // Losing the second error is right: the first one is the reason. After a failed flush
                // nothing more is written into the file that is open here.
                if error.isOfFlush { try? folder.writeAnew(name, length: length) }
                throw error
            }
        }
        position = JournalPosition(run: name, entry: entry.number, hash: Checksum.hash(line))
        length += line.count + 1
        record.apply(entry)
        guard event.isForPeople else { return }
        // Losing the error is right: the entry is written, and a cache that is behind is caught up with.
        try? folder.write(StateFile(newest: name, upTo: position, record: record))
    }

    /// `body` must not append: it would wait for itself.
    func whileNewest<Result: Sendable>(
        _ body: @Sendable () async -> Result
    ) async throws(Failure) -> Result {
        let lock = try await enter()
        defer { lock.release() }
        return await body()
    }

    nonisolated func newestEpoch() -> Int {
        // Losing the error is right: this is the early warning; every entry is preceded by the real check.
        let newest = (try? folder.newest()) ?? nil
        return max(newest?.epoch ?? 0, beginning.epoch)
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        file.close()
        owner.release()
    }

    /// The critical section, in which no newer run begins.
    private func enter() async throws(Failure) -> HeldLock {
        let began = folder.world.time.now()
        let entered = try await section.enter(patience: patienceLeft ?? Self.patience)
        if let left = patienceLeft {
            patienceLeft = max(.zero, left - (folder.world.time.now() - began))
        }
        guard let lock = entered else {
            throw Failure(
                .recordUnwritable, "Another process does not let go of \(folder.lock).",
                hint: "It is stopped or hangs; end it.")
        }
        do {
            try requireNewest()
            return lock
        } catch {
            lock.release()
            throw error
        }
    }

    private func requireNewest() throws(Failure) {
        guard !isClosed else { throw Failure(.recordUnwritable, "\(name.run) was closed.") }
        let newest = try writing { () throws(FileFailure) in try folder.newest() }
        guard let newest, newest > name else { return }
        throw Failure(
            .superseded, "\(newest.run) has taken over from \(name.run).",
            hint: "bluegreen status shows what it does.")
    }

    /// What a failed write left behind must not become the beginning of the next line.
    private func setAsideTornTail() throws(FileFailure) {
        let path = folder.journal(name)
        let size = try folder.world.files.status(path)?.size ?? 0
        guard size != length else { return }
        guard size > length else {
            throw FileFailure(.other, "\(path) was cut short by somebody else")
        }
        let tail = try folder.world.files.read(path, size).dropFirst(length)
        try folder.world.files.replace("\(path).torn-\(position.entry)", Array(tail), 0o600)
        try file.truncate(length)
    }
}

extension JournalEntry {
    fileprivate init(_ event: RunEvent, number: Int, epoch: Int, _ world: World) {
        self.init(
            number: number, time: world.time.wall(), uptime: world.time.now(), epoch: epoch,
            event: event)
    }
}

extension RunEvent {
    /// Worth a new `state.json`: where production is, or whether a run is under way, has changed.
    /// Such an entry is always durable: the cache must not know more than the journal.
    fileprivate var isForPeople: Bool {
        switch self {
        case .adopted, .switched, .undone, .rolledBack, .levelled, .ended: true
        case .began, .adoptIntended, .stopRequested, .failed, .claimIntended, .claimed, .stepBegan,
            .stepSpawned,
            .stepEnded, .sealed, .checksPassed, .preflightPassed, .canaryIntended,
            .canaryJudged, .switchIntended, .undoIntended,
            .rollbackIntended, .levelIntended, .written, .confirmed, .contradicted, .unreadable,
            .proved, .notProved, .surveyed, .tunnelsClosed, .unsettled, .bakeBegan, .bakeJudged,
            .wayBackProbed,
            .tested, .retireIntended, .retired:
            false
        }
    }
}
