import Contracts
import PipelineModel
import Testing

@testable import Routers

/// What `exec` and `http` make of every way in which a tool or an API may answer.
@Suite struct ToldRouterTests {
    private static let green = Datum(live: .green, token: Token(number: 80))
    private static let both = [true, false]

    private func router(
        _ told: FakeTold, isTool: Bool, _ more: Settings = ["class": "S"]
    ) throws -> any Router {
        try isTool ? told.tool(more) : told.api(more)
    }

    private func prepareNo(_ told: FakeTold) {
        told.prepare("switch", ProcessResult(ending: .exited(3), errors: "pool is locked\n"))
        told.prepare(
            "PUT", .success(HTTPAnswer(status: 423, body: Array("pool is locked".utf8))))
    }

    @Test(arguments: both)
    func `a no that changed nothing is not applied, with its own words`(isTool: Bool) async throws {
        let told = FakeTold()
        let router = try router(told, isTool: isTool)
        let before = try await router.observe()
        prepareNo(told)
        let result = await router.write(Self.green, expecting: before)
        guard case .notApplied(let failure) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(failure.code == .routerRefused)
        #expect(failure.message.contains("did not switch to green."))
        #expect(failure.evidence.contains { $0.contains("pool is locked") })
        #expect(told.live == .blue)
    }

    @Test(arguments: [408, 500, 501, 502, 503, 504, 599])
    func `an answer that says nothing of what was done is unknown`(status: Int) async throws {
        let result = try await write(answered: status)
        #expect(result.isUnknown)
        #expect(result.failure?.evidence.first?.contains("status \(status)") == true)
    }

    @Test(arguments: [400, 401, 403, 404, 405, 409, 412, 422, 423, 429])
    func `a refusal is read again, and not applied`(status: Int) async throws {
        let result = try await write(answered: status)
        #expect(!result.isUnknown)
        #expect(result.failure?.code == .routerRefused)
    }

    /// What comes of a switch that an API of class S answers so, and does not perform.
    private func write(answered status: Int) async throws -> WriteResult {
        let told = FakeTold()
        let router = try told.api(["class": "S"])
        let before = try await router.observe()
        told.prepare("PUT", .success(HTTPAnswer(status: status)))
        let result = await router.write(Self.green, expecting: before)
        #expect(told.sent.count { $0.method == "PUT" } == 1)
        return result
    }

    @Test(arguments: both)
    func `a no is unknown where a write may take effect late`(isTool: Bool) async throws {
        let told = FakeTold()
        let router = try router(told, isTool: isTool, [:])
        #expect(router.fencing == .asynchronous)
        let before = try await router.observe()
        prepareNo(told)
        #expect((await router.write(Self.green, expecting: before)).isUnknown)
    }

    /// An alert may come after the request, too.
    @Test func `trouble with TLS is unknown`() async throws {
        let told = FakeTold()
        let router = try told.api()
        let before = try await router.observe()
        told.prepare("PUT", .failure(HTTPFailure(.tls, "bad record")))
        #expect((await router.write(Self.green, expecting: before)).isUnknown)
    }

    @Test(arguments: both)
    func `no answer in time is unknown`(isTool: Bool) async throws {
        let told = FakeTold()
        let router = try router(told, isTool: isTool)
        let before = try await router.observe()
        told.prepare("switch", ProcessResult(ending: .timedOut))
        told.prepare("PUT", .failure(HTTPFailure(.timedOut, "no answer in 2 s")))
        #expect((await router.write(Self.green, expecting: before)).isUnknown)
    }

    @Test func `a request that nobody heard is not applied`() async throws {
        for reason in [HTTPFailure.Reason.refused, .unresolved] {
            let told = FakeTold()
            let router = try told.api()
            let before = try await router.observe()
            told.prepare("PUT", .failure(HTTPFailure(reason, "nobody there")))
            let result = await router.write(Self.green, expecting: before)
            #expect(!result.isUnknown)
            #expect(result.failure?.code == .routerUnreachable)
            #expect(result.failure?.evidence == ["PUT http://lb:1/shop: nobody there"])
        }
    }

    @Test(arguments: both)
    func `a yes that is not followed is unknown`(isTool: Bool) async throws {
        let told = FakeTold()
        let router = try router(told, isTool: isTool)
        let before = try await router.observe()
        told.becomeDeaf()
        let result = await router.write(Self.green, expecting: before)
        #expect(result.isUnknown)
        #expect(result.failure?.evidence == ["shows blue, token 0.0"])
    }

    @Test(arguments: both)
    func `a no because of a newer token names it`(isTool: Bool) async throws {
        let told = FakeTold(comparesTokens: true)
        let router = try router(told, isTool: isTool, ["class": "T"])
        let before = try await router.observe()
        // Read before the newer one came.
        let old = ProcessResult(ending: .exited(0), output: told.text)
        let body = Array(#"{"datum":"\#(told.text)"}"#.utf8)
        told.text = "blue:green:0:90"
        told.prepare("read", old)
        told.prepare("GET", .success(HTTPAnswer(status: 200, body: body)))
        #expect(
            await router.write(Self.green, expecting: before) == .refusedStale(Token(number: 90)))
    }

    @Test(arguments: both)
    func `a false promise to compare tokens shows where nobody else compares`(isTool: Bool)
        async throws
    {
        for isTrue in [false, true] {
            let told = FakeTold(comparesTokens: isTrue)
            told.text = "blue:green:0:90"
            let router = try router(told, isTool: isTool, ["class": "T"])
            let blind = Observation(effective: .color(.blue))
            let result = await router.write(Self.green, expecting: blind)
            #expect(result == (isTrue ? .refusedStale(Token(number: 90)) : .applied))
            let seeing = Observation(effective: .color(.blue), token: Token(number: 70))
            told.text = "blue:green:0:90"
            #expect(
                await router.write(Self.green, expecting: seeing)
                    == .refusedStale(Token(number: 90)))
        }
    }

    @Test(arguments: both)
    func `a result that is not verified is unknown`(isTool: Bool) async throws {
        let told = FakeTold()
        let verify: Settings =
            isTool
            ? ["tool", "verify", "${color}"]
            : ["url": "http://lb:1/shop", "expect": ["json": ["$.datum": "never"]]]
        let router = try router(told, isTool: isTool, ["class": "S", "verify": verify])
        let before = try await router.observe()
        told.prepare("verify", ProcessResult(ending: .exited(1), errors: "one node lags\n"))
        let result = await router.write(Self.green, expecting: before)
        #expect(result.isUnknown)
        #expect(result.failure?.message.contains("'verify' fails") == true)
        #expect(told.live == .green)
    }

    @Test(arguments: both)
    func `what a restart forgets is said`(isTool: Bool) async throws {
        let router = try router(FakeTold(), isTool: isTool, ["durable": "false"])
        let before = try await router.observe()
        #expect(before.durable != .same)
        #expect(router.abilities.isDurable == false)
        let result = await router.write(Self.green, expecting: before)
        #expect(result.failure?.code == .routerNotDurable)
    }

    @Test(arguments: both)
    func `a bare colour has no token, and is switched all the same`(isTool: Bool) async throws {
        let told = FakeTold()
        told.text = "green"
        let router = try router(told, isTool: isTool)
        let seen = try await router.observe()
        #expect(seen == Observation(effective: .color(.green)))
    }

    @Test(arguments: both)
    func `a word that is no colour is foreign`(isTool: Bool) async throws {
        let told = FakeTold()
        told.text = "maintenance"
        let seen = try await router(told, isTool: isTool).observe()
        #expect(seen.effective == .foreign("maintenance"))
    }
}
