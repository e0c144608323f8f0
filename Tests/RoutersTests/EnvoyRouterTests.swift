import Contracts
import PipelineModel
import Testing

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
        #expect(
            start.folders
                == ["/var/lib/bluegreen/shop/blue", "/var/lib/bluegreen/shop/green"])
        let inFolders = start.files.dropFirst().allSatisfy { file in
            start.folders.contains { file.path.hasPrefix($0 + "/") }
        }
        #expect(inFolders)
        #expect(try envoy.router().firstValue.contains("restart Envoy"))
    }

    @Test(arguments: ["50", "", "yes"])
    func `a share of requests is no colour`(value: String) async throws {
        envoy.answer("/runtime", with: #"{"entries":{"shop.green":{"final_value":"\#(value)"}}}"#)
        let failure = await #expect(throws: Failure.self) { try await envoy.router().observe() }
        #expect(failure?.code == .routerGarbled)
        #expect(failure?.message.contains("neither 0 nor 100") == true)
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
