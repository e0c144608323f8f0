import Contracts
import PipelineModel
import Testing

@testable import Routers

/// What is peculiar to the router `http`.
@Suite struct HTTPRouterTests {
    private static let green = Datum(live: .green, token: Token(number: 80))

    private func seen(
        _ body: String, status: Int = 200, _ read: Settings
    ) async throws -> Observation {
        let told = FakeTold()
        let router = try told.api(["read": read])
        told.prepare("GET", .success(HTTPAnswer(status: status, body: Array(body.utf8))))
        return try await router.observe()
    }

    @Test func `requests are sent as the pipeline writes them`() async throws {
        let told = FakeTold()
        let router = try told.api([
            "switch": [
                "url": "http://lb:1/shop?to=${color}", "method": "PUT",
                "headers": ["X-Token": "${token}"],
                "json": ["datum": "${datum}", "note": "a \"quoted\" ${color}"],
            ],
            "caFile": "/etc/lb.pem",
        ])
        let result = await router.write(Self.green, expecting: try await router.observe())
        #expect(result.failure == nil)
        let order = try #require(told.sent.first { $0.method == "PUT" })
        #expect(order.url == "http://lb:1/shop?to=green")
        #expect(order.headers.contains(HTTPField("X-Token", "80")))
        #expect(order.headers.contains(HTTPField("Content-Type", "application/json")))
        #expect(
            String(decoding: order.body, as: UTF8.self)
                == #"{"datum":"green:blue:0:80","note":"a \"quoted\" green"}"#)
        #expect(told.sent.allSatisfy { $0.caFile == "/etc/lb.pem" && $0.timeout == .seconds(2) })
    }

    @Test(arguments: [
        (#"{"pool":"/Common/shop_green"}"#, Observation.Sighting.color(.green)),
        (#"{"pool":"/Common/shop_blue"}"#, .color(.blue)),
        (#"{"pool":"green"}"#, .foreign("green")), (#"{"pool":null}"#, .absent),
        (#"{}"#, .absent),
    ])
    func `a colour may be spelled as the API spells it`(
        body: String, sighting: Observation.Sighting
    ) async throws {
        let seen = try await seen(
            body, ["url": "http://lb:1/", "value": "$.pool", "as": "/Common/shop_${color}"])
        #expect(seen.effective == sighting)
    }

    @Test func `what else must fit the colour that was read makes it foreign`() async throws {
        let read: Settings = [
            "url": "http://lb:1/", "value": "$.note",
            "expect": ["json": ["$.pool": "shop_${color}"]],
        ]
        let fits = try await seen(#"{"note":"green:blue:0:9","pool":"shop_green"}"#, read)
        #expect(fits == Observation(effective: .color(.green), token: Token(number: 9)))
        let other = try await seen(#"{"note":"green:blue:0:9","pool":"shop_blue"}"#, read)
        guard case .foreign(let words) = other.effective else {
            Issue.record("\(other)")
            return
        }
        #expect(words.contains(#"$.pool is "shop_blue", expected "shop_green""#))
    }

    @Test(arguments: [
        ("", 200), ("blue", 200), ("{", 200), (#"{"datum":7}"#, 200), (#"{"datum":["blue"]}"#, 200),
        (#"{"datum":"blue"}"#, 500), (#"{"datum":"blue"}"#, 401), (#"{"datum":"blue"}"#, 302),
    ])
    func `any other answer is a failure, never a colour`(body: String, status: Int) async throws {
        let failure = await #expect(throws: Failure.self) {
            try await seen(body, status: status, ["url": "http://lb:1/", "value": "$.datum"])
        }
        #expect(failure?.code == .routerGarbled)
    }

    @Test func `without a path the body is the word`() async throws {
        let read: Settings = ["url": "http://lb:1/"]
        #expect(try await seen("green\n", read).color == .green)
        await #expect(throws: Failure.self) { try await seen("<html>green</html> ", read) }
    }

    @Test func `an API that does not answer is unreachable`() async throws {
        let told = FakeTold()
        let router = try told.api()
        told.prepare("GET", .failure(HTTPFailure(.timedOut, "no answer in 2 s")))
        let failure = await #expect(throws: Failure.self) { try await router.observe() }
        #expect(failure?.code == .routerUnreachable)
        #expect(failure?.message == "The API http://lb:1/shop did not answer.")
    }

    private static let mistakes: [(Settings, String)] = [
        (["read": ["url": "/shop"]], "'url' is only a path"),
        (["read": ["url": "http://lb:1/${color}"]], "'${color}' has no value here"),
        (["switch": ["url": "http://lb:1/${version}"]], "'${version}' has no value here"),
        (["read": ["url": "http://a:b@lb:1/"]], "credentials do not belong into an address"),
    ]

    @Test(arguments: mistakes)
    func `a mistake in the settings is named`(settings: Settings, message: String) {
        let report = Report()
        #expect(FakeTold().api(settings, report) == nil)
        #expect(report.diagnostics.map(\.message) == [message])
    }
}
