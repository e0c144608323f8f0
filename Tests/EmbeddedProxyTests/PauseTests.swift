import EmbeddedProxy
import PipelineModel
import ProxyConformance
import Testing

struct PauseTests {
    @Test func `a held request goes to the colour that is live after the pause`() async throws {
        try await TestProxy.run(green: answer("green")) { proxy in
            proxy.routing.replace(with: TestProxy.route(.blue, isPaused: true))
            let client = try proxy.client()
            client.send(get())
            #expect(await eventually { await proxy.server.load().held == 1 })
            #expect(proxy.blue.received.isEmpty)

            proxy.routing.replace(with: TestProxy.route(.green))

            #expect(client.read(until: "\r\n\r\ngreen"))
            #expect(await proxy.server.load().held == 0)
        }
    }

    @Test func `a request is not held for longer than the limit`() async throws {
        try await TestProxy.run {
            $0.limits.hold = .milliseconds(40)
        } body: { proxy in
            proxy.routing.replace(with: TestProxy.route(.blue, isPaused: true))

            let text = try proxy.ask()
            #expect(text.hasPrefix("HTTP/1.1 503 "))
            #expect(await eventually { proxy.log.all.contains { $0.contains("long. status=503") } })
        }
    }

    @Test func `no more requests are held than the limit`() async throws {
        try await TestProxy.run {
            $0.limits.held = 1
        } body: { proxy in
            proxy.routing.replace(with: TestProxy.route(.blue, isPaused: true))
            let first = try proxy.client()
            first.send(get())
            #expect(await eventually { await proxy.server.load().held == 1 })

            let text = try proxy.ask()
            #expect(text.hasPrefix("HTTP/1.1 503 "))
            #expect(
                await eventually { proxy.log.all.contains { $0.contains("pause. status=503") } })

            proxy.routing.replace(with: TestProxy.route(.blue))
            #expect(first.read(until: "\r\n\r\nok"))
        }
    }

    @Test func `a client that leaves while it is held makes room`() async throws {
        try await TestProxy.run {
            $0.limits.held = 1
        } body: { proxy in
            proxy.routing.replace(with: TestProxy.route(.blue, isPaused: true))
            let first = try proxy.client()
            first.send(get())
            #expect(await eventually { await proxy.server.load().held == 1 })
            first.reset()
            #expect(await eventually { await proxy.server.load().held == 0 })

            let second = try proxy.client()
            second.send(get())

            #expect(await eventually { await proxy.server.load().held == 1 })
        }
    }

    @Test func `the preview is not paused`() async throws {
        try await TestProxy.run(green: answer("idle")) { proxy in
            proxy.routing.replace(with: TestProxy.route(.blue, isPaused: true))
            let client = try RawClient(port: proxy.preview)
            client.send(get())

            #expect(client.read(until: "\r\n\r\nidle"))
        }
    }
}
