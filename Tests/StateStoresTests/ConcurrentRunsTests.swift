import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import StateStores

/// Two and more processes over one folder.
struct ConcurrentRunsTests {
    let rig = Rig()

    @Test func `fifty begins at once get fifty epochs and one chain`() async throws {
        let epochs = try await withThrowingTaskGroup(of: Int.self) { group in
            for seed in 0..<50 {
                group.addTask {
                    let store = rig.store(seed: UInt64(seed))
                    let journal = try await store.begin(patience: .seconds(86_400))
                    return journal.beginning.epoch
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(epochs.sorted() == Array(1...50))
        rig.disk[rig.stateFile] = nil
        #expect(try rig.store().condition == .sound)
    }

    @Test func `two runs that write at once keep their lines whole`() async throws {
        let older = try await rig.store(seed: 1).begin()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { try await older.append(.claimed, isDurable: false) }
            }
            try await group.waitForAll()
        }
        #expect(try rig.store().entries(of: older.beginning.run)?.count == 21)
        #expect(try rig.store().condition == .sound)
    }

    @Test func `a superseded run is told who took over and writes nothing`() async throws {
        let older = try await rig.store(seed: 1).begin()
        let newer = try await rig.store(seed: 2).begin(supersedes: older.beginning.run)
        let before = rig.disk[rig.journals[0]]
        let failure = await #expect(throws: Failure.self) {
            try await older.append(.claimed, isDurable: true)
        }
        #expect(failure?.code == .superseded)
        #expect(failure?.message.contains(newer.beginning.run.text) == true)
        #expect(rig.disk[rig.journals[0]] == before)
        #expect(older.newestEpoch() == newer.beginning.epoch)
        try await newer.append(.claimed, isDurable: true)
    }

    @Test func `a run begun by who read no record did not name the open one`() async throws {
        let older = try await rig.store(seed: 1).begin()
        let newer = try await rig.store(seed: 2).begin()
        #expect(newer.beginning.supersedes == older.beginning.run)
        try await newer.append(
            .ended(Outcome(.succeeded, production: .untouched(.blue))), isDurable: true)
        #expect(try await rig.store(seed: 3).begin().beginning.supersedes == nil)
    }

    @Test func `a run begun beside a journal that is not read did not name its run`() async throws {
        try await rig.run(seed: 1)
        let older = try await rig.store(seed: 2).begin().beginning.run
        let journal = rig.journals[1]
        var world = rig.world(seed: 3)
        let read = world.files.read
        world.files.read = { path, limit throws(FileFailure) in
            guard path != journal else { throw FileFailure(.denied, path) }
            return try read(path, limit)
        }
        let store = FileStateStore(
            root: "/state", service: "shop", stage: "production", world: world)
        let newer = try await store.begin().beginning
        #expect((newer.supersedes, newer.previous) == (older, older))
    }

    @Test func `a run whose first line was not written hid the one before it`() async throws {
        let older = try await rig.store(seed: 1).begin().beginning.run
        rig.disk[rig.journals[0].replacing("0000000001", with: "0000000002")] = []
        let newer = try await rig.store(seed: 2).begin().beginning
        #expect((newer.supersedes, newer.previous) == (older, older))
    }

    @Test func `a run that was announced and never began supersedes nobody`() async throws {
        let older = try await rig.store(seed: 1).begin()
        let operation = try await rig.operation("open", of: [], seed: 2)
        rig.disk.prepare(.failure(.noSpace), at: operation)
        await #expect(throws: Failure.self) { try await rig.store(seed: 2).begin() }
        #expect(older.newestEpoch() == 1)
        try await older.append(.claimed, isDurable: true)
    }

    @Test func `a begin is above every run, whatever an old state json says`() async throws {
        try await rig.run(Sample.deployment, seed: 1)
        let old = rig.disk[rig.stateFile]
        try await rig.run(Sample.deployment, seed: 2)
        rig.disk[rig.stateFile] = old
        #expect(try await rig.store(seed: 3).begin().beginning.epoch == 3)
    }

    @Test func `a begin that is refused leaves no state json behind that hides a run`() async throws
    {
        try await rig.run(Sample.deployment, seed: 1)
        let old = rig.disk[rig.stateFile]
        try await rig.run(Sample.deployment, seed: 2)
        // Put back last, it is younger than the runs.
        rig.disk[rig.stateFile] = old
        #expect(try rig.store().load().record.epoch == 1)
        await #expect(throws: Failure.self) {
            try await rig.store(seed: 3).begin(
                above: 0, patience: .zero,
                judging: { stored throws(Failure) in
                    throw Failure(.lockHeld, "\(stored.record.epoch) is not what was seen")
                },
                { run, epoch in Sample.beginning(run, epoch) })
        }
        #expect(try rig.store().load().record.epoch == 2)
    }

    @Test func `a power cut loses no line that the next run builds on`() async throws {
        let older = try await rig.store(seed: 1).begin()
        try await older.append(.claimed, isDurable: false)
        rig.disk.restart()
        try await rig.run(seed: 2)
        rig.disk.cutPower()
        #expect(try rig.store().condition == .sound)
        #expect(try rig.store().entries(of: older.beginning.run)?.count == 2)
    }

    @Test func `no run begins on lines that cannot be flushed`() async throws {
        let older = try await rig.store(seed: 1).begin()
        try await older.append(.claimed, isDurable: false)
        rig.disk.restart()
        let flush = try await rig.operation("flush \(rig.journals[0])", of: [], seed: 2)
        rig.disk.prepare(.failure(.noSpace), at: flush)
        let failure = await #expect(throws: Failure.self) { try await rig.store(seed: 2).begin() }
        #expect(failure?.code == .recordUnwritable)
        #expect(rig.journals.count == 1)
        try await rig.run(seed: 3)
        rig.disk.cutPower()
        #expect(try rig.store().condition == .sound)
    }

    @Test func `a journal that a backup gave a second name stopped every later run`() async throws {
        try await rig.run(seed: 1)
        var world = rig.world(seed: 2)
        let open = world.files.openJournal
        world.files.openJournal = { path, isNew throws(FileFailure) in
            guard isNew else { throw FileFailure(.unsafe, "\(path) has a second name") }
            return try open(path, isNew)
        }
        let store = FileStateStore(
            root: "/state", service: "shop", stage: "production", world: world)
        #expect(try await store.begin().beginning.epoch == 2)
    }

    @Test func `a critical section is not entered by a superseded run`() async throws {
        let older = try await rig.store(seed: 1).begin()
        _ = try await rig.store(seed: 2).begin()
        await #expect(throws: Failure.self) {
            try await older.whileNewest { Issue.record("The router was written.") }
        }
    }

    @Test func `nobody begins a run inside another's critical section`() async throws {
        let journal = try await rig.store(seed: 1).begin()
        let code = try await journal.whileNewest {
            do {
                _ = try await rig.store(seed: 2).begin(patience: .milliseconds(50))
                return Failure.Code?.none
            } catch {
                return (error as? Failure)?.code
            }
        }
        #expect(code == .lockHeld)
        #expect(try await rig.store(seed: 2).begin().beginning.epoch == 2)
    }

    @Test func `a begin is judged by the record of that instant, and begins nothing when refused`()
        async throws
    {
        let older = try await rig.store(seed: 1).begin()
        try await older.append(.claimIntended(Sample.intent(.blue, round: 1)), isDurable: true)
        let failure = await #expect(throws: Failure.self) {
            try await rig.store(seed: 2).begin(
                above: 0, patience: .zero,
                judging: { stored throws(Failure) in
                    #expect(stored.isOwnerAlive)
                    throw Failure(.lockHeld, "\(stored.record.run?.phase.rawValue ?? "no run")")
                },
                { run, epoch in Sample.beginning(run, epoch) })
        }
        #expect(failure?.message == "deploying")
        #expect(rig.journals.count == 1)
        #expect(older.newestEpoch() == 1)
        try await older.append(.claimed, isDurable: true)
    }

    @Test func `a run of a dead process is followed by the next epoch`() async throws {
        let older = try await rig.store(seed: 1).begin()
        try await older.append(.claimIntended(Sample.intent(.blue, round: 1)), isDurable: true)
        rig.disk.restart()
        let stored = try rig.store().load()
        #expect(!stored.isOwnerAlive)
        #expect(stored.record.run?.phase == .deploying)
        #expect(try await rig.store(seed: 2).begin().beginning.epoch == 2)
    }
}
