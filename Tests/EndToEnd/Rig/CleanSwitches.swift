import Testing
import TrafficRig

extension Production {
    /// Requests that take long are sent before every so many switches.
    private var pause: Int { 50 }

    /// Switches to and fro by the built program while users ask: nothing is lost, nobody is confused, no
    /// order is repeated. 250 times, where `SWITCHES` says nothing else: `.ci/run` says 25, and
    /// `make e2e-newer` says 50.
    func expectCleanSwitches(of router: MeasuredRouter) async throws {
        let count = environmentVariable("SWITCHES").flatMap { Int($0) } ?? 250
        let summary = try await underLoad(rate: 300, keepAlive: 32, close: 8, posts: 4) { client in
            // What an answer takes before the first switch.
            try await client.wait(for: 300)
            var changes: [Switch] = []
            for start in stride(from: 0, to: count, by: pause) {
                let long = try await LongRequests.start(through: self)
                for number in start..<min(start + pause, count) {
                    let change = try await change(number)
                    try await client.wait(for: change.to, after: change.acknowledged)
                    changes.append(change)
                }
                try await long.expectTheirOwnColour()
            }
            return try acknowledged(changes, by: router)
        }
        print(router.line(summary))
        #expect(summary.isClean, "\(summary)")
        #expect(summary.switches.count { $0.firstNew != nil } == count)
        #expect(try await ordersPlacedOnce() == summary.placedOrders.sorted())
    }

    /// The ids of the orders that were placed, sorted; each by one colour, and once.
    func ordersPlacedOnce() async throws -> [String] {
        let orders = [try await blue.orders(), try await green.orders()]
        #expect(orders.allSatisfy { $0.duplicates.isEmpty })
        let ids = orders.flatMap(\.ids).sorted()
        #expect(Set(ids).count == ids.count)
        return ids
    }

    private func change(_ number: Int) async throws -> Switch {
        let color = number % 2 == 0 ? "green" : "blue"
        return try await Switch.measure(to: color) {
            let done = try await run("switch", color, "--no-bake")
            guard done.status == 0 else { throw RigFailure("switch \(number): \(done)") }
        }
    }
}

extension PublicAddress {
    /// The same switches, each acknowledged when the router had taken the write, by the journal; one
    /// that may take it later has until the end of the command, which has proven it.
    func acknowledged(_ changes: [Switch], by router: MeasuredRouter) throws -> [Switch] {
        guard router.fencing != .asynchronous else { return changes }
        let writes = try journal().filter { $0.k == "written" }
            .map { Monotonic.instant(sinceBoot: $0.bt) }
        return try changes.map { change in
            guard let written = change.acknowledged(byLastOf: writes) else {
                throw RigFailure("the journal has no write of \(change)")
            }
            return written
        }
    }
}

/// Requests that last longer than many switches.
struct LongRequests {
    private let color: String
    private let answers: [Task<FreshRequest.Answer, any Error>]
    private let talk: Task<WebSocketTalk, any Error>

    /// Sends them, and returns when all have reached the colour that is live.
    static func start(through shop: some Production) async throws -> LongRequests {
        let color = try #require(
            try await FreshRequest("GET", shop.url + "/version").send().color)
        let live = color == "blue" ? shop.blue : shop.green
        let before = try await reached(live)
        let requests = [
            FreshRequest("GET", shop.url + "/slow?ms=2000"),
            FreshRequest("GET", shop.url + "/stream?count=20&ms=100"),
            FreshRequest(
                "PUT", shop.url + "/upload", body: Array(repeating: "part", count: 20),
                pause: .milliseconds(100)),
        ]
        let answers = requests.map { request in Task { try await request.send() } }
        let talk = Task {
            try await WebSocketTalk.hold(shop.url + "/talk", texts: 20, pause: .milliseconds(100))
        }
        try await eventually("the long requests to reach \(color)") {
            try await reached(live) == before + requests.count + 1
        }
        return LongRequests(color: color, answers: answers, talk: talk)
    }

    private static func reached(_ service: ExampleService) async throws -> Int {
        let paths = try await service.statistics().paths
        return ["/slow", "/stream", "/upload", "/talk"].reduce(0) { $0 + (paths[$1]?.total ?? 0) }
    }

    /// `cutsTalks` where a WebSocket is known not to outlive a switch.
    func expectTheirOwnColour(cutsTalks: Bool = false) async throws {
        for answer in answers {
            let answer = try await answer.value
            #expect(answer.status == 200)
            #expect(answer.color == color)
            #expect(!answer.body.isEmpty)
        }
        guard !cutsTalks else {
            await #expect(throws: (any Error).self) { try await self.talk.value }
            return
        }
        let talk = try await talk.value
        #expect(talk.color == color)
        #expect(talk.texts == (0..<20).map { "\(color) \($0)" })
    }
}
