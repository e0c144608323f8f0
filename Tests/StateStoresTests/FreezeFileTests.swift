import Contracts
import TestWorld
import Testing

@testable import StateStores

/// The freezes of a service on a disk.
struct FreezeFileTests {
    private let rig = Rig()
    private var path: String { Rig.folder + "/freezes.json" }

    private static let freeze = FreezeRecord(
        .release(Release(version: "2.9", configurationDigest: "sha256:c")), reason: "loses carts",
        by: "ana@ci-7", since: WallTime(milliseconds: 1_795_000_000_000),
        until: WallTime(milliseconds: 1_795_000_060_000))

    @Test func `what one process freezes, another one reads`() async throws {
        #expect(try rig.store().freezes().isEmpty)
        try await rig.store().changeFreezes(patience: .zero, isLenient: false) {
            $0 + [Self.freeze]
        }
        #expect(try rig.store(seed: 2).freezes() == [Self.freeze])
        #expect(rig.disk.mode(path) == 0o600)
        rig.disk.cutPower()
        #expect(try rig.store().freezes() == [Self.freeze])
    }

    @Test func `reading writes nothing`() throws {
        _ = try rig.store().freezes()
        #expect(rig.disk.paths.isEmpty)
    }

    @Test func `a damaged file, or one of a newer program, is told and not replaced`() async throws
    {
        for text in ["[", #"{"format": 2, "freezes": []}"#] {
            rig.disk[path] = Array(text.utf8)
            let read = #expect(throws: Failure.self) { try rig.store().freezes() }
            let changed = await #expect(throws: Failure.self) {
                try await rig.store().changeFreezes(patience: .zero, isLenient: false) {
                    $0 + [Self.freeze]
                }
            }
            #expect([read, changed].map(\.?.code) == [.recordCorrupt, .recordCorrupt])
            #expect(rig.disk[path] == Array(text.utf8))
        }
    }

    @Test func `two that freeze at the same time do not lose one`() async throws {
        try await rig.store().changeFreezes(patience: .zero, isLenient: false) { $0 }
        let lock = try #require(try rig.disk.locks.take(Rig.folder + "/lock"))
        let failure = await #expect(throws: Failure.self) {
            try await rig.store().changeFreezes(patience: .zero, isLenient: false) {
                $0 + [Self.freeze]
            }
        }
        #expect(failure?.code == .lockHeld)
        lock.release()
        #expect(try rig.store().freezes().isEmpty)
    }
}
