import Contracts
import EmbeddedProxy
import PipelineModel
import ProxyConformance
import Testing

struct ForwardingTests {
    @Test func `a request reaches the live colour and its answer the client`() async throws {
        try await TestProxy.run(blue: answer("from blue")) { proxy in
            let text = try proxy.ask(get("/cart?id=1", "X-Request-Id: 7"))

            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(text.hasSuffix("\r\n\r\nfrom blue"))
            #expect(proxy.blue.text.hasPrefix("GET /cart?id=1 HTTP/1.1\r\nHost: shop\r\n"))
            #expect(proxy.blue.text.contains("X-Request-Id: 7\r\n"))
            #expect(proxy.green.received.isEmpty)
        }
    }

    @Test func `requests on one connection use one upstream connection`() async throws {
        try await TestProxy.run { proxy in
            let client = try proxy.client()
            for _ in 1...5 {
                client.forget()
                client.send(get())
                #expect(client.read(until: "\r\n\r\nok"))
            }
            #expect(proxy.blue.connections == 1)
        }
    }

    @Test func `a kept connection follows the route from the next request on`() async throws {
        try await TestProxy.run(blue: answer("blue"), green: answer("green")) { proxy in
            let client = try proxy.client()
            client.send(get())
            #expect(client.read(until: "\r\n\r\nblue"))

            proxy.routing.replace(with: TestProxy.route(.green))
            client.send(get())

            #expect(client.read(until: "\r\n\r\ngreen"))
        }
    }

    @Test func `requests that arrive together are answered in their order`() async throws {
        try await TestProxy.run { proxy in
            proxy.blue.follow(answer("one"), answer("two"), answer("three"))
            let client = try proxy.client()

            client.send(get("/1") + post("body", "/2") + get("/3"))

            #expect(client.read(until: "three"))
            let order = ["one", "two", "three"].map {
                client.received.offset(of: $0.octets, from: 0)
            }
            #expect(order.compactMap(\.self) == order.compactMap(\.self).sorted())
        }
    }

    @Test func `a body in chunks arrives in chunks, with its trailers`() async throws {
        try await TestProxy.run { proxy in
            let text = try proxy.ask(
                "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5;note=x\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 11\r\nContent-Length: 3\r\n\r\n"
            )

            #expect(text.hasPrefix("HTTP/1.1 200"))
            #expect(
                proxy.blue.text.hasSuffix(
                    "\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 11\r\n\r\n"))
        }
    }

    @Test func `the trailers of an answer arrive, but none that would mean something on the way`()
        async throws
    {
        let script = RawUpstream.Script.answer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                + "3\r\nall\r\n0\r\nX-Sum: 3\r\nContent-Length: 9\r\nX-Live: green\r\n\r\n")
        try await TestProxy.run(blue: script) { proxy in
            let text = try proxy.ask(get("/", "TE: trailers", "Connection: TE"))

            #expect(text.hasSuffix("\r\n\r\n3\r\nall\r\n0\r\nX-Sum: 3\r\n\r\n"))
            #expect(text.contains("\r\nTrailer: X-Sum\r\n"))
            #expect(proxy.blue.text.contains("\r\nTE: trailers\r\n"))
        }
    }

    @Test func `a large body passes unchanged in both directions`() async throws {
        let size = 5_000_000
        let script = RawUpstream.Script([
            .send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n".octets), .sendZeros(size),
        ])
        try await TestProxy.run(blue: script) { proxy in
            let client = try proxy.client()
            client.send("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 2000000\r\n\r\n")
            client.send([UInt8](repeating: 7, count: 2_000_000))

            #expect(client.read { $0.count > size })
            #expect(client.read { $0.reversed().prefix(size).allSatisfy { $0 == 0 } })
            #expect(proxy.blue.received.suffix(2_000_000).allSatisfy { $0 == 7 })
        }
    }

    @Test func `an answer without a length becomes chunks and keeps the connection`() async throws {
        let script = RawUpstream.Script([.send("HTTP/1.1 200 OK\r\n\r\nall".octets), .close])
        try await TestProxy.run(blue: script) { proxy in
            let client = try proxy.client()
            client.send(get())

            #expect(client.read(until: "3\r\nall\r\n0\r\n\r\n"))
            client.forget()
            client.send(get())
            #expect(client.read(until: "3\r\nall\r\n0\r\n\r\n"))
        }
    }

    @Test func `a client of HTTP 1_0 gets no chunks, and the end of the connection as the end`()
        async throws
    {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n0\r\n\r\n"
        try await TestProxy.run(blue: .answer(chunked)) { proxy in
            let client = try proxy.client()
            client.send("GET / HTTP/1.0\r\n\r\n")

            #expect(client.readToEnd())
            #expect(client.text.hasSuffix("\r\n\r\nall"))
            #expect(proxy.blue.text.contains("Host: 127.0.0.1:\(proxy.blue.port)\r\n"))
        }
    }

    @Test func `an answer to HEAD has the length and no body`() async throws {
        let script = RawUpstream.Script.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        try await TestProxy.run(blue: script) { proxy in
            let client = try proxy.client()
            client.send("HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n")
            #expect(client.read(until: "Content-Length: 10\r\n"))

            client.send("HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n")

            #expect(client.read { MessageEnd.count(in: $0, hasNoBody: true) == 2 })
        }
    }

    @Test func `100-continue goes to the upstream and back before the body`() async throws {
        let script = RawUpstream.Script(
            beginsAtHead: true, [.send("HTTP/1.1 100 Continue\r\n\r\n".octets)])
        try await TestProxy.run(blue: script) { proxy in
            let client = try proxy.client()
            client.send(
                "PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
            #expect(client.read(until: "HTTP/1.1 100 Continue\r\n\r\n"))
            #expect(proxy.blue.text.contains("Expect: 100-continue\r\n"))

            client.send("body")

            #expect(await eventually { proxy.blue.text.hasSuffix("\r\n\r\nbody") })
        }
    }

    @Test func `a client that ends its direction still gets its answer`() async throws {
        try await TestProxy.run { proxy in
            let client = try proxy.client()
            client.send(get())
            client.endOutput()

            #expect(client.readToEnd())
            #expect(client.text.hasSuffix("\r\n\r\nok"))
        }
    }

    @Test func `the preview listener goes to idle and is not metered`() async throws {
        try await TestProxy.run(green: answer("idle")) { proxy in
            let client = try RawClient(port: proxy.preview)
            client.send(get())

            #expect(client.read(until: "\r\n\r\nidle"))
            #expect(proxy.meter.snapshot()[.green]?.requests == 0)

            client.forget()
            proxy.routing.replace(with: TestProxy.route(.green))
            client.send(get())
            #expect(client.read(until: "\r\n\r\nok"))
        }
    }

    @Test func `a part of the requests goes to idle, exactly as large as asked`() async throws {
        try await TestProxy.run(blue: answer("blue"), green: answer("green")) { proxy in
            proxy.routing.replace(
                with: TestProxy.route(.blue, split: Split(idlePercent: 10)))
            let client = try proxy.client()
            for _ in 1...100 {
                client.forget()
                client.send(get())
                client.read { MessageEnd.first(in: $0) != nil }
            }
            #expect(await eventually { proxy.meter.snapshot()[.blue]?.successes == 90 })
            #expect(await eventually { proxy.meter.snapshot()[.green]?.successes == 10 })
        }
    }

    @Test(arguments: [
        (HeaderMatch(.header, name: "x-canary", value: "1"), "X-Canary: 1", "green"),
        (HeaderMatch(.header, name: "x-canary", value: "1"), "X-Canary: 2", "blue"),
        (HeaderMatch(.cookie, name: "side", value: "b"), "Cookie: a=1; side=b; c=2", "green"),
        (HeaderMatch(.cookie, name: "side", value: "b"), "Cookie: outside=b", "blue"),
    ])
    func `a header or a cookie chooses idle`(
        match: HeaderMatch, field: String, expected: String
    ) async throws {
        try await TestProxy.run(blue: answer("blue"), green: answer("green")) { proxy in
            proxy.routing.replace(with: TestProxy.route(.blue, split: Split(match: match)))

            let text = try proxy.ask(get("/", field))

            #expect(text.hasSuffix(expected))
        }
    }

    @Test func `testers reach idle through the front door and are not metered`() async throws {
        let testers = HeaderMatch(.header, name: "X-Canary", value: "1")
        try await TestProxy.run(
            blue: answer("blue"), green: answer("green"), { $0.testers = testers }
        ) { proxy in
            let tested = try proxy.ask(get("/", "X-Canary: 1"))
            let used = try proxy.ask()
            proxy.routing.replace(with: TestProxy.route(.green))
            let later = try proxy.ask(get("/", "X-Canary: 1"))

            #expect(tested.hasSuffix("green") && used.hasSuffix("blue") && later.hasSuffix("blue"))
            #expect(proxy.meter.snapshot()[.green]?.requests == 0)
        }
    }

    @Test func `X-Live is the upstream's own word where nobody asked for it`() async throws {
        try await TestProxy.run { proxy in
            let silent = try proxy.ask()
            #expect(!silent.lowercased().contains("x-live"))

            proxy.blue.follow(answer("x", "X-Live: purple"))
            let text = try proxy.ask()
            #expect(text.contains("X-Live: purple\r\n"))
        }
    }

    @Test func `X-Live says the colour that was chosen, whatever the upstream says`() async throws {
        let script = answer("x", "X-Live: green")
        try await TestProxy.run(blue: script, { $0.showsLive = true }) { proxy in
            let text = try proxy.ask()

            #expect(text.contains("X-Live: blue\r\n"))
            #expect(!text.contains("X-Live: green"))
        }
    }
}
