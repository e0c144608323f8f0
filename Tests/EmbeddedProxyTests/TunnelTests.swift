import EmbeddedProxy
import PipelineModel
import ProxyConformance
import Testing

struct TunnelTests {
    private static let request = get(
        "/ws", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    private static let accepted =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    private static let echo = RawUpstream.Script([.send(accepted.octets), .echo])

    private func open(_ proxy: TestProxy) throws -> RawClient {
        let client = try proxy.client()
        client.send(Self.request)
        #expect(client.read(until: "\r\n\r\n"))
        #expect(client.text.hasPrefix("HTTP/1.1 101 "))
        client.forget()
        return client
    }

    @Test func `bytes pass both ways after 101`() async throws {
        try await TestProxy.run(blue: Self.echo) { proxy in
            let client = try open(proxy)
            client.send("\u{0}not\nHTTP\u{FF}")

            #expect(client.read { $0 == "\u{0}not\nHTTP\u{FF}".octets })
            #expect(proxy.blue.text.contains("Upgrade: websocket\r\n"))
            #expect(proxy.blue.text.contains("Connection: Upgrade\r\n"))
        }
    }

    @Test func `bytes that came with the request wait for 101`() async throws {
        try await TestProxy.run(blue: Self.echo) { proxy in
            let client = try proxy.client()
            client.send(Self.request + "early")

            #expect(client.read(until: "\r\n\r\nearly"))
        }
    }

    @Test func `an upgrade that is not granted is an ordinary request`() async throws {
        try await TestProxy.run(blue: answer("no")) { proxy in
            let client = try proxy.client()
            client.send(Self.request)
            #expect(client.read(until: "\r\n\r\nno"))

            client.send(get("/2"))

            #expect(client.read { MessageEnd.count(in: $0) == 2 })
        }
    }

    @Test func `an upgrade is asked on a connection of its own`() async throws {
        try await TestProxy.run(blue: answer("ok")) { proxy in
            let client = try proxy.client()
            for request in [get("/1"), Self.request, get("/3")] {
                client.send(request)
                #expect(client.read(until: "\r\n\r\nok"))
                client.forget()
            }
            #expect(proxy.blue.connections == 2)
        }
    }

    @Test func `the end of one direction leaves the other open`() async throws {
        let script = RawUpstream.Script([.send(Self.accepted.octets), .endOutput])
        try await TestProxy.run(blue: script) { proxy in
            let client = try open(proxy)
            #expect(client.readToEnd())

            client.send("still here")

            #expect(await eventually { proxy.blue.text.hasSuffix("still here") })
        }
    }

    @Test func `a tunnel that both ends have left is over`() async throws {
        try await TestProxy.run(blue: Self.echo) { proxy in
            let client = try open(proxy)
            client.send("last words")
            client.endOutput()

            #expect(client.readToEnd())
            #expect(client.text == "last words")
            #expect(await eventually { proxy.meter.snapshot()[.blue]?.tunnels == 0 })
            #expect(await eventually { proxy.blue.openConnections == 0 })
        }
    }

    @Test func `a tunnel survives the switch and is counted until it ends`() async throws {
        try await TestProxy.run(blue: Self.echo) { proxy in
            let client = try open(proxy)
            proxy.routing.replace(with: TestProxy.route(.green))
            client.send("ping")
            #expect(client.read(until: "ping"))
            #expect(proxy.meter.snapshot()[.blue]?.tunnels == 1)

            client.close()

            #expect(await eventually { proxy.meter.snapshot()[.blue]?.inFlight == 0 })
        }
    }

    @Test func `the tunnels of one colour can be cut`() async throws {
        try await TestProxy.run(blue: Self.echo, green: Self.echo) { proxy in
            let blue = try open(proxy)
            proxy.routing.replace(with: TestProxy.route(.green))
            let green = try open(proxy)

            await proxy.server.closeTunnels(on: .blue)

            #expect(blue.readToEnd())
            green.send("ping")
            #expect(green.read(until: "ping"))
            #expect(await eventually { proxy.meter.snapshot()[.blue]?.tunnels == 0 })
        }
    }

    @Test func `a tunnel that was granted while tunnels were closed stayed open`() async throws {
        try await TestProxy.run(blue: RawUpstream.Script([])) { proxy in
            let client = try proxy.client()
            client.send(Self.request)
            #expect(await eventually { !proxy.blue.received.isEmpty })

            await proxy.server.closeTunnels(on: .blue)
            proxy.blue.say(Self.accepted)

            #expect(client.read(until: "\r\n\r\n"))
            #expect(client.text.hasPrefix("HTTP/1.1 503 "))
            #expect(await eventually { proxy.blue.openConnections == 0 })
            #expect(proxy.meter.snapshot()[.blue]?.tunnels == 0)
        }
    }

    @Test func `an end that reads slowly holds the other one back, both ways`() async throws {
        let size = 40_000_000
        let script = RawUpstream.Script([
            .send(Self.accepted.octets), .stopReading, .sendZeros(size),
        ])
        try await TestProxy.run(blue: script) { proxy in
            let client = try RawClient(port: proxy.port, receiveBuffer: 4096)
            client.send(Self.request)
            #expect(await eventually { proxy.meter.snapshot()[.blue]?.tunnels == 1 })
            let sent = client.send([UInt8](repeating: 1, count: size), within: .milliseconds(500))
            #expect(sent < size)
            #expect(await standsStill { proxy.blue.zerosSent })

            #expect(proxy.blue.zerosSent < size)
            #expect(await proxy.server.load().bufferedBytes < 512 * 1024)
        }
    }

    @Test func `a tunnel without a byte is closed after its limit`() async throws {
        try await TestProxy.run(blue: Self.echo, { $0.limits.tunnelIdle = .milliseconds(50) }) {
            let client = try open($0)
            #expect(client.readToEnd())
        }
    }
}
