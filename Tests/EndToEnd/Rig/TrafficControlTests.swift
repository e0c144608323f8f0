import Testing
import TrafficRig

/// Traffic through a real HAProxy: what a right switch does not cost, and that the load client
/// would see it if it did.
@Suite(.serialized, .enabled(if: isProgramWanted("haproxy")))
struct TrafficControlTests {
    private func traffic(
        _ shop: Shop, rate: Int = 500, keepAlive: Int = 32
    ) async throws -> LoadClient {
        let client = try await LoadClient.start(
            LoadPlan(url: shop.url + "/", rate: rate, keepAlive: keepAlive))
        try await more(200, of: client)
        return client
    }

    /// Waits until so many more requests are over.
    private func more(_ count: Int, of client: LoadClient) async throws {
        let enough = client.records.count + count
        try await eventually("\(count) more requests") { client.records.count >= enough }
    }

    @Test func `fifty switches through the map lose nothing and confuse nobody`() async throws {
        try await Shop.open { shop in
            let client = try await traffic(shop)
            var switches: [Switch] = []
            for token in 1...50 {
                let (live, idle) = token % 2 == 1 ? ("green", "blue") : ("blue", "green")
                let change = try await Switch.measure(to: live) {
                    try shop.haproxy.runtime(
                        "set map \(shop.haproxy.mapFile) shop \(live):\(idle):0:\(token)")
                }
                switches.append(change)
                try await more(15, of: client)
                try await eventually("an answer by \(live)") {
                    client.records.last { $0.sent > change.issued && $0.color == live } != nil
                }
            }
            let summary = try await client.stop(switches: switches)
            #expect(summary.isClean, "\(summary)")
            #expect(summary.switches.count { $0.firstNew != nil } == 50)
            let ids = try await shop.blue.orders().ids + shop.green.orders().ids
            #expect(ids.sorted() == summary.placedOrders.sorted())
        }
    }

    @Test func `ending the old backend without a drain loses its requests`() async throws {
        try await Shop.open(blue: ["--latency", "300"]) { shop in
            let rate = 200
            let client = try await LoadClient.start(
                LoadPlan(url: shop.url + "/", rate: rate, keepAlive: 100, close: 20, posts: 0))
            try await more(200, of: client)
            try shop.haproxy.runtime("set map \(shop.haproxy.mapFile) shop green:blue:0:1")
            shop.blue.process.killAtOnce()
            try await more(100, of: client)
            let summary = try await client.stop()
            // 300 ms of work at 200 requests per second were under way.
            let expected = rate * 300 / 1000
            #expect((expected / 3...expected * 2).contains(summary.errorCount), "\(summary)")
        }
    }

    @Test func `moving a server's address leaves stale answers on pooled connections`() async throws
    {
        // Slow answers keep many connections to blue in the pool.
        try await Shop.open(blue: ["--latency", "30"]) { shop in
            let client = try await LoadClient.start(
                LoadPlan(url: shop.url + "/", keepAlive: 64, close: 0, posts: 0))
            try await more(200, of: client)
            let change = try await Switch.measure(to: "green") {
                try shop.haproxy.runtime(
                    "set server shop_blue/s1 addr 127.0.0.1 port \(shop.green.port)")
            }
            try await more(500, of: client)
            let summary = try await client.stop(switches: [change])
            #expect(summary.stale > 0, "\(summary)")
        }
    }

    @Test func `reloads under load lose requests of busy keep-alive connections`() async throws {
        try await Shop.open { shop in
            let client = try await traffic(shop, rate: 3000, keepAlive: 64)
            for _ in 1...6 {
                try await shop.haproxy.reload()
                try await more(1000, of: client)
            }
            let summary = try await client.stop()
            #expect(summary.errors[.resetOnReused, default: 0] > 0, "\(summary)")
        }
    }
}
