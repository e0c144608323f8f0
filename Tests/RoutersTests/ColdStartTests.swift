import Contracts
import PipelineModel
import TestWorld
import Testing
import TrafficRig

@testable import Routers

/// What a proxy reads when it starts, read and written while it does not run.
@Suite struct ColdStartTests {
    private static let datum = Datum(
        live: .green, isIdleClaimed: true, token: Token(epoch: 41, round: 2))

    /// Every question ends like this.
    private static func failing(_ isNobodyThere: Bool) -> Streams {
        Streams { (_) throws(StreamFailure) in
            throw StreamFailure(mayHaveActed: false, isNobodyThere: isNobodyThere, "no answer")
        }
    }

    private static func cold(_ folder: HAProxyFolder) throws -> any ColdStart {
        try #require(try folder.router(failing(true)).cold)
    }

    @Test(arguments: [true, false])
    func `only where nobody listens, a proxy does not run`(isNobodyThere: Bool) async throws {
        let streams = Self.failing(isNobodyThere)
        let haproxy = try HAProxyFolder(.map).router(streams)
        #expect(await haproxy.cold?.isDown() == isNobodyThere)
        let slot = FakeSlot()
        let world = RouterWorld.world(
            streams: streams, files: slot.disk.files, locks: slot.disk.locks)
        #expect(
            try await slot.router(isReadBack: true, world: world).cold?.isDown() == isNobodyThere)
    }

    @Test(arguments: [HAProxyFolder.Way.map, .register])
    func `what HAProxy starts with is the whole datum`(way: HAProxyFolder.Way) async throws {
        let folder = try HAProxyFolder(way)
        let cold = try Self.cold(folder)
        let before = try await cold.observe()
        #expect(before.color == .blue)
        #expect(before.token == Token(number: 0))
        #expect(await cold.write(Self.datum) == .applied)
        let after = try await cold.observe()
        #expect(after.color == .green)
        #expect(after.token == Self.datum.token)
        #expect(after.isIdleClaimed)
        withExtendedLifetime(folder) {}
    }

    @Test func `the other lines of a map stay`() async throws {
        let folder = try HAProxyFolder(.map)
        #expect(await (try Self.cold(folder)).write(Self.datum) == .applied)
        #expect(
            try folder.folder.read("bg.map") == "# who is live\nshop green:-:0:2626\ncart blue\n")
    }

    @Test(arguments: [HAProxyFolder.Way.map, .register])
    func `a newer token in the file is not overwritten`(way: HAProxyFolder.Way) async throws {
        let folder = try HAProxyFolder(way)
        let cold = try Self.cold(folder)
        let newer = Datum(live: .blue, token: Token(epoch: 42, round: 1))
        #expect(await cold.write(newer) == .applied)
        #expect(await cold.write(Self.datum) == .refusedStale(newer.token))
        #expect(try await cold.observe().token == newer.token)
        withExtendedLifetime(folder) {}
    }

    @Test func `a map file without the service is not written`() async throws {
        let folder = try HAProxyFolder(.map, mapFile: "cart blue\n")
        let cold = try Self.cold(folder)
        #expect(try await cold.observe().effective == .absent)
        #expect(await cold.write(Self.datum).failure?.code == .routerNotDurable)
        #expect(try folder.folder.read("bg.map") == "cart blue\n")
    }

    @Test func `a slot is written without asking the proxy`() async throws {
        let slot = FakeSlot()
        let world = RouterWorld.world(
            streams: Self.failing(true), files: slot.disk.files, locks: slot.disk.locks)
        let cold = try #require(try slot.router(isReadBack: true, world: world).cold)
        #expect(try await cold.observe().color == .blue)
        #expect(await cold.write(Self.datum) == .applied)
        #expect(slot.names == [.green])
        #expect(try await cold.observe().token == Self.datum.token)
        let older = Datum(live: .blue, token: Token(epoch: 40, round: 1))
        #expect(await cold.write(older) == .refusedStale(Self.datum.token))
    }

    @Test func `where the file is elsewhere, or the proxy is never asked, there is no other way`()
        throws
    {
        let folder = try HAProxyFolder(.map)
        let remote: Settings = ["address": "127.0.0.1:9999", "key": "shop", "map": "shop.map"]
        #expect(try folder.router(Self.failing(true), remote).cold == nil)
        #expect(try FakeSlot().router().cold == nil)
    }
}
