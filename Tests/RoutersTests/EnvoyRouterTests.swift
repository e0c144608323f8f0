import Contracts
import PipelineModel
import TestWorld
import Testing
import TrafficRig

@testable import Routers

@Suite struct EnvoyRouterTests {
    private let envoy = FakeEnvoy()
    private let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    @Test func `servers and requests under way are Envoy's own numbers`() async throws {
        let seen = try await envoy.router().observe()
        #expect(
            seen.pools == [
                .blue: Pool(serversUp: 1, serversInAll: 2, inFlight: 4),
                .green: Pool(serversUp: 1, serversInAll: 1),
            ])
        #expect(
            try await envoy.router().counters() == [
                .blue: TrafficCounters(requests: 10, errors: 3, inFlight: 4),
                .green: TrafficCounters(requests: 0, errors: 0),
            ])
    }

    @Test func `what a new Envoy needs is named before it is switched`() throws {
        let start = EnvoyRouter.startingPoint(.shown)
        #expect(start.folders == ["/var/lib/bluegreen/shop", "/etc/envoy"])
        #expect(start.files.map(\.path).contains("/var/lib/bluegreen/shop/routes.yaml"))
        #expect(try envoy.router().firstValue.contains("restart Envoy"))
    }

    @Test func `the manual shows the layer that is tested`() throws {
        let manual = try Repository.file("docs/routers/envoy.md")
        #expect(manual.contains(ProxyKind.layerOfEnvoy))
        #expect(manual.contains(ProxyKind.layeredRoutes))
    }

    @Test(arguments: ["101", "", "yes"])
    func `what is no share of requests is no colour`(value: String) async throws {
        envoy.answer("/runtime", with: #"{"entries":{"shop.green":{"final_value":"\#(value)"}}}"#)
        let failure = await #expect(throws: Failure.self) { try await envoy.router().observe() }
        #expect(failure?.code == .routerGarbled)
        #expect(failure?.message.contains("not a number from 0 to 100") == true)
    }

    @Test func `a share that somebody set is seen, and is not what a restart would show`()
        async throws
    {
        envoy.answer("/runtime", with: #"{"entries":{"shop.green":{"final_value":"70"}}}"#)
        let seen = try await envoy.router().observe()
        #expect(seen.effective == .shared(.green, idlePercent: 30))
        #expect(seen.durable == .differs(.color(.blue)))
    }

    @Test(arguments: [Color.blue, .green])
    func `one share after the other, each in the folder that is not in use`(
        live: Color
    ) async throws {
        let router = try envoy.router()
        let before = try await router.observe()
        var token = 65
        for datum in [(nil, live.rawValue), (5, "share-1"), (25, "share-2"), (60, "share-1")] {
            token += 1
            let share = Datum(live: live, idlePercent: datum.0, token: Token(number: token))
            #expect(await router.write(share, expecting: before) == .applied)
            #expect(envoy.disk.link(FakeEnvoy.link) == datum.1)
            let seen = try await router.observe()
            #expect(seen.effective == share.sighting)
            #expect(seen.token == share.token)
        }
        let folder = "/var/lib/bluegreen/shop/share-1"
        let percent = live == .blue ? "60\n" : "40\n"
        #expect(envoy.disk["\(folder)/shop.green"] == Array(percent.utf8))
        let testers = live == .blue ? "0\n" : "100\n"
        #expect(envoy.disk["\(folder)/shop.green_live"] == Array(testers.utf8))
    }

    @Test func `whatever ends the writing of a share, the old or the new is true`() async throws {
        for operation in 1...100 {
            let envoy = FakeEnvoy()
            let router = try envoy.router()
            let before = try await router.observe()
            let old = Datum(live: .blue, idlePercent: 5, token: Token(number: 70))
            #expect(await router.write(old, expecting: before) == .applied)
            envoy.disk.prepare(.death(written: 3), at: operation)
            let new = Datum(live: .blue, idlePercent: 25, token: Token(number: 71))
            let result = await router.write(new, expecting: before)
            let wasMet = envoy.disk.restart()
            let seen = try await router.observe()
            #expect(
                [old, new].contains { $0.sighting == seen.effective && $0.token == seen.token })
            if !wasMet { return #expect(result == .applied) }
        }
        Issue.record("the write never came to its end")
    }

    @Test func `a share for a cluster that Envoy does not have is told before anything is written`()
        async throws
    {
        let router = try envoy.router()
        let before = try await router.observe()
        envoy.answer(
            "/stats?filter=cluster.shop_",
            with: "cluster.shop_blue.membership_healthy: 1\ncluster.shop_blue.membership_total: 1\n"
        )
        let share = Datum(live: .blue, idlePercent: 5, token: Token(number: 70))
        let result = await router.write(share, expecting: before)
        #expect(result.failure?.code == .routerTargetMissing)
        #expect(result.failure?.message == "Envoy has no cluster shop_green.")
        #expect(envoy.disk.link(FakeEnvoy.link) == "blue")
    }

    @Test func `an Envoy without folders for shares is told before anything is written`()
        async throws
    {
        let envoy = FakeEnvoy(folders: ["blue", "green", "share-1"])
        let router = try envoy.router()
        let before = try await router.observe()
        let share = Datum(live: .blue, idlePercent: 5, token: Token(number: 70))
        let result = await router.write(share, expecting: before)
        #expect(result.failure?.code == .routerTargetMissing)
        #expect(try await router.observe() == before)
    }

    @Test(arguments: ["", "nonsense", "{}", #"{"entries":[]}"#])
    func `what is not Envoy's runtime is never a colour`(body: String) async throws {
        let before = try await envoy.router().observe()
        envoy.answer("/runtime", with: body)
        let failure = await #expect(throws: Failure.self) { try await envoy.router().observe() }
        #expect(failure?.code == .routerGarbled)
        #expect(try await envoy.router().write(green, expecting: before).isUnknown)
    }

    @Test func `a runtime that does not follow the link is noticed`() async throws {
        let before = try await envoy.router().observe()
        envoy.answer("/runtime", with: #"{"entries":{}}"#)
        let result = try await envoy.router().write(green, expecting: before)
        #expect(result.isUnknown)
        #expect(result.failure?.message.contains("still serves blue") == true)
        let seen = try await envoy.router().observe()
        #expect(seen.color == .blue)
        #expect(seen.durable == .differs(.color(.green)))
    }

    @Test func `an Envoy that needs a moment is waited for`() async throws {
        let router = try envoy.router()
        let before = try await router.observe()
        envoy.lag(29)
        #expect(await router.write(green, expecting: before) == .applied)
        envoy.lag(29)
        let seen = try await router.observe()
        #expect(seen.color == .green)
        #expect(seen.durable == .same)
    }

    @Test(arguments: [
        ("runtime", "shop/current", "absolute path"), ("admin", "https://127.0.0.1", "https"),
        ("name", "a b", "cannot be used"),
    ])
    func `a setting that cannot be meant is reported`(key: String, value: String, says: String) {
        let values = [
            ("runtime", FakeEnvoy.link), ("admin", "http://127.0.0.1:9901"), ("name", "shop"),
        ]
        let settings = Settings.mapping(values.map { ($0.0, .text($0.0 == key ? value : $0.1)) })
        let report = Report()
        #expect(EnvoyRouter(settings.section(report), world: RouterWorld.world()) == nil)
        #expect(report.diagnostics.contains { $0.message.contains(says) })
    }

    @Test(arguments: [
        ("127.0.0.1:8080", #"address: "127.0.0.1", port_value: 8080"#),
        ("*:80", #"address: "0.0.0.0", port_value: 80"#),
        ("[::]:80", #"address: "::", port_value: 80"#),
    ])
    func `Envoy is told where to listen`(listen: String, text: String) {
        var plan = StartingPlan.shown
        plan.listen = listen
        #expect(EnvoySnippet(plan: plan).configuration.contains(text))
    }
}
