import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import StateStores

struct FileStateStoreTests {
    let rig = Rig()

    @Test func `a run leaves its journal, its owner's lock and state json`() async throws {
        try await rig.run([.ended(Outcome(.succeeded, production: .proven(.blue)))])
        #expect(
            rig.disk.paths == [
                "/state/shop@production/lock",
                "/state/shop@production/runs/0000000001-a10000.jsonl",
                "/state/shop@production/runs/a10000.owner",
                "/state/shop@production/spare",
                "/state/shop@production/state.json",
            ])
        #expect(rig.disk.paths.allSatisfy { rig.disk.mode($0) == 0o600 })
    }

    @Test func `the record after a deployment is the replay of its events`() async throws {
        try await rig.run(Sample.deployment)
        let stored = try rig.store().load()
        #expect(stored.condition == .sound)
        #expect(stored.record.live?.color == .green)
        #expect(stored.record.wayBack == .blue)
        #expect(stored.record.releases == [.green: Sample.release])
        #expect(stored.record.bake?.length == .seconds(600))
        #expect(stored.record.run?.outcome?.ending == .succeeded)
    }

    @Test func `state json says what the replay says`() async throws {
        try await rig.run(Sample.deployment)
        let cached = try rig.store().load().record
        rig.disk[rig.stateFile] = nil
        let replayed = try rig.store().load()
        #expect(replayed.condition == .sound)
        #expect(replayed.record == cached)
    }

    @Test func `state json is found to be old when it was put back`() async throws {
        try await rig.run(Sample.deployment)
        let old = rig.disk[rig.stateFile]
        try await rig.run([.rolledBack(live: .blue)], seed: 43)
        try await rig.run(Sample.deployment, seed: 44)
        let journals = rig.journals.map { ($0, rig.disk[$0]) }
        rig.disk[rig.stateFile] = old
        // A folder that was restored: the runs came back after state.json.
        rig.disk[journals[2].0] = nil
        rig.disk[journals[2].0] = journals[2].1
        #expect(try rig.store().load().record.epoch == 3)
    }

    @Test func `a run that was only announced has not begun`() async throws {
        try await rig.run(Sample.deployment)
        try await rig.disk.prepare(.failure(.noSpace), at: rig.operation("open", of: [], seed: 43))
        await #expect(throws: Failure.self) { try await rig.store(seed: 43).begin() }
        #expect(try rig.store().condition == .sound)
        #expect(try rig.store().load().record.epoch == 1)
        #expect(try await rig.store(seed: 43).begin().beginning.epoch == 2)
    }

    @Test func `nothing recorded is absent`() throws {
        let stored = try rig.store().load()
        #expect(stored.condition == .absent)
        #expect(stored.record == Record())
        #expect(!stored.isOwnerAlive)
    }

    @Test func `loading changes nothing`() async throws {
        try await rig.run(Sample.deployment)
        let before = rig.disk.log.count
        _ = try rig.store().load()
        let verbs = Set(rig.disk.log.dropFirst(before).map { $0.prefix { $0 != "/" } })
        #expect(verbs.isSubset(of: ["read ", "look at ", "ask the lock ", "list "]))
    }

    @Test func `loading reads the same few files however many runs there were`() async throws {
        for seed in 0..<40 { try await rig.run(Sample.deployment, seed: UInt64(seed)) }
        let before = rig.disk.log.count
        _ = try rig.store().load()
        #expect(rig.disk.log.count - before <= 8)
    }

    @Test func `loading stays cheap while a run is under way`() async throws {
        for seed in 0..<40 { try await rig.run(Sample.deployment, seed: UInt64(seed)) }
        let journal = try await rig.store(seed: 99).begin()
        try await journal.append(.claimed, isDurable: true)
        let before = rig.disk.log.count
        #expect(try rig.store().load().record.epoch == 41)
        let done = rig.disk.log.dropFirst(before)
        #expect(done.count <= 9)
        #expect(!done.contains { $0.hasPrefix("list") })
    }

    @Test func `the owner of the newest run is alive until it closes or dies`() async throws {
        let journal = try await rig.store().begin()
        #expect(try rig.store().load().isOwnerAlive)
        await journal.close()
        #expect(try !rig.store().load().isOwnerAlive)
        _ = try await rig.store(seed: 43).begin()
        rig.disk.restart()
        #expect(try !rig.store().load().isOwnerAlive)
    }

    @Test func `the record of another service is told with its name`() async throws {
        let journal = try await rig.store().begin(
            above: 0, patience: .zero, judging: { _ in }
        ) { run, epoch in
            Sample.beginning(run, epoch, service: "billing")
        }
        await journal.close()
        #expect(try rig.store().condition.words.contains("billing@production"))
    }

    @Test func `a folder that is a link is refused with the reason`() throws {
        rig.disk.makeLink(Rig.folder)
        let failure = #expect(throws: Failure.self) { try rig.store().load() }
        #expect(failure?.message.contains("is not a folder") == true)
    }

    @Test func `a journal that cannot be read is told, and the rest counts`() async throws {
        try await rig.run(Sample.deployment)
        try await rig.run([], seed: 43)
        rig.disk.makeLink(rig.journals[1])
        #expect(try rig.store().load().record.live?.color == .green)
    }

    @Test(arguments: [FileFailure.Reason.readOnly, .denied, .noSpace, .unsafe])
    func `a lock that cannot be taken is not called held`(reason: FileFailure.Reason) async throws {
        try await rig.run()
        try await rig.disk.prepare(.failure(reason), at: rig.operation("lock", of: [], seed: 43))
        let failure = await #expect(throws: Failure.self) {
            try await rig.store(seed: 43).begin()
        }
        #expect(failure?.code == .recordUnwritable)
        #expect(failure?.message.contains("\(reason)") == true)
    }

    @Test func `a held lock names the newest run and its owner after the patience`() async throws {
        try await rig.run()
        let held = try rig.disk.locks.take(Rig.folder + "/lock")
        let start = rig.time.now
        let failure = await #expect(throws: Failure.self) {
            try await rig.store().begin(patience: .milliseconds(300))
        }
        #expect(failure?.code == .lockHeld)
        #expect(
            failure?.evidence.first?.contains("r-000001-a10000 (deploy, ana@ci-7, pid 4711)")
                == true)
        #expect((.milliseconds(300) ... .milliseconds(310)).contains(rig.time.now - start))
        held?.release()
    }

    @Test func `an epoch is above the routers'`() async throws {
        let journal = try await rig.store().begin(above: 40)
        #expect(journal.beginning.epoch == 41)
        #expect(journal.beginning.run.text == "r-000041-a10000")
    }

    @Test func `an epoch that nobody can have written is refused`() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await rig.store().begin(above: .max / 128)
        }
        #expect(failure?.hint?.contains("Reset") == true)
    }

    @Test func `each run points back to the last line of the one before`() async throws {
        try await rig.run(Sample.deployment)
        try await rig.run([], seed: 43)
        let last = try #require(rig.lines(rig.journals[0]).last)
        #expect(rig.lines(rig.journals[1])[0].contains(Checksum.hash(Array(last.utf8))))
    }

    @Test func `entries of a run are its events in order`() async throws {
        let beginning = try await rig.run(Sample.deployment)
        let entries = try #require(try rig.store().entries(of: beginning.run))
        #expect(entries.map(\.event) == [.began(beginning)] + Sample.deployment)
        #expect(entries.map(\.number) == Array(1...entries.count))
        #expect(try rig.store().entries(of: RunID("r-000009-zzzzzz")) == nil)
    }

    @Test func `runs are listed newest first, page by page`() async throws {
        for seed in 0..<5 { try await rig.run(Sample.deployment, seed: UInt64(seed)) }
        let first = try rig.store().runs(before: nil, limit: 2)
        #expect(first.map(\.beginning.epoch) == [5, 4])
        let before = rig.disk.log.count
        let second = try rig.store().runs(before: first.last?.beginning.run, limit: 2)
        #expect(second.map(\.beginning.epoch) == [3, 2])
        #expect(rig.disk.log.count - before == 3)
        #expect(second.allSatisfy { $0.phase == .ended })
    }

    @Test func `a page is read without listing the folder`() async throws {
        for seed in 0..<5 { try await rig.run(Sample.deployment, seed: UInt64(seed)) }
        let before = rig.disk.log.count
        let newest = try rig.store().runs(before: nil, limit: 2)
        let next = try rig.store().runs(before: newest.last?.beginning.run, limit: 2)
        #expect((newest + next).map(\.beginning.epoch) == [5, 4, 3, 2])
        #expect(rig.disk.log.dropFirst(before).allSatisfy { !$0.hasPrefix("list") })
    }

    @Test func `a run whose file is gone does not hide those before it`() async throws {
        for seed in 0..<5 { try await rig.run(Sample.deployment, seed: UInt64(seed)) }
        rig.disk[rig.journals[2]] = nil
        #expect(try rig.store().runs(before: nil, limit: 9).map(\.beginning.epoch) == [5, 4, 2, 1])
    }

    @Test func `a run that was put back after the newest is listed`() async throws {
        try await rig.run(Sample.deployment, seed: 1)
        let state = rig.disk[rig.stateFile]
        try await rig.run(Sample.deployment, seed: 2)
        let (path, journal) = (rig.journals[1], rig.disk[rig.journals[1]])
        rig.disk[rig.stateFile] = state
        rig.disk[path] = nil
        rig.disk[path] = journal
        #expect(try rig.store().runs(before: nil, limit: 9).map(\.beginning.epoch) == [2, 1])
    }

    @Test func `no secret is stored, only its name`() async throws {
        try await rig.run(Sample.deployment)
        let text = String(decoding: rig.disk[rig.stateFile] ?? [], as: UTF8.self)
        #expect(text.contains("${env.SECRET}"))
    }
}

extension Rig {
    /// Which operation of a run is the first that begins with `verb`; tried on a copy.
    func operation(_ verb: String, of events: [RunEvent], seed: UInt64) async throws -> Int {
        let other = Rig(disk: disk.copy())
        let before = other.disk.log.count
        try await other.run(events, seed: seed)
        let done = other.disk.log.dropFirst(before)
        return try #require(done.firstIndex { $0.hasPrefix(verb) }) - before + 1
    }
}
