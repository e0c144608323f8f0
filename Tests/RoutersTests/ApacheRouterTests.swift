import Contracts
import PipelineModel
import TestWorld
import Testing
import TrafficRig

@testable import Routers

@Suite struct ApacheRouterTests {
    private static let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    private enum Fate: CaseIterable {
        case killed, powerCut, failing
    }

    @Test(arguments: Fate.allCases, [Color.blue, .green])
    private func `whatever ends a write, the map says the old or the new`(
        fate: Fate, target: Color
    ) async throws {
        let datum = Datum(live: target, isIdleClaimed: true, token: Token(number: 80))
        for operation in 1...100 {
            let apache = FakeApache("live blue:green:0:70\n")
            let router = try apache.router()
            let before = try await router.observe()
            apache.disk.prepare(
                fate == .failing ? .failure(.noSpace) : .death(written: 3), at: operation)
            let result = await router.write(datum, expecting: before)
            let wasMet = apache.disk.restart()
            if fate == .powerCut { apache.disk.cutPower() }
            let after = try await router.observe()
            let isNew = after.token == datum.token
            #expect(after.color == (isNew ? target : .blue))
            #expect(after.isIdleClaimed == isNew)
            #expect(isNew || after == before)
            if result == .applied { #expect(isNew) }
            if case .notApplied = result { #expect(!isNew) }
            if !wasMet { return #expect(result == .applied) }
        }
        Issue.record("the write never came to its end")
    }

    /// Apache would not read it again.
    @Test func `a map that got the time of the one before is written until it has its own`()
        async throws
    {
        let apache = FakeApache()
        let router = try apache.router()
        let before = try await router.observe()
        #expect(apache.live == .blue)
        try apache.stopClock(for: 3)
        #expect(await router.write(Self.green, expecting: before) == .applied)
        #expect(apache.live == .green)
    }

    @Test func `a map whose time of change never moves is no switch, and says what to do`()
        async throws
    {
        let apache = FakeApache()
        let router = try apache.router()
        let before = try await router.observe()
        #expect(apache.live == .blue)
        try apache.stopClock(for: .max)
        let result = await router.write(Self.green, expecting: before)
        #expect(result.isUnknown)
        #expect(result.failure?.message.contains("its time of change stays the same") == true)
        #expect(result.failure?.hint?.contains("apachectl graceful") == true)
        #expect(try await router.observe().color == .blue)
    }

    // MARK: What is not right

    @Test(arguments: [
        "live purple\n", "live blue:green:5:1\n", "shop blue\n", "live\n", "live blue green\n",
        "live blue\nlive green\n", "live blue\nother x\n", "blue:green:0:1\n",
    ])
    func `a map that is not ours is foreign, and the next write mends it`(text: String)
        async throws
    {
        let apache = FakeApache(text)
        let router = try apache.router()
        let before = try await router.observe()
        guard case .foreign = before.effective else {
            Issue.record("\(text) was read as \(before.effective)")
            return
        }
        #expect(await router.write(Self.green, expecting: before) == .applied)
        #expect(apache.text == ApacheMap.text(Self.green))
    }

    @Test(arguments: ["live blue\n", "# by hand\n\n  live\tblue\n", "live blue"])
    func `a colour that a person wrote is one without a token`(text: String) async throws {
        let seen = try await FakeApache(text).router().observe()
        #expect(seen == Observation(effective: .color(.blue)))
    }

    @Test(arguments: [nil, "", "# nothing\n"])
    func `a map without a value is absent, and the next write gives it one`(text: String?)
        async throws
    {
        let apache = FakeApache(text)
        let router = try apache.router()
        let before = try await router.observe()
        #expect(before.effective == .absent)
        #expect(await router.write(Self.green, expecting: before) == .applied)
        #expect(try await router.observe().color == .green)
    }

    @Test func `a link is foreign`() async throws {
        let apache = FakeApache()
        apache.disk.makeLink(FakeApache.map)
        let seen = try await apache.router().observe()
        #expect(seen.effective == .foreign("/srv/shop/live.map, which is not a plain file"))
    }

    @Test func `a map that cannot be written leaves everything as it is`() async throws {
        let apache = FakeApache()
        var world = apache.world
        world.files.replace = { path, _, _ throws(FileFailure) in
            throw FileFailure(.denied, "cannot write \(path): Permission denied")
        }
        let router = try apache.router(world: world)
        let result = await router.write(Self.green, expecting: try await router.observe())
        #expect(result == .notApplied(try #require(result.failure)))
        #expect(result.failure?.message == "The map file /srv/shop/live.map cannot be changed.")
        #expect(apache.text == FakeApache.first)
    }

    @Test func `another writer is waited for, then the write is not done`() async throws {
        let apache = FakeApache()
        let router = try apache.router()
        let before = try await router.observe()
        let lock = try apache.disk.locks.take("/srv/shop/live.map.lock")
        let result = await router.write(Self.green, expecting: before)
        #expect(result.failure?.code == .routerRefused)
        #expect(!result.isUnknown)
        lock?.release()
        #expect(await router.write(Self.green, expecting: before) == .applied)
    }

    @Test func `an Apache that does not follow is shown as it serves`() async throws {
        let apache = FakeApache("live green:blue:0:70\n")
        var world = apache.world
        world.streams = Streams { (_) throws(StreamFailure) in
            Array("HTTP/1.1 200 OK\r\n\r\nblue".utf8)
        }
        let seen = try await apache.router(world: world).observe()
        #expect(seen.color == .blue)
        #expect(seen.durable == .differs(.color(.green)))
        #expect(seen.token == Token(number: 70))
    }

    @Test(arguments: [
        ("live.map", nil, "'map' is not the absolute path of a file"),
        ("/", nil, "'map' is not the absolute path of a file"),
        ("/srv/a b", nil, "'map' cannot be used as it is"),
        ("/srv/live.map", "https://127.0.0.1/", "'readBack' cannot be https"),
    ])
    func `a mistake in the settings is named`(map: String, readBack: String?, message: String) {
        let report = Report()
        let settings = Settings.mapping(
            [("map", .text(map))] + (readBack.map { [("readBack", .text($0))] } ?? []))
        #expect(ApacheRouter(settings.section(report), world: RouterWorld.world()) == nil)
        #expect(report.diagnostics.map { $0.message.hasPrefix(message) } == [true])
    }
}
