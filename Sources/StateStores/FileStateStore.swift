package import Contracts

/// Keeps the record of one service and stage in a local folder.
///
/// A run's file is the truth; `state.json` is what people read and a cache. Promises: an entry that was
/// written durably is replayed or its loss is told; two runs never get the same epoch; a lock never
/// outlives its process. Damage is told until a run that was begun in spite of it has recorded where
/// production is.
package struct FileStateStore: StateStore {
    private let folder: StateFolder
    private let service: String
    private let stage: String?

    private var section: CriticalSection {
        CriticalSection(path: folder.lock, world: folder.world)
    }

    package init(root: String, service: String, stage: String?, world: World) {
        let name = StateStoreCatalog.folderName(service, stage)
        folder = StateFolder(path: "\(root)/\(name)", world: world)
        self.service = service
        self.stage = stage
    }

    package var location: String { folder.path }

    package func load() throws(Failure) -> StoredRecord {
        try reading { () throws(FileFailure) -> StoredRecord in
            guard try isThere() else {
                return StoredRecord(record: Record(), condition: .absent, isOwnerAlive: false)
            }
            return stored(try self.survey(isCertain: false))
        }
    }

    package func begin(
        above routerEpoch: Int, patience: Duration,
        judging judge: @Sendable (StoredRecord) throws(Failure) -> Void,
        _ make: @Sendable (RunID, Int) -> RunBeginning
    ) async throws(Failure) -> any RunJournal {
        try writing { () throws(FileFailure) in try folder.create() }
        let deadline = folder.world.time.now() + patience
        guard let lock = try await section.enter(patience: patience) else {
            throw Failure.lockHeld(at: folder)
        }
        defer { lock.release() }
        let left = max(.zero, deadline - folder.world.time.now())
        let survey = try writing { () throws(FileFailure) in try self.survey(isCertain: true) }
        do throws(Failure) {
            try judge(stored(survey))
        } catch {
            // Who repeats the command must then see what was seen here. Losing the errors is right: it is
            // a cache, which must not know more than the disk.
            if let mended = survey.mended, (try? flush(survey)) != nil { try? folder.write(mended) }
            throw error
        }
        let name = try nextName(after: survey, above: routerEpoch)
        var beginning = make(name.run, name.epoch)
        beginning.previous = survey.last
        if !survey.isLastOver { beginning.supersedes = beginning.supersedes ?? beginning.previous }
        let isLenient = beginning.plan.isLenient
        try flush(survey)
        let journal = try FileRunJournal(
            beginning, name: name, after: survey, patience: left, section: section,
            in: isLenient ? folder.givingUpSpare : folder)
        // Last, so that it never takes the room of this run's own journal.
        if !isLenient { folder.spare.keep() }
        return journal
    }

    private func flush(_ survey: Survey) throws(Failure) {
        if let position = survey.position { try FileRunJournal.flush(position.run, in: folder) }
    }

    package func isBeingWritten() throws(Failure) -> Bool {
        try reading { () throws(FileFailure) in try folder.world.locks.isHeld(folder.lock) }
    }

    package func entries(of run: RunID) throws(Failure) -> [JournalEntry]? {
        guard let name = RunName(run) else { return nil }
        return try reading { () throws(FileFailure) in
            try folder.reading(name)?.lines.compactMap(\.entry)
        }
    }

    package func runs(before: RunID?, limit: Int) throws(Failure) -> [RunRecord] {
        let end = before.flatMap { RunName($0) }
        guard before == nil || end != nil else { return [] }
        return try reading { () throws(FileFailure) -> [RunRecord] in
            var runs: [RunRecord] = []
            var last = end
            var next = try newest(before: end)
            while runs.count < limit, let name = next, let run = try run(name) {
                runs.append(run)
                last = name
                next = previous(of: name, run)
            }
            return runs + (try listed(before: last, limit: limit - runs.count))
        }
    }

    /// Found without a listing, or `nil`.
    private func newest(before end: RunName?) throws(FileFailure) -> RunName? {
        guard let end else { return try Survey(folder).newest }
        return try run(end).flatMap { previous(of: end, $0) }
    }

    /// An older one: whatever a file says, this comes to an end.
    private func previous(of name: RunName, _ run: RunRecord) -> RunName? {
        guard let previous = run.beginning.previous.flatMap({ RunName($0) }), previous < name else {
            return nil
        }
        return previous
    }

    /// Takes as long as there are runs: for those that do not say what was before them.
    private func listed(before end: RunName?, limit: Int) throws(FileFailure) -> [RunRecord] {
        guard limit > 0 else { return [] }
        var runs: [RunRecord] = []
        for file in try folder.files(before: end) {
            guard runs.count < limit else { break }
            if let name = RunName(file: file), let run = try run(name) { runs.append(run) }
        }
        return runs
    }

    /// `nil` where there is no such run, or nothing of it could be written.
    private func run(_ name: RunName) throws(FileFailure) -> RunRecord? {
        Record(replaying: try folder.reading(name)?.lines.compactMap(\.entry) ?? []).run
    }

    package func outputFolder(of run: RunID) -> String { "\(folder.path)/out/\(run)" }

    package func freezes() throws(Failure) -> [FreezeRecord] { try FreezeFile(folder).read() }

    package func changeFreezes(
        patience: Duration, isLenient: Bool,
        _ change: @Sendable ([FreezeRecord]) -> [FreezeRecord]
    ) async throws(Failure) {
        try writing { () throws(FileFailure) in try folder.create() }
        guard let lock = try await section.enter(patience: patience) else {
            throw Failure.lockHeld(at: folder)
        }
        defer { lock.release() }
        let file = FreezeFile(isLenient ? folder.givingUpSpare : folder)
        try file.write(change(try file.read()))
    }

    package func alone<Result: Sendable>(
        patience: Duration,
        _ body:
            @Sendable (StoredRecord, _ leave: @escaping @Sendable () -> Void)
            async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        guard try hasRecord() else { return try await body(try load(), {}) }
        guard let lock = try await section.enter(patience: patience) else {
            throw Failure.lockHeld(at: folder)
        }
        defer { lock.release() }
        let survey = try writing { () throws(FileFailure) in try self.survey(isCertain: true) }
        return try await body(stored(survey)) { lock.release() }
    }

    package func syncs() throws(Failure) -> [SyncRecord] { try SyncFile(folder).read() }

    package func remember(_ syncs: [SyncRecord]) throws(Failure) {
        guard try hasRecord() else { return }
        let file = SyncFile(folder)
        let given = Set(syncs.map(\.router))
        let others = try file.read().filter { !given.contains($0.router) }
        try file.write((others + syncs).sorted { $0.router < $1.router })
    }

    private func hasRecord() throws(Failure) -> Bool {
        try reading { () throws(FileFailure) in try isThere() }
    }

    private func isThere() throws(FileFailure) -> Bool {
        guard let status = try folder.world.files.status(folder.path) else { return false }
        guard status.kind == .folder else {
            throw FileFailure(.unsafe, "\(folder.path) is not a folder")
        }
        return true
    }

    private func survey(isCertain: Bool) throws(FileFailure) -> Survey {
        var survey = try Survey(folder, isCertain: isCertain)
        survey.require(service: service, stage: stage)
        return survey
    }

    private func stored(_ survey: Survey) -> StoredRecord {
        StoredRecord(
            record: survey.record, condition: survey.condition,
            isOwnerAlive: survey.newest.map(isOwned) ?? false)
    }

    private func isOwned(_ name: RunName) -> Bool {
        // A lock that cannot be asked counts as held: taking over a living run is the worse mistake.
        (try? folder.world.locks.isHeld(folder.owner(name))) ?? true
    }

    private func nextName(after survey: Survey, above routerEpoch: Int) throws(Failure) -> RunName {
        let epoch = max(survey.record.epoch, survey.newest?.epoch ?? 0, routerEpoch)
        guard epoch < Token.largestEpoch else {
            throw Failure(
                .recordUnwritable, "The router's token belongs to run \(epoch), which cannot be.",
                hint: "Somebody else wrote it. Reset the router's token by hand.")
        }
        return RunName(epoch: epoch + 1, randomBits: folder.world.host.randomBits())
    }
}

extension Failure {
    /// Says who probably writes: the newest run's owner.
    fileprivate static func lockHeld(at folder: StateFolder) -> Failure {
        // Losing the error is right: the names are only for the message.
        let newest = try? Survey(folder).record.run?.beginning
        let holder = newest.map { beginning in
            let owner = beginning.owner
            return
                "\(beginning.run) (\(beginning.plan.verb.rawValue), \(owner.user)@\(owner.host), "
                + "pid \(owner.process.pid))"
        }
        return Failure(
            .lockHeld, "Another process is writing to the record in \(folder.path).",
            evidence: holder.map { ["The newest run is \($0)."] } ?? [],
            hint: "Try again in a moment; if it stays so, that process is stopped or hangs.")
    }
}
