import Contracts
import PipelineModel
import TestWorld
import Testing
import TrafficRig

@testable import Routers

/// What can go wrong with a link and the record beside it.
@Suite struct SymlinkRouterTests {
    private static let green = Datum(live: .green, token: Token(number: 80))

    @Test func `a link that somebody turned by hand shows its colour and the old token`()
        async throws
    {
        let site = FakeSite("blue", record: "blue:-:0:70\ngreen:blue:0:75\n")
        let router = try site.router()
        let before = try await router.observe()
        #expect(before.color == .blue)
        #expect(before.token == Token(number: 70))
        #expect(before.isIdleClaimed)
        site.disk.makeLink(FakeSite.link, to: "green")
        #expect(try await router.observe().color == .green)
        let alone = FakeSite("green", record: "blue:green:0:70\n")
        let seen = try await alone.router().observe()
        #expect(seen.color == .green)
        #expect(seen.token == Token(number: 70))
        #expect(!seen.isIdleClaimed)
    }

    @Test(arguments: ["/srv/shop/green", "./green", "green/", "../shop/green"])
    func `a folder may be written in several ways`(target: String) async throws {
        #expect(try await FakeSite(target).router().observe().color == .green)
    }

    @Test func `a link to somewhere else is foreign, and the next write turns it`() async throws {
        let site = FakeSite("releases/7")
        let router = try site.router()
        let before = try await router.observe()
        #expect(before.effective == .foreign("releases/7"))
        #expect(await router.write(Self.green, expecting: before) == .applied)
        #expect(site.target == "green")
    }

    @Test func `no link is absent, and the next write makes one`() async throws {
        let site = FakeSite(nil)
        let router = try site.router()
        let before = try await router.observe()
        #expect(before.effective == .absent)
        #expect(await router.write(Self.green, expecting: before) == .applied)
        #expect(site.target == "green")
    }

    @Test func `a folder in the place of the link is foreign and never replaced`() async throws {
        let site = FakeSite(nil)
        site.disk.makeFolder(FakeSite.link)
        let router = try site.router()
        let before = try await router.observe()
        #expect(before.effective == .foreign("/srv/shop/current, which is not a link"))
        let result = await router.write(Self.green, expecting: before)
        #expect(result.failure?.code == .routerRefused)
        #expect(!result.isUnknown)
        #expect(result.failure?.message == "The link /srv/shop/current cannot be changed.")
    }

    @Test func `a record that is not ours is foreign`() async throws {
        let seen = try await FakeSite("blue", record: "purple\n").router().observe()
        #expect(seen.effective == .foreign("blue holding 'purple'"))
    }

    @Test func `a colour without a folder is refused by name`() async throws {
        let site = FakeSite()
        let router = try ProxyKind.symlink.router(
            site.settings.merging(["targets": ["green": "releases/none"]]), site.world)
        let result = await router.write(Self.green, expecting: try await router.observe())
        #expect(
            result.failure?.message == "There is no folder /srv/shop/releases/none for green.")
        #expect(site.target == "blue")
    }

    @Test(arguments: [
        ("current", "green", "'link' is not the absolute path of a link"),
        ("/srv/a b", "green", "'link' cannot be used as it is"),
        ("/srv/shop/current", "blue", "blue and green have the same folder"),
    ])
    func `a mistake in the settings is named`(link: String, green: String, message: String) {
        let report = Report()
        let settings: Settings = ["link": .text(link), "targets": ["green": .text(green)]]
        #expect(SymlinkRouter(settings.section(report), world: RouterWorld.world()) == nil)
        #expect(report.diagnostics.map(\.message) == [message])
    }
}
