import Testing
import TrafficRig

/// The load client sees every way in which a request can be lost.
@Suite(.serialized)
struct LoadClientTests {
    private static let whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Color: blue\r\n\r\nok"

    /// One keep-alive connection against a server with these manners, until enough was seen.
    private func summary(
        requests: Int, timeout: Duration = .seconds(5),
        _ manner: @escaping @Sendable (Int) -> RudeServer.Manner
    ) async throws -> LoadSummary {
        try await RudeServer.open(manner) { server in
            try await load(server.url, requests: requests, timeout: timeout)
        }
    }

    private func load(
        _ url: String, requests: Int, timeout: Duration = .seconds(5)
    ) async throws -> LoadSummary {
        let plan = try LoadPlan(
            url: url, rate: 200, keepAlive: 1, close: 0, posts: 0, timeout: timeout)
        let client = try await LoadClient.start(plan)
        try await eventually("\(requests) requests") { client.records.count >= requests }
        return try await client.stop()
    }

    @Test func `complete answers are no errors and carry their colour`() async throws {
        let summary = try await summary(requests: 10) { _ in .answer(Self.whole) }
        #expect(summary.errors.isEmpty)
        #expect(summary.colors == ["blue": summary.requests])
    }

    @Test func `a connection that ends without an answer on its second request is reported`()
        async throws
    {
        let summary = try await summary(requests: 10) { $0 == 1 ? .answer(Self.whole) : .hangUp }
        #expect(Set(summary.errors.keys) == [.resetOnReused])
        #expect(summary.errorCount >= 5)
    }

    @Test func `a connection that ends without an answer on its first request is reported`()
        async throws
    {
        let summary = try await summary(requests: 5) { _ in .hangUp }
        #expect(summary.errors == [.resetOnFresh: summary.requests])
    }

    @Test func `a connection whose end was announced costs nothing`() async throws {
        let last = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        let summary = try await summary(requests: 10) { _ in .answerThenHangUp(last) }
        #expect(summary.errors.isEmpty)
    }

    @Test func `an answer that is cut off is reported`() async throws {
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nX-Color: blue\r\n\r\nonly this"
        let summary = try await summary(requests: 5) { _ in .answerThenHangUp(cut) }
        #expect(summary.errors == [.truncated: summary.requests])
    }

    @Test func `silence is reported when the time is over`() async throws {
        let summary = try await summary(requests: 3, timeout: .milliseconds(30)) { _ in .silence }
        #expect(summary.errors == [.timeout: summary.requests])
    }

    @Test func `an answer that is not HTTP is reported`() async throws {
        let summary = try await summary(requests: 3) { _ in .saySomethingElse }
        #expect(summary.errors == [.malformed: summary.requests])
    }

    @Test func `a port without a listener is reported`() async throws {
        let summary = try await load("http://127.0.0.1:\(try FreePort.next())/", requests: 5)
        #expect(summary.errors == [.connectRefused: summary.requests])
    }

    @Test(arguments: [(404, LoadError.status4xx), (503, LoadError.status5xx)])
    func `an answer that refuses is reported`(status: Int, error: LoadError) async throws {
        let answer = "HTTP/1.1 \(status) No\r\nContent-Length: 0\r\n\r\n"
        let summary = try await summary(requests: 5) { _ in .answer(answer) }
        #expect(summary.errors == [error: summary.requests])
    }

    @Test func `a slow server gets the same load and shows it as latency`() async throws {
        let backend = try await ExampleBackend.start(
            BackendSettings(color: "blue", version: "1", faults: Faults(latency: 20)))
        let summary = try await load("http://127.0.0.1:\(backend.port)/", requests: 20)
        await backend.stop()
        // Due every 5 ms and answered after 20: the twentieth waits for its predecessors.
        #expect(summary.latency.p95 > 200_000_000)
    }

    @Test func `each order reaches the backend once and is known by its id`() async throws {
        let backend = try await ExampleBackend.start(BackendSettings(color: "blue", version: "1"))
        let url = "http://127.0.0.1:\(backend.port)"
        let plan = try LoadPlan(url: url + "/", rate: 400, keepAlive: 2, close: 2, posts: 2)
        let client = try await LoadClient.start(plan)
        try await eventually("orders") { client.records.count { $0.order != nil } >= 20 }
        let summary = try await client.stop()
        let orders = try await FreshRequest("GET", url + "/orders").send().body
        await backend.stop()
        #expect(summary.errors.isEmpty)
        #expect(summary.placedOrders.allSatisfy { orders.contains("\"\($0)\"") })
        #expect(orders.contains(#""duplicates":[]"#))
    }

    @Test func `the whole program prints one line and fails when a request was lost`() async throws
    {
        let arguments = [
            Products.loadClient, "--url", "http://127.0.0.1:\(try FreePort.next())/", "--for",
            "100ms", "--rate", "50",
        ]
        let finished = try await ChildProcess.run(arguments)
        #expect(finished.status == 1)
        #expect(finished.output.contains("connectRefused"))
        #expect(finished.output.split(separator: "\n").count == 1)
    }
}
