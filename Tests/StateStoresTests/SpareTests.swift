import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import StateStores

/// A rollback on a disk that has become full.
struct SpareTests {
    private let rig = Rig()
    private let path = Rig.folder + "/spare"

    private static let freeze = FreezeRecord(
        .release(Sample.release), reason: "loses carts", by: "ana@ci-7",
        since: WallTime(milliseconds: 1_795_000_000_000),
        until: WallTime(milliseconds: 1_795_000_060_000))

    private var spare: Spare { Spare(in: Rig.folder, rig.disk.files) }

    /// Also where the room ends in the middle of it.
    @Test(arguments: [0, 512, 1 << 10, 2 << 10, 3 << 10, 4 << 10, 6 << 10, 8 << 10, 16 << 10])
    func `a rollback is recorded in the room that a run forward has kept`(
        room: Int
    ) async throws {
        try await rig.run(Sample.deployment)
        #expect(spare.isThere)
        rig.disk.fill(leaving: room)
        try await rig.finish(rig.rollBack())
        try await rig.store().changeFreezes(patience: .zero, isLenient: true) { _ in [Self.freeze] }
        let stored = try rig.store().load()
        #expect(stored.condition == .sound)
        #expect(stored.record.live?.color == .blue)
        #expect(stored.record.run?.phase == .ended)
        #expect(try rig.store().freezes() == [Self.freeze])
        #expect(!spare.isThere || room > 0)
    }

    @Test func `without that room a rollback is told that it cannot be recorded`() async throws {
        try await rig.run(Sample.deployment)
        rig.disk[path] = nil
        rig.disk.fill(leaving: 0)
        let failure = await #expect(throws: Failure.self) { try await rig.rollBack() }
        #expect(failure?.code == .recordUnwritable)
        #expect(try rig.store().load().record.live?.color == .green)
    }

    @Test func `what goes forward does not take the room of a rollback`() async throws {
        try await rig.run(Sample.deployment)
        rig.disk.fill(leaving: 0)
        let failure = await #expect(throws: Failure.self) {
            try await rig.store(seed: 44).begin()
        }
        #expect(failure?.code == .recordUnwritable)
        let frozen = await #expect(throws: Failure.self) {
            try await rig.store().changeFreezes(patience: .zero, isLenient: false) { _ in
                [Self.freeze]
            }
        }
        #expect(frozen?.code == .recordUnwritable)
        #expect(spare.isThere)
        try await rig.finish(rig.rollBack())
        #expect(try rig.store().load().record.live?.color == .blue)
    }

    @Test func `the next run forward keeps that room again, and a rollback does not`() async throws
    {
        try await rig.run(Sample.deployment)
        rig.disk.fill(leaving: 0)
        try await rig.finish(rig.rollBack())
        rig.disk.fill(leaving: nil)
        try await rig.finish(rig.rollBack(seed: 44))
        #expect(!spare.isThere)
        try await rig.run(seed: 45)
        #expect(spare.isThere)
    }

    @Test func `where no room can be kept a run goes on`() async throws {
        let reserve = try await rig.operation("reserve", of: [], seed: 42)
        rig.disk.prepare(.failure(.noSpace), at: reserve)
        try await rig.run(Sample.deployment)
        #expect(rig.disk.restart())
        #expect(!spare.isThere)
        #expect(try rig.store().load().record.live?.color == .green)
    }

    @Test func `a flush that failed for want of room was repeated in the room of a rollback`()
        async throws
    {
        var operation = 0
        var wasMet = true
        while wasMet {
            operation += 1
            let rig = Rig()
            try await rig.run(Sample.deployment)
            let journal = try await rig.rollBack()
            try await journal.append(.claimed, isDurable: false)
            rig.disk.prepare(.failure(.noSpace), at: operation)
            // Where it fails is the point.
            try? await journal.append(.rolledBack(live: .blue), isDurable: true)
            wasMet = rig.disk.restart()
            rig.disk.cutPower()
            #expect(try rig.store().condition == .sound, "at operation \(operation)")
        }
        #expect(operation > 2)
    }

    @Test func `a process that dies while it gives the room up leaves it to the next rollback`()
        async throws
    {
        var operation = 0
        var wasMet = true
        while wasMet {
            operation += 1
            let rig = Rig()
            try await rig.run(Sample.deployment)
            rig.disk.fill(leaving: 0)
            rig.disk.prepare(.death(), at: operation)
            // Where it dies is the point.
            if let journal = try? await rig.rollBack() { try? await rig.finish(journal) }
            wasMet = rig.disk.restart()
            try await rig.finish(rig.rollBack(seed: 44))
            let stored = try rig.store().load()
            #expect(stored.condition == .sound, "at operation \(operation)")
            #expect(stored.record.live?.color == .blue, "at operation \(operation)")
        }
        #expect(operation > 20)
    }
}

extension Rig {
    fileprivate func rollBack(seed: UInt64 = 43) async throws(Failure) -> any RunJournal {
        try await store(seed: seed).begin(
            above: 0, patience: .zero, judging: { _ in }
        ) { run, epoch in
            var beginning = Sample.beginning(run, epoch)
            beginning.plan.isLenient = true
            return beginning
        }
    }

    fileprivate func finish(_ journal: any RunJournal) async throws(Failure) {
        try await journal.append(.rolledBack(live: .blue), isDurable: true)
        try await journal.append(
            .ended(Outcome(.succeeded, production: .proven(.blue))), isDurable: true)
        await journal.close()
    }
}
