import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Routers

/// Caddy switched through its admin API.
@Suite struct CaddyAPITests {
    private static let green = Datum(live: .green, token: Token(epoch: 1, round: 1))
    private let caddy = FakeCaddyAPI()

    private func router(
        _ caddy: FakeCaddyAPI? = nil, resumes: Bool = true, through faults: FaultyStreams? = nil
    ) throws -> any Router {
        let caddy = caddy ?? self.caddy
        let streams =
            faults?.streams
            ?? Streams { (request) throws(StreamFailure) in caddy.answer(request) }
        let settings: Settings = [
            "api": "http://127.0.0.1:2019/id/shop", "resume": resumes ? "true" : "false",
        ]
        return try #require(
            CaddyRouter(settings.section(), world: RouterWorld.world(streams: streams)))
    }

    private func faults() -> FaultyStreams {
        let caddy = caddy
        return FaultyStreams { (request) throws(StreamFailure) in caddy.answer(request) }
    }

    @Test(arguments: FakeCaddyAPI.TagPlace.allCases)
    func `what was written is in effect and can be read, and the rest of the handler stays`(
        place: FakeCaddyAPI.TagPlace
    ) async throws {
        let caddy = FakeCaddyAPI(place)
        let router = try router(caddy)
        let before = try await router.observe()
        #expect(before.color == .blue)
        let datum = Datum(live: .green, isIdleClaimed: true, token: Token(number: 70))
        #expect(await router.write(datum, expecting: before) == .applied)
        let seen = try await router.observe()
        #expect(
            seen
                == Observation(
                    effective: .color(.green), token: datum.token, isIdleClaimed: true))
        #expect(caddy.members?["@id"] == .text("shop"))
    }

    @Test func `what it can break is declared`() throws {
        let router = try router()
        #expect(router.fencing == .token)
        #expect(router.abilities.isAtomic == false)
        #expect(router.abilities.keepsConnections == false)
        #expect(router.address == "http://127.0.0.1:2019/id/shop")
    }

    @Test func `without resume a switch is in effect and not durable`() async throws {
        let router = try router(resumes: false)
        #expect(router.abilities.isDurable == false)
        let before = try await router.observe()
        guard case .appliedNotDurable = await router.write(Self.green, expecting: before) else {
            Issue.record("a restart forgets it")
            return
        }
        #expect(
            try await router.observe().durable == .unknown("Caddy is not started with --resume."))
    }

    // MARK: Others

    @Test func `a write that was overtaken is refused and names the newer token`() async throws {
        let router = try router()
        let before = try await router.observe()
        let newer = Datum(live: .green, token: Token(epoch: 2, round: 1))
        caddy.beat(with: newer)
        #expect(await router.write(Self.green, expecting: before) == .refusedStale(newer.token))
        let stale = await router.write(Self.green, expecting: before)
        #expect(stale == .refusedStale(newer.token))
        #expect(caddy.writes.count == 1)
    }

    @Test func `a write that an older one overtook is not applied, and may be repeated`()
        async throws
    {
        let router = try router()
        let before = try await router.observe()
        caddy.beat(with: Datum(live: .green, token: Token(number: 1)))
        let result = await router.write(Self.green, expecting: before)
        #expect(result == .notApplied(try #require(result.failure)))
        #expect(await router.write(Self.green, expecting: before) == .applied)
    }

    // MARK: What is not right

    @Test func `a handler that Caddy does not know is absent, and no target`() async throws {
        caddy.remove()
        let router = try router()
        let before = try await router.observe()
        #expect(before.effective == .absent)
        let result = await router.write(Self.green, expecting: before)
        #expect(result.failure?.code == .routerTargetMissing)
        #expect(!result.isUnknown)
    }

    @Test(arguments: [
        ("purple", nil), ("blue", "green:blue:0:7"), ("green", "nonsense"),
        ("green", "green:blue:5:7"),
    ])
    func `what is not one whole colour is foreign`(live: String, datum: String?) async throws {
        let seen = try await router(FakeCaddyAPI(live: live, datum: datum)).observe().effective
        guard case .foreign = seen else {
            Issue.record("\(live) was read as \(seen)")
            return
        }
    }

    @Test func `a colour without a datum is one that nobody has written yet`() async throws {
        let caddy = FakeCaddyAPI(live: "green", datum: nil)
        #expect(try await router(caddy).observe() == Observation(effective: .color(.green)))
        let empty = FakeCaddyAPI(live: nil, datum: nil)
        #expect(try await router(empty).observe().effective == .absent)
    }

    @Test(arguments: [
        #"400 Bad Request|{"error":"[/config/apps/http/servers/srv0/routes/9] array index out of bounds: 9"}"#,
        #"400 Bad Request|{"error":"invalid traversal path at: config/apps/http/servers/srv9/routes"}"#,
        #"404 Not Found|{"error":"unknown object ID 'shopp'"}"#,
    ])
    func `a handler that Caddy does not have is no value, and nothing is written`(
        answer: String
    ) async throws {
        let faults = faults()
        let router = try router(through: faults)
        let before = try await router.observe()
        let parts = answer.split(separator: "|")
        faults.become(.answer(Array("HTTP/1.1 \(parts[0])\r\n\r\n\(parts[1])\n".utf8)))
        #expect(try await router.observe().effective == .absent)
        let result = await router.write(Self.green, expecting: before)
        #expect(result.failure?.code == .routerTargetMissing)
        #expect(!result.isUnknown)
    }

    @Test func `a refused change says what Caddy said`() async throws {
        let faults = faults()
        let router = try router(through: faults)
        let before = try await router.observe()
        faults.become(
            .answer(Array("HTTP/1.1 400 X\r\n\r\n{\"error\":\"loading config\"}".utf8)),
            onlyWrites: true)
        let result = await router.write(Self.green, expecting: before)
        #expect(result == .notApplied(try #require(result.failure)))
        #expect(result.failure?.evidence == ["status 400", #"{"error":"loading config"}"#])
    }

    private static let mistakes: [(settings: Settings, says: String)] = [
        (["slot": "/srv/shop", "api": "http://h/id/x"], "exclude each other"),
        ([:], "'slot' or 'api' is missing"),
        (["api": "https://h/id/x"], "'api' cannot be https"),
        (["api": "http://h/id/x", "readBack": "http://h/"], "'readBack' belongs to 'slot'"),
        (["slot": "/srv/shop", "resume": "true"], "'resume' belongs to 'api'"),
    ]

    @Test(arguments: 0..<mistakes.count)
    func `a mistake in the settings is named`(index: Int) {
        let (settings, says) = Self.mistakes[index]
        let report = Report()
        #expect(CaddyRouter(settings.section(report), world: RouterWorld.world()) == nil)
        #expect(report.diagnostics.map { $0.message.contains(says) } == [true])
    }
}
