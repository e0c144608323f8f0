import EmbeddedProxy
import PipelineModel
import ProxyConformance
import Testing

struct FaultTests {
    @Test func `an upstream that refuses is 502, and the client may go on`() async throws {
        try await TestProxy.run { proxy in
            await proxy.blue.stop()
            let client = try proxy.client()
            client.send(get() + get())

            #expect(client.read { MessageEnd.count(in: $0) == 2 })
            #expect(client.text.hasPrefix("HTTP/1.1 502 "))
            #expect(await eventually { proxy.meter.snapshot()[.blue]?.unanswered == 2 })
            #expect(proxy.log.all.contains { $0.contains("status=502") })
        }
    }

    @Test func `an upstream that resets in the body cuts the client off`() async throws {
        let script = RawUpstream.Script([
            .send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart".octets), .reset,
        ])
        try await TestProxy.run(blue: script) { proxy in
            let client = try proxy.client()
            client.send(get())

            #expect(client.readToEnd())
            #expect(client.received.count < 1000)
            #expect(await eventually { proxy.meter.snapshot()[.blue]?.unanswered == 1 })
        }
    }

    @Test func `a reset is not taken for the end of an answer without a length`() async throws {
        let script = RawUpstream.Script([.send("HTTP/1.1 200 OK\r\n\r\npart".octets)])
        try await TestProxy.run(blue: script) { proxy in
            let client = try proxy.client()
            client.send(get())
            #expect(client.read(until: "part"))

            await proxy.blue.resetConnections()

            #expect(client.readToEnd())
            #expect(!client.text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `an upstream that hangs is 504`() async throws {
        try await TestProxy.run(
            blue: RawUpstream.Script([]), { $0.limits.response = .milliseconds(40) }
        ) { proxy in
            let text = try proxy.ask()
            #expect(text.hasPrefix("HTTP/1.1 504 "))
            #expect(await eventually { proxy.blue.openConnections == 0 })
        }
    }

    @Test func `an answer that stalls in the body cuts the client off`() async throws {
        let script = RawUpstream.Script.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart")
        try await TestProxy.run(blue: script, { $0.limits.transfer = .milliseconds(40) }) { proxy in
            let client = try proxy.client()
            client.send(get())

            #expect(client.readToEnd())
            #expect(client.text.hasSuffix("part"))
        }
    }

    @Test func `a request's body that turns out malformed takes its connection along`()
        async throws
    {
        try await TestProxy.run { proxy in
            _ = try proxy.ask()
            let client = try proxy.client()
            client.send(
                "POST /2 HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n")
            #expect(await eventually { proxy.blue.text.hasSuffix("\r\n\r\n4\r\nbody\r\n") })
            client.send("nonsense\r\n")

            #expect(client.readToEnd())
            #expect(client.text.hasPrefix("HTTP/1.1 400 "))
            #expect(await eventually { proxy.blue.openConnections == 0 })
            #expect(try proxy.ask().hasPrefix("HTTP/1.1 200 "))
            #expect(proxy.blue.connections == 2)
        }
    }

    @Test func `an answer's body that turns out malformed takes its connection along`()
        async throws
    {
        let malformed = RawUpstream.Script.answer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\nnonsense\r\n")
        try await TestProxy.run(blue: malformed) { proxy in
            let client = try proxy.client()
            client.send(get())

            #expect(client.readToEnd())
            #expect(!client.text.contains("0\r\n\r\n"))
            #expect(await eventually { proxy.blue.openConnections == 0 })
            proxy.blue.follow(.ok)
            #expect(try proxy.ask().hasPrefix("HTTP/1.1 200 "))
            #expect(proxy.blue.connections == 2)
        }
    }

    @Test(
        arguments: [RawUpstream.Step.close, .reset], ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
    func `a request that meets a dying connection is sent again on a fresh one`(
        end: RawUpstream.Step, method: String
    ) async throws {
        try await TestProxy.run { proxy in
            proxy.blue.follow(.ok, RawUpstream.Script([end]), .answer("HTTP/1.1 204 Again\r\n\r\n"))
            let client = try proxy.client()
            client.send(get("/1"))
            #expect(client.read(until: "\r\n\r\nok"))

            client.send("\(method) /2 HTTP/1.1\r\nHost: shop\r\n\r\n")

            #expect(client.read(until: "HTTP/1.1 204 Again\r\n"))
            #expect(proxy.blue.connections == 2)
        }
    }

    @Test(arguments: [
        post("body", "/2"), "POST /2 HTTP/1.1\r\nHost: shop\r\n\r\n",
        "PATCH /2 HTTP/1.1\r\nHost: shop\r\n\r\n",
        "PUT /2 HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\nbody",
    ])
    func `a request that may have had an effect is not sent again`(request: String) async throws {
        try await TestProxy.run { proxy in
            proxy.blue.follow(.ok, RawUpstream.Script([.close]), answer("again"))
            let client = try proxy.client()
            client.send(get("/1"))
            #expect(client.read(until: "\r\n\r\nok"))
            client.forget()

            client.send(request)

            #expect(client.read { MessageEnd.first(in: $0) != nil })
            #expect(client.text.hasPrefix("HTTP/1.1 502 "))
            #expect(proxy.blue.connections == 1)
        }
    }

    @Test func `a request is sent again only once`() async throws {
        try await TestProxy.run { proxy in
            proxy.blue.follow(.ok, RawUpstream.Script([.close]))
            let client = try proxy.client()
            client.send(get("/1"))
            #expect(client.read(until: "\r\n\r\nok"))
            client.forget()

            client.send(get("/2"))

            #expect(client.read { MessageEnd.first(in: $0) != nil })
            #expect(client.text.hasPrefix("HTTP/1.1 502 "))
            #expect(proxy.blue.connections == 2)
        }
    }

    @Test func `a part of an answer is never followed by a second attempt`() async throws {
        try await TestProxy.run { proxy in
            proxy.blue.follow(
                .ok, RawUpstream.Script([.send("HTTP/1.1 200".octets), .close]), answer("again"))
            let client = try proxy.client()
            client.send(get("/1"))
            #expect(client.read(until: "\r\n\r\nok"))
            client.forget()

            client.send(get("/2"))

            #expect(client.read { MessageEnd.first(in: $0) != nil })
            #expect(client.text.hasPrefix("HTTP/1.1 502 "))
        }
    }

    @Test func `bytes after an answer make its connection useless`() async throws {
        let script = RawUpstream.Script.answer(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n")
        try await TestProxy.run(blue: script) { proxy in
            let client = try proxy.client()
            for _ in 1...2 {
                client.forget()
                client.send(get())
                #expect(client.read(until: "\r\n\r\nok"))
            }
            #expect(proxy.blue.connections == 2)
        }
    }

    @Test func `bytes that nobody asked for never become an answer`() async throws {
        try await TestProxy.run { proxy in
            let client = try proxy.client()
            client.send(get())
            #expect(client.read(until: "\r\n\r\nok"))
            proxy.blue.say("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
            #expect(await eventually { proxy.blue.openConnections == 0 })
            client.forget()

            client.send(get())

            #expect(client.read(until: "\r\n\r\nok"))
            #expect(!client.text.contains("poison"))
        }
    }

    @Test func `an early answer arrives, and neither connection is used again`() async throws {
        let refusal = "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno"
        let script = RawUpstream.Script(beginsAtHead: true, [.send(refusal.octets)])
        try await TestProxy.run(blue: script) { proxy in
            let client = try proxy.client()
            client.send("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 100\r\n\r\npart")

            #expect(client.readToEnd())
            #expect(client.text.hasPrefix("HTTP/1.1 403 "))
            #expect(client.text.contains("Connection: close\r\n"))
            #expect(await eventually { proxy.blue.openConnections == 0 })
        }
    }

    @Test func `a client that leaves takes its upstream connection along`() async throws {
        let script = RawUpstream.Script([
            .send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n".octets),
            .sendZeros(100_000_000),
        ])
        try await TestProxy.run(blue: script) { proxy in
            let client = try proxy.client()
            client.send(get())
            #expect(client.read { $0.count > 100_000 })

            client.reset()

            #expect(await eventually { proxy.blue.openConnections == 0 })
            #expect(proxy.meter.snapshot()[.blue]?.abandoned == 1)
            #expect(proxy.meter.snapshot()[.blue]?.inFlight == 0)
        }
    }

    @Test func `a slow reader holds the upstream back, and loses nothing`() async throws {
        let size = 40_000_000
        let script = RawUpstream.Script([
            .send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n".octets), .sendZeros(size),
        ])
        try await TestProxy.run(blue: script) { proxy in
            let client = try RawClient(port: proxy.port, receiveBuffer: 4096)
            client.send(get())
            #expect(await eventually { await proxy.server.load().bufferedBytes > 0 })
            #expect(await standsStill { proxy.blue.zerosSent })

            #expect(proxy.blue.zerosSent < size)
            #expect(await proxy.server.load().bufferedBytes < 512 * 1024)
            #expect(client.read(within: .seconds(60)) { $0.count > size })
        }
    }

    @Test func `a slow upstream holds the client back`() async throws {
        let script = RawUpstream.Script(beginsAtHead: true, [.stopReading])
        try await TestProxy.run(blue: script) { proxy in
            let client = try proxy.client()
            client.send("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 60000000\r\n\r\n")
            let sent = client.send(
                [UInt8](repeating: 1, count: 60_000_000), within: .milliseconds(500))

            #expect(sent < 60_000_000)
            #expect(await proxy.server.load().bufferedBytes < 512 * 1024)
        }
    }
}
