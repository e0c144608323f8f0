import Contracts
import PipelineModel
import Testing

@testable import Routers

@Suite struct EmbeddedRouterTests {
    private let proxy = FakeEmbeddedProxy()
    private let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    private func router(_ streams: Streams? = nil) throws -> EmbeddedRouter {
        let settings: Settings = [:]
        return try #require(
            EmbeddedRouter(
                settings.section(), world: RouterWorld.world(streams: streams ?? proxy.streams)))
    }

    @Test func `a proxy that does not run says how to start it`() async throws {
        let faults = FaultyStreams { (_) throws(StreamFailure) in [] }
        faults.become(.refuse)
        let router = try router(faults.streams)
        let failure = await #expect(throws: Failure.self) { try await router.observe() }
        #expect(failure?.code == .routerUnreachable)
        #expect(failure?.message.contains("not running") == true)
        #expect(failure?.hint?.contains("bluegreen proxy --detach") == true)
    }

    @Test func `a proxy that hangs is not said to be gone`() async throws {
        let faults = FaultyStreams { (_) throws(StreamFailure) in [] }
        faults.become(.hang)
        let router = try router(faults.streams)
        let failure = await #expect(throws: Failure.self) { try await router.observe() }
        #expect(failure?.message.contains("not running") == false)
    }

    @Test func `both colours are seen with what they carry`() async throws {
        #expect(
            try await router().observe().pools == [
                .blue: Pool(serversUp: 0, serversInAll: 1, inFlight: 2),
                .green: Pool(serversUp: 1, serversInAll: 1),
            ])
    }

    @Test func `what is on disk is told apart`() async throws {
        proxy.change { $0.durable = #"{"differs":"green"}"# }
        #expect(try await router().observe().durable == .differs(.color(.green)))
        proxy.change { $0.durable = #"{"unknown":"it is torn; its copy counts"}"# }
        #expect(
            try await router().observe().durable == .unknown("it is torn; its copy counts"))
    }

    @Test func `with a share on idle no single colour is live`() async throws {
        proxy.change { $0.split = #","split":{"percent":5}"# }
        #expect(try await router().observe().effective == .shared(.blue, idlePercent: 5))
        proxy.change { $0.split = #","split":{"percent":100}"# }
        #expect(
            try await router().observe().effective == .foreign("blue, and 100% on green"))
        proxy.change { $0.split = #","split":{"percent":0,"place":"header"}"# }
        #expect(try await router().observe().color == .blue)
    }

    @Test func `a refusal is certain and says why`() async throws {
        let before = try await router().observe()
        let router = try router(
            FaultyStreams { (_) throws(StreamFailure) in Array("refused no space\n".utf8) }.streams)
        guard case .notApplied(let failure) = await router.write(green, expecting: before) else {
            Issue.record("it was applied")
            return
        }
        #expect(failure.code == .routerRefused)
        #expect(failure.evidence == ["no space"])
    }

    @Test(arguments: [("undurable no power\n", true), ("unknown read error\n", false)])
    func `what the proxy does not know for certain is passed on`(
        answer: String, isInEffect: Bool
    ) async throws {
        let before = try await router().observe()
        let router = try router(
            FaultyStreams { (_) throws(StreamFailure) in Array(answer.utf8) }.streams)
        switch await router.write(green, expecting: before) {
        case .appliedNotDurable(let failure):
            #expect(isInEffect && failure.evidence == ["no power"])
        case .unknown(let failure): #expect(!isInEffect && failure.evidence == ["read error"])
        case let other: Issue.record("\(other)")
        }
    }

    @Test func `counts leave out what the client gave up`() async throws {
        #expect(
            try await router().counters() == [
                .blue: TrafficCounters(
                    requests: 9, errors: 3, averageResponseTime: .microseconds(1500), inFlight: 4),
                .green: TrafficCounters(requests: 0, errors: 0),
            ])
    }
}
