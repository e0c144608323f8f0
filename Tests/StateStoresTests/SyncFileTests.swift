import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import StateStores

/// What routers were given outside of a run, and the short time in which nobody else writes.
struct SyncFileTests {
    private let rig = Rig()
    private var path: String { Rig.folder + "/syncs.json" }

    private static func sync(_ router: String, isDone: Bool = false) -> SyncRecord {
        SyncRecord(
            router: RouterID(router), from: RouterID("lb-1"),
            datum: Datum(live: .green, token: Token(epoch: 1, round: 2)), by: "ana@ci-7",
            at: WallTime(milliseconds: 1_795_000_000_000), isDone: isDone)
    }

    @Test func `of each router only the last one is kept, and outlives a power cut`() async throws {
        try await rig.run()
        try rig.store().remember([Self.sync("lb-3"), Self.sync("lb-2")])
        try rig.store().remember([Self.sync("lb-2", isDone: true)])
        rig.disk.cutPower()
        #expect(
            try rig.store().syncs() == [Self.sync("lb-2", isDone: true), Self.sync("lb-3")])
        #expect(rig.disk.mode(path) == 0o600)
    }

    @Test func `a damaged file is as good as none`() async throws {
        try await rig.run()
        rig.disk[path] = Array("[".utf8)
        #expect(try rig.store().syncs().isEmpty)
        try rig.store().remember([Self.sync("lb-2")])
        #expect(try rig.store().syncs() == [Self.sync("lb-2")])
    }

    @Test func `where there is no record, none is begun`() async throws {
        let seen = try await rig.store().alone(patience: .zero) { stored, _ in stored.condition }
        try rig.store().remember([Self.sync("lb-2")])
        #expect(seen == .absent)
        #expect(rig.disk.paths.isEmpty)
    }

    @Test func `nobody begins a run meanwhile, and nobody who writes is disturbed`() async throws {
        try await rig.run()
        let store = rig.store()
        let failure = try await store.alone(patience: .zero) { _, _ in
            await #expect(throws: Failure.self) { try await store.begin(patience: .zero) }
        }
        #expect(failure?.code == .lockHeld)
        let lock = try #require(try rig.disk.locks.take(Rig.folder + "/lock"))
        let refusal = await #expect(throws: Failure.self) {
            try await store.alone(patience: .zero) { _, _ in Issue.record("somebody else is in it")
            }
        }
        #expect(refusal?.code == .lockHeld)
        lock.release()
    }
}
