import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import StateStores

struct RunJournalTests {
    let rig = Rig()

    @Test func `an append to a closed journal is an error`() async throws {
        let journal = try await rig.store().begin()
        await journal.close()
        await journal.close()
        let failure = await #expect(throws: Failure.self) {
            try await journal.append(.claimed, isDurable: true)
        }
        #expect(failure?.code == .recordUnwritable)
    }

    @Test func `a durable entry is flushed and another is not`() async throws {
        let journal = try await rig.store().begin()
        #expect(try await operations { try await journal.append(.claimed, isDurable: false) } == 0)
        #expect(try await operations { try await journal.append(.claimed, isDurable: true) } == 1)
    }

    @Test func `an entry that state json depends on is always durable`() async throws {
        let journal = try await rig.store().begin()
        let event = RunEvent.switched(live: .green, previous: .blue)
        #expect(try await operations { try await journal.append(event, isDurable: false) } == 1)
    }

    /// How often the run's file was flushed meanwhile.
    private func operations(_ body: () async throws -> Void) async throws -> Int {
        let before = rig.disk.log.count
        try await body()
        return rig.disk.log.dropFirst(before).count { $0.hasPrefix("flush \(rig.journals[0])") }
    }

    @Test func `a failed write tells the true reason, and is not tried again`() async throws {
        let journal = try await rig.store().begin()
        // The lock, state.json, the run's file, its size: then the write.
        rig.disk.prepare(.failure(.noSpace), at: 5)
        let failure = await #expect(throws: Failure.self) {
            try await journal.append(.claimed, isDurable: true)
        }
        #expect(failure?.code == .recordUnwritable)
        #expect(failure?.message.contains("append to") == true)
        #expect(failure?.message.contains("noSpace") == true)
        #expect(rig.disk.restart())
        #expect(rig.lines(rig.journals[0]).count == 1)
    }

    /// Linux takes them for written, and says so of every flush after that.
    @Test func `a flush that failed lost lines before it, and the record was called damaged`()
        async throws
    {
        let journal = try await rig.store().begin()
        try await journal.append(.claimed, isDurable: false)
        // The lock, state.json, the run's file, its size, the write: then the flush.
        rig.disk.prepare(.failure(.other), at: 6)
        let failure = await #expect(throws: Failure.self) {
            try await journal.append(.checksPassed, isDurable: true)
        }
        #expect(failure?.message.contains("cannot flush") == true, "\(failure?.message ?? "")")
        // Nothing more is written into that file.
        await #expect(throws: Failure.self) {
            try await journal.append(.checksPassed, isDurable: true)
        }
        rig.disk.cutPower()
        #expect(try rig.store().condition == .sound)
        #expect(try rig.store().entries(of: journal.beginning.run)?.count == 2)
        #expect(try await rig.store(seed: 2).begin().beginning.epoch == 2)
    }

    @Test func `what a failed write left behind is kept aside before the next entry`() async throws
    {
        let journal = try await rig.store().begin()
        rig.disk[rig.journals[0]]? += Array(#"{"n":2,"t":"#.utf8)
        try await journal.append(.claimed, isDurable: true)
        #expect(rig.disk[rig.journals[0] + ".torn-1"] == Array(#"{"n":2,"t":"#.utf8))
        #expect(rig.lines(rig.journals[0]).count == 2)
        #expect(try rig.store().condition.isSound)
    }

    @Test func `nothing is appended to a file that somebody cut`() async throws {
        let journal = try await rig.store().begin()
        rig.disk[rig.journals[0]] = []
        let failure = await #expect(throws: Failure.self) {
            try await journal.append(.claimed, isDurable: true)
        }
        #expect(failure?.message.contains("cut short") == true)
    }

    @Test func `a state json that cannot be written loses nothing`() async throws {
        let journal = try await rig.store().begin()
        rig.disk.prepare(.failure(.noSpace), at: 7)
        try await journal.append(.switched(live: .green, previous: .blue), isDurable: true)
        #expect(rig.disk.restart())
        #expect(try rig.store().load().record.live?.color == .green)
    }

    @Test func `a section that another process never leaves is an error after two seconds`()
        async throws
    {
        let journal = try await rig.store().begin()
        let held = try rig.disk.locks.take(Rig.folder + "/lock")
        let start = rig.time.now
        let failure = await #expect(throws: Failure.self) {
            try await journal.append(.claimed, isDurable: true)
        }
        #expect(failure?.code == .recordUnwritable)
        #expect(rig.time.now - start < .seconds(3))
        held?.release()
        try await journal.append(.claimed, isDurable: true)
    }

    @Test func `a rollback waits for the sections of others 300 ms in all, not each time`()
        async throws
    {
        let store = rig.store()
        let journal = try await store.begin(
            above: 0, patience: .milliseconds(300), judging: { _ in }
        ) { run, epoch in
            var beginning = Sample.beginning(run, epoch)
            beginning.plan.isLenient = true
            return beginning
        }
        let held = try rig.disk.locks.take(Rig.folder + "/lock")
        let start = rig.time.now
        for _ in 1...3 {
            let failure = await #expect(throws: Failure.self) {
                try await journal.append(.claimed, isDurable: true)
            }
            #expect(failure?.code == .recordUnwritable)
        }
        #expect((.milliseconds(300) ... .milliseconds(310)).contains(rig.time.now - start))
        held?.release()
        try await journal.append(.claimed, isDurable: true)
    }

    @Test func `asking for the newest epoch is cheap and writes nothing`() async throws {
        for seed in 0..<20 { try await rig.run(seed: UInt64(seed)) }
        let journal = try await rig.store(seed: 42).begin()
        let before = rig.disk.log.count
        #expect(journal.newestEpoch() == 21)
        #expect(
            rig.disk.log.dropFirst(before).map { $0.prefix { $0 != "/" } } == ["read ", "look at "])
    }

    @Test func `a newer run is noticed also where state json was removed`() async throws {
        let journal = try await rig.store().begin()
        try await rig.run(seed: 43)
        rig.disk[rig.stateFile] = nil
        #expect(journal.newestEpoch() == 2)
    }

    @Test func `the lock is free again after every append, also a failed one`() async throws {
        let journal = try await rig.store().begin()
        for operation in 1...6 {
            rig.disk.prepare(.failure(.other), at: operation)
            // Whether it fails is another test's business.
            try? await journal.append(.claimed, isDurable: true)
            #expect(try !rig.disk.locks.isHeld(Rig.folder + "/lock"))
        }
    }
}
