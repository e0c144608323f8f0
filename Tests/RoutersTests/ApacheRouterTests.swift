import Contracts
import PipelineModel
import TestWorld
import Testing
import TrafficRig

@testable import Routers

@Suite struct ApacheRouterTests {
    private static let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    /// Apache would not read it again.
    @Test func `a map that got the time of the one before is written until it has its own`()
        async throws
    {
        let apache = FakeApache()
        let router = try apache.router(isReadBack: true)
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
        let router = try apache.router(isReadBack: true)
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
        let router = try apache.router(isReadBack: true)
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
        let seen = try await FakeApache(text).router(isReadBack: true).observe()
        #expect(seen == Observation(effective: .color(.blue)))
    }

    @Test(arguments: [nil, "", "# nothing\n"])
    func `a map without a value is absent, and the next write gives it one`(text: String?)
        async throws
    {
        let apache = FakeApache(text)
        let router = try apache.router(isReadBack: true)
        let before = try await router.observe()
        #expect(before.effective == .absent)
        #expect(await router.write(Self.green, expecting: before) == .applied)
        #expect(try await router.observe().color == .green)
    }

    @Test func `a link is foreign`() async throws {
        let apache = FakeApache()
        apache.disk.makeLink(FakeApache.map)
        let seen = try await apache.router(isReadBack: true).observe()
        #expect(seen.effective == .foreign("/srv/shop/live.map, which is not a plain file"))
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
