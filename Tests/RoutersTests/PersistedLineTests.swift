import Contracts
import Foundation
import Synchronization
import Testing

@testable import Routers

@Suite struct PersistedLineTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func line(
        _ key: String = "shop", files: Files = RouterWorld.realFiles,
        locks: Locks = RouterWorld.locks()
    ) -> PersistedLine {
        PersistedLine(
            path: "\(folder.path)/bg.map", locate: HAProxyMap.locate(key),
            world: RouterWorld.world(files: files, locks: locks))
    }

    @Test func `only the own value changes`() async throws {
        let before = "# shop blue\r\n\n\tshop \t blue:green:0:0 \t\r\nshopping blue\ncart blue"
        try folder.write("bg.map", before)
        try await line().replace(with: "green:-:0:65") { _ in nil }
        let after = "# shop blue\r\n\n\tshop \t green:-:0:65 \t\r\nshopping blue\ncart blue"
        #expect(try folder.read("bg.map") == after)
    }

    @Test func `bytes that are no text stay as they are`() async throws {
        let path = "\(folder.path)/bg.map"
        try Data([0xFF, 0x0A] + Array("shop blue\n".utf8) + [0xFE]).write(to: URL(filePath: path))
        try await line().replace(with: "green") { _ in nil }
        let bytes = try Data(contentsOf: URL(filePath: path))
        #expect([UInt8](bytes) == [0xFF, 0x0A] + Array("shop green\n".utf8) + [0xFE])
    }

    @Test func `a key that stands twice changes twice and reads as the first`() async throws {
        try folder.write("bg.map", "shop blue\nshop red\n")
        #expect(try line().value() == "blue")
        try await line().replace(with: "green") { _ in nil }
        #expect(try folder.read("bg.map") == "shop green\nshop green\n")
    }

    @Test func `a value that is already there is not written again`() async throws {
        try folder.write("bg.map", "shop green\n")
        var files = RouterWorld.realFiles
        files.replace = { (_, _, _) throws(FileFailure) in Issue.record("nothing to write") }
        try await line(files: files).replace(with: "green") { _ in nil }
    }

    @Test(arguments: ["", "cart blue\n", "# shop blue\n", "shop\n", "shopping blue\n"])
    func `a file without the key is refused and stays`(_ text: String) async throws {
        try folder.write("bg.map", text)
        #expect(try line().value() == nil)
        let failure = await #expect(throws: Failure.self) {
            try await line().replace(with: "green") { _ in nil }
        }
        #expect(failure?.code == .routerNotDurable)
        #expect(try folder.read("bg.map") == text)
    }

    @Test func `an absent file is refused and not created`() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await line().replace(with: "green") { _ in nil }
        }
        #expect(failure?.code == .routerNotDurable)
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/bg.map"))
    }

    @Test func `a link is not followed`() async throws {
        try folder.write("elsewhere", "shop blue\n")
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/bg.map", withDestinationPath: "\(folder.path)/elsewhere")
        await #expect(throws: Failure.self) {
            try await line().replace(with: "green") { _ in nil }
        }
        #expect(try folder.read("elsewhere") == "shop blue\n")
    }

    @Test func `a full disk is said and leaves the file`() async throws {
        try folder.write("bg.map", "shop blue\n")
        var files = RouterWorld.realFiles
        files.replace = { (_, _, _) throws(FileFailure) in throw FileFailure(.noSpace, "disk full")
        }
        let failure = await #expect(throws: Failure.self) {
            try await line(files: files).replace(with: "green") { _ in nil }
        }
        #expect(failure?.evidence == ["disk full"])
    }

    @Test func `a refusal leaves the file and the lock`() async throws {
        try folder.write("bg.map", "shop blue\n")
        let locks = RouterWorld.locks()
        await #expect(throws: Failure.self) {
            try await line(locks: locks).replace(with: "green") { _ in Failure(.superseded, "no") }
        }
        #expect(try folder.read("bg.map") == "shop blue\n")
        #expect(try !locks.isHeld("\(folder.path)/bg.map.lock"))
    }

    @Test func `a file that another process keeps locked is not changed`() async throws {
        try folder.write("bg.map", "shop blue\n")
        let locks = RouterWorld.locks()
        let held = try #require(try locks.take("\(folder.path)/bg.map.lock"))
        await #expect(throws: Failure.self) {
            try await line(locks: locks).replace(with: "green") { _ in nil }
        }
        held.release()
        try await line(locks: locks).replace(with: "green") { _ in nil }
        #expect(try folder.read("bg.map") == "shop green\n")
    }

    @Test func `the number of a register is found in its configuration`() {
        let locate = HAProxyRegister.locate("shop")
        let text = Array("    set-var proc.shop int(2625)".utf8)
        #expect(locate(text[...]).map { text[$0] } == Array("2625".utf8)[...])
        for other in [
            "set-var proc.cart int(1)", "# set-var proc.shop int(1)", "set-var proc.shop str(x)",
        ] {
            #expect(locate(Array(other.utf8)[...]) == nil)
        }
    }
}
