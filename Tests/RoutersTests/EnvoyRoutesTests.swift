import Contracts
import Foundation
import PipelineModel
import TestWorld
import Testing
import TrafficRig

@testable import Routers

/// Envoy that takes its routes from a file.
@Suite struct EnvoyRoutesTests {
    private static let routes = EnvoySnippet(plan: .shown).routes

    private let envoy = FakeEnvoyRoutes()
    private let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    private func written(_ datum: Datum) async throws -> WriteResult {
        let router = try envoy.router()
        return await router.write(datum, expecting: try await router.observe())
    }

    // MARK: The file

    @Test(
        arguments: [
            (Color.blue, nil, 100, 0, "green"), (.green, nil, 0, 100, "blue"),
            (.blue, 5, 95, 5, "green"), (.green, 30, 30, 70, "blue"),
        ] as [(Color, Int?, Int, Int, String)])
    func `a datum changes the weights, the testers' way and itself, and nothing else`(
        live: Color, percent: Int?, blue: Int, green: Int, idle: String
    ) throws {
        let before = EnvoyRoutesText(text: Self.routes, service: "shop")
        let datum = Datum(live: live, idlePercent: percent, token: Token(number: 70))
        let text = try #require(before.saying(datum))
        let expected = Self.routes
            .replacing("\"blue:green:0:0\"", with: "\"\(datum.written)\"")
            .replacing("shop_blue, weight: 100", with: "shop_blue, weight: \(blue)")
            .replacing("shop_green, weight: 0", with: "shop_green, weight: \(green)")
            .replacing("cluster: shop_green,", with: "cluster: shop_\(idle),")
        #expect(text == expected)
        let after = EnvoyRoutesText(text: text, service: "shop")
        #expect(after.kept.datum == datum)
        #expect(
            after.saying(Datum(live: .blue, token: Token(number: 0))) == Self.routes)
    }

    @Test(arguments: [
        ("weight: 100", "weight: 60", "routes that do not say blue:green:0:0"),
        (
            "#   route: { cluster: shop_green,", "route: { cluster: shop_blue,",
            "routes that do not say blue:green:0:0"
        ),
        (
            "- name: \"blue:green:0:0\"", "- name: main\n  # \"blue:green:0:0\"",
            "routes without the mark"
        ),
        ("- name: \"blue:green:0:0\"", "- name: main", "routes without the mark"),
        ("version_info: \"blue:green:0:0\"", "", "routes without one 'version_info'"),
        ("version_info: \"blue:green:0:0\"", "version_info: \"7\"", "7"),
        ("{ name: shop_blue,", "{ name: other_blue,", "routes that do not say blue:green:0:0"),
    ])
    func `routes that say no whole datum are foreign`(
        words: String, others: String, says: String
    ) async throws {
        envoy.write(Self.routes.replacing(words, with: others))
        let effective = try await envoy.router().observe().effective
        guard case .foreign(let text) = effective else {
            Issue.record("\(others) was read as \(effective)")
            return
        }
        #expect(text.contains(says))
    }

    /// Who moves traffic by hand need not know of what applies to nobody.
    @Test(arguments: [
        ("cluster: shop_green,", "cluster: shop_blue,"),
        ("        routes:\n", "        routes:\n# - { name: shop_blue, weight: 60 }\n"),
    ])
    func `what stands in a comment counted as the datum`(words: String, others: String) throws {
        let text = Self.routes.replacing(words, with: others)
        try #require(text != Self.routes)
        let kept = EnvoyRoutesText(text: text, service: "shop").kept
        #expect(kept.datum == Datum(live: .blue, token: Token(number: 0)), "\(kept)")
    }

    /// The line of the manual, run on a file.
    private static func byHand(_ text: String, to color: Color) throws -> String {
        let command = try #require(
            Repository.file("docs/routers/envoy.md").split(separator: "\n").first {
                $0.hasPrefix("sed -i -E 's/\"\(color.other):(")
            })
        let folder = try TemporaryFolder()
        try folder.write("routes.yaml", text)
        let shell = try Process.run(
            URL(filePath: "/bin/sh"),
            arguments: [
                "-c",
                String(command.replacing(FakeEnvoyRoutes.path, with: "\(folder.path)/routes.yaml")),
            ])
        shell.waitUntilExit()
        return try folder.read("routes.yaml")
    }

    @Test(arguments: Color.allCases, [true, false])
    func `the manual had no line to green, and by hand both lead to a whole datum`(
        color: Color, areTestersOpen: Bool
    ) throws {
        let open = Self.routes.replacing("          # ", with: "          ")
        let routes = EnvoyRoutesText(
            text: areTestersOpen ? open : Self.routes, service: "shop")
        let token = Token(number: 70)
        let claimed = Datum(live: color.other, isIdleClaimed: true, token: token)
        let before = try #require(routes.saying(claimed))
        let after = try Self.byHand(before, to: color)
        #expect(after == routes.saying(Datum(live: color, token: token)))
        let kept = EnvoyRoutesText(text: after, service: "shop").kept
        #expect(kept.datum == Datum(live: color, token: token), "\(kept)")
    }

    @Test func `without the file there is nothing to write, and it is said what to do`()
        async throws
    {
        let envoy = FakeEnvoyRoutes()
        envoy.write("resources: []\n")
        let router = try envoy.router()
        let before = try await router.observe()
        let result = await router.write(green, expecting: before)
        #expect(result.failure?.code == .routerTargetMissing)
        #expect(envoy.text == "resources: []\n")
        #expect(router.firstValue.contains("install -m 644 routes.yaml \(FakeEnvoyRoutes.path)"))
    }

    @Test func `routes that are too large are not read, and are named`() async throws {
        envoy.write(Self.routes + "#" + String(repeating: "x", count: 256 << 10))
        let failure = await #expect(throws: Failure.self) { try await envoy.router().observe() }
        #expect(failure?.code == .routerUnreachable)
        #expect(failure?.evidence == ["cannot read \(FakeEnvoyRoutes.path): too large"])
    }

    @Test func `whatever ends the writing of routes, the old or the new are true`() async throws {
        for operation in 1...100 {
            let envoy = FakeEnvoyRoutes()
            let router = try envoy.router()
            let before = try await router.observe()
            envoy.disk.prepare(.death(written: 3), at: operation)
            let result = await router.write(green, expecting: before)
            let wasMet = envoy.disk.restart()
            let seen = try await router.observe()
            #expect([Token(number: 0), green.token].contains(seen.token))
            #expect(seen.color == (seen.token == green.token ? .green : .blue))
            if !wasMet { return #expect(result == .applied) }
        }
        Issue.record("the write never came to its end")
    }

    // MARK: What Envoy has

    @Test func `routes that Envoy has not taken up are not known, and its refusals are quoted`()
        async throws
    {
        envoy.watches(false)
        envoy.refuses(2)
        let result = try await written(green)
        #expect(result.isUnknown)
        #expect(result.failure?.message.contains("still serves blue") == true)
        #expect(
            result.failure?.message.hasSuffix(
                "says green; since its start it counts http.shop.rds.shop.update_rejected: 2.")
                == true)
        let seen = try await envoy.router().observe()
        #expect(seen.color == .blue)
        #expect(seen.durable == .differs(.color(.green)))
    }

    @Test func `a claim that Envoy has not taken up is no write, though the colour is right`()
        async throws
    {
        envoy.watches(false)
        let claim = Datum(live: .blue, isIdleClaimed: true, token: Token(number: 70))
        let result = try await written(claim)
        #expect(result.isUnknown)
        #expect(result.failure?.message.contains("version_info blue:green:0:0") == true)
        envoy.watches(true)
        let seen = try await envoy.router().observe()
        #expect(seen.color == .blue && seen.isIdleClaimed && seen.durable == .same)
    }

    @Test func `routes that Envoy has under this version, and are others, are foreign`()
        async throws
    {
        envoy.answer(
            "/config_dump?resource=dynamic_route_configs",
            with: """
                {"configs":[{"version_info":"blue:green:0:0","route_config":{"name":"shop","routes":\
                [{"name":"shop_blue","weight":0},{"name":"shop_green","weight":100}]}}]}
                """)
        let effective = try await envoy.router().observe().effective
        #expect(effective == .foreign("other routes under version_info blue:green:0:0"))
    }

    @Test func `an Envoy without these routes shows nothing`() async throws {
        envoy.answer("/config_dump?resource=dynamic_route_configs", with: "{}")
        #expect(try await envoy.router().observe().effective == .absent)
        #expect(try await written(green).isUnknown)
    }

    @Test(arguments: ["", "nonsense", "[]", #"{"configs":{}}"#])
    func `what is not Envoy's routes is never a colour`(body: String) async throws {
        let before = try await envoy.router().observe()
        envoy.answer("/config_dump?resource=dynamic_route_configs", with: body)
        let failure = await #expect(throws: Failure.self) { try await envoy.router().observe() }
        #expect(failure?.code == .routerGarbled)
        #expect(try await envoy.router().write(green, expecting: before).isUnknown)
    }

    // MARK: Settings

    @Test(
        arguments: [
            (["routes": "shop/routes.yaml"], "absolute path"),
            ([:], "'routes' or 'runtime' is missing"),
            (["routes": "/srv/routes.yaml", "runtime": "/srv/current"], "exclude each other"),
        ] as [([String: String], String)])
    func `one way is to be named`(ways: [String: String], says: String) {
        let values = ways.merging(["admin": "http://127.0.0.1:9901", "name": "shop"]) { $1 }
        let settings = Settings.mapping(values.map { ($0.key, .text($0.value)) })
        let report = Report()
        #expect(EnvoyRouter(settings.section(report), world: RouterWorld.world()) == nil)
        #expect(report.diagnostics.contains { $0.message.contains(says) })
    }

    // MARK: What people paste

    @Test(arguments: [
        Datum(live: .green, isIdleClaimed: true, token: Token(number: 70)),
        Datum(live: .green, idlePercent: 5, token: Token(number: 70)),
    ])
    func `what the manual says to type is a switch to blue`(datum: Datum) async throws {
        let command = try #require(
            Repository.file("docs/routers/envoy.md").split(separator: "\n")
                .first { $0.hasPrefix("sed -i -E ") })
        let path = try #require(command.split(separator: " ").last)
        let routes = EnvoyRoutesText(text: Self.routes, service: "shop")
        let folder = try TemporaryFolder()
        try folder.write("routes.yaml", try #require(routes.saying(datum)))
        let shell = command.replacing(path, with: "\(folder.path)/routes.yaml")
        let done = try await ChildProcess.run(["sh", "-c", String(shell)])
        #expect(done.status == 0, "\(done)")
        let after = EnvoyRoutesText(text: try folder.read("routes.yaml"), service: "shop")
        #expect(after.kept.datum == Datum(live: .blue, token: datum.token))
    }
}
