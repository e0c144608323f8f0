import Testing
import TrafficRig

extension RealHAProxy {
    /// Users see nothing of a switch but its result.
    @Suite(.serialized)
    struct SwitchTests {
        private static let switches = 250
        /// Requests that take long are sent before every so many switches.
        private static let pause = 50

        private let pipeline = PipelineText(deploy: "", checks: "")

        @Test func `250 switches under load lose nothing, confuse nobody and repeat no order`()
            async throws
        {
            try await Scene.open(.map(), pipeline) { scene in
                let summary = try await scene.underLoad(
                    rate: 300, keepAlive: 32, close: 8, posts: 4
                ) { client in
                    var changes: [Switch] = []
                    for start in stride(from: 0, to: Self.switches, by: Self.pause) {
                        let long = try await LongRequests.start(through: scene.shop)
                        for number in start..<(start + Self.pause) {
                            let change = try await change(scene, number)
                            try await client.wait(for: change.to, after: change.acknowledged)
                            changes.append(change)
                        }
                        try await long.expectTheirOwnColour()
                    }
                    return changes
                }
                print("250 switches: \(summary)")
                #expect(summary.isClean, "\(summary)")
                #expect(summary.switches.count { $0.firstNew != nil } == Self.switches)
                let orders = [
                    try await scene.shop.blue.orders(), try await scene.shop.green.orders(),
                ]
                #expect(orders.flatMap(\.ids).sorted() == summary.placedOrders.sorted())
                #expect(orders.allSatisfy { $0.duplicates.isEmpty })
            }
        }

        /// The end of the process is later than the write, so what is stale after it was stale before.
        private func change(_ scene: Scene, _ number: Int) async throws -> Switch {
            let color = number % 2 == 0 ? "green" : "blue"
            return try await Switch.measure(to: color) {
                let done = try await scene.run("switch", color, "--no-bake")
                guard done.status == 0 else { throw RigFailure("switch \(number): \(done)") }
            }
        }
    }
}

/// Requests that last longer than many switches.
private struct LongRequests {
    private let color: String
    private let answers: [Task<FreshRequest.Answer, any Error>]
    private let talk: Task<WebSocketTalk, any Error>

    /// Sends them, and returns when all have reached the colour that is live.
    static func start(through shop: Shop) async throws -> LongRequests {
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

    func expectTheirOwnColour() async throws {
        for answer in answers {
            let answer = try await answer.value
            #expect(answer.status == 200)
            #expect(answer.color == color)
            #expect(!answer.body.isEmpty)
        }
        let talk = try await talk.value
        #expect(talk.color == color)
        #expect(talk.texts == (0..<20).map { "\(color) \($0)" })
    }
}
