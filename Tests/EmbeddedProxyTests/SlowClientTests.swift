import EmbeddedProxy
import PipelineModel
import ProxyConformance
import Testing

/// Clients that take their answers late or never, and clients that stop sending early.
struct SlowClientTests {
    @Test func `pipelined requests wait for a client that reads slowly`() async throws {
        let (size, count) = (20_000, 1_000)
        let script = answer(String(repeating: "x", count: size))
        try await TestProxy.run(blue: script) { proxy in
            let client = try RawClient(port: proxy.port, receiveBuffer: 4096)
            client.send(String(repeating: get(), count: count))
            #expect(await eventually { await proxy.server.load().bufferedBytes > 0 })
            #expect(await standsStill { proxy.blue.received.count })

            #expect(await proxy.server.load().bufferedBytes < 512 * 1024)
            #expect(client.read(within: .seconds(60)) { $0.count > size * count })
        }
    }

    @Test func `pipelined requests that the proxy answers wait for a client that reads slowly`()
        async throws
    {
        let request = "OPTIONS * HTTP/1.1\r\nHost: shop\r\nMax-Forwards: 0\r\n\r\n"
        try await TestProxy.run { proxy in
            let client = try RawClient(port: proxy.port, receiveBuffer: 4096)
            let all = String(repeating: request, count: 200_000).octets
            client.send(all, within: .seconds(1))
            #expect(await eventually { await proxy.server.load().bufferedBytes > 0 })
            #expect(await standsStill { await proxy.server.load().bufferedBytes })

            #expect(await proxy.server.load().bufferedBytes < 512 * 1024)
        }
    }

    @Test func `a client that never takes its answers is cut off`() async throws {
        let script = answer(String(repeating: "x", count: 20_000))
        try await TestProxy.run(
            blue: script,
            {
                $0.limits.idle = .milliseconds(100)
                $0.limits.transfer = .milliseconds(100)
            }
        ) { proxy in
            let client = try RawClient(port: proxy.port, receiveBuffer: 4096)
            client.send(String(repeating: get(), count: 1_000))

            #expect(await eventually { !proxy.blue.received.isEmpty })
            #expect(await eventually { await proxy.server.load().connections == 0 })
        }
    }

    @Test func `a whole request is answered although its client has stopped sending`() async throws
    {
        try await TestProxy.run { proxy in
            for _ in 1...20 {
                let client = try proxy.client()
                client.send(post("body"))
                client.endOutput()

                #expect(client.readToEnd())
                #expect(client.text.hasSuffix("\r\n\r\nok"))
                await proxy.blue.closeConnections()
            }
        }
    }

    @Test func `a request that its client cuts short is not waited for`() async throws {
        try await TestProxy.run { proxy in
            let client = try proxy.client()
            client.send("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 10\r\n\r\nhalf")
            client.endOutput()

            #expect(client.readToEnd())
            #expect(await eventually { proxy.meter.snapshot()[.blue]?.abandoned == 1 })
        }
    }
}
