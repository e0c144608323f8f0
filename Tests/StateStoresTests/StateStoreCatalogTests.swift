import Contracts
import TestWorld
import Testing

@testable import StateStores

struct StateStoreCatalogTests {
    @Test func `the services with a record are found without a pipeline`() async throws {
        let rig = Rig()
        try await rig.run()
        let store = FileStateStore(root: "/state", service: "api", stage: nil, world: rig.world())
        _ = try await store.begin()
        rig.disk["/state/notes/todo.txt"] = []
        let found = try StateStoreCatalog.services(in: "/state", files: rig.disk.files)
        #expect(found.map(\.service) == ["api", "shop"])
        #expect(found.map(\.stage) == [nil, "production"])
    }

    @Test(arguments: ["@", "@production", "shop@", "@@"])
    func `a folder that no service can have is no service`(name: String) throws {
        let files = MemoryFiles()
        files["/state/\(name)/runs/0000000001-7k3q9x.jsonl"] = []
        #expect(try StateStoreCatalog.services(in: "/state", files: files.files).isEmpty)
    }

    @Test func `no folder has no services`() throws {
        let files = MemoryFiles().files
        #expect(try StateStoreCatalog.services(in: "/nowhere", files: files).isEmpty)
    }
}
