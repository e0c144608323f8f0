import Glibc
import Logging
import NIOCore
import NIOEmbedded
import PipelineModel
import ProxyConformance
import Testing

@testable import EmbeddedProxy

struct LimitTests {
    @Test func `a head that drips is answered with 408 and noted`() async throws {
        try await TestProxy.run {
            $0.limits.head = .milliseconds(40)
        } body: { proxy in
            let client = try proxy.client()
            client.send("GET / HTTP/1.1\r\nHost:")

            #expect(client.readToEnd())
            #expect(client.text.hasPrefix("HTTP/1.1 408 "))
            #expect(proxy.log.all.contains { $0.contains("status=408") })
            #expect(proxy.blue.received.isEmpty)
        }
    }

    @Test func `bytes that keep dripping do not extend the limit of a head`() async throws {
        try await TestProxy.run {
            $0.limits.head = .milliseconds(100)
        } body: { proxy in
            let client = try proxy.client()
            client.send("GET / HTTP/1.1\r\nHost: shop\r\n")
            while client.send("A: b\r\n") > 0, !client.readToEnd(within: .milliseconds(5)) {}

            #expect(client.text.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func `an idle connection is closed without a word`() async throws {
        try await TestProxy.run {
            $0.limits.idle = .milliseconds(40)
        } body: { proxy in
            let client = try proxy.client()
            client.send(get())
            #expect(client.read(until: "\r\n\r\nok"))
            client.forget()

            #expect(client.readToEnd())
            #expect(client.received.isEmpty)
        }
    }

    @Test func `a body that stalls is answered with 408`() async throws {
        try await TestProxy.run {
            $0.limits.transfer = .milliseconds(40)
        } body: { proxy in
            let client = try proxy.client()
            client.send("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 10\r\n\r\nhalf")

            #expect(client.readToEnd())
            #expect(client.text.hasPrefix("HTTP/1.1 408 "))
            #expect(await eventually { proxy.log.all.contains { $0.contains("long. status=408") } })
            #expect(await eventually { proxy.blue.openConnections == 0 })
        }
    }

    @Test(arguments: [
        "Content-Length: 11\r\n\r\n01234567890",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n6\r\n567890\r\n0\r\n\r\n",
    ])
    func `a body that is too large is answered with 413`(rest: String) async throws {
        try await TestProxy.run {
            $0.limits.bodyBytes = 10
        } body: { proxy in
            let client = try proxy.client()
            client.send("POST / HTTP/1.1\r\nHost: shop\r\n" + rest)

            #expect(client.readToEnd())
            #expect(client.text.hasPrefix("HTTP/1.1 413 "))
            #expect(!proxy.blue.text.contains("567890"))
        }
    }

    @Test func `a refusal arrives although the client is still sending`() async throws {
        try await TestProxy.run {
            $0.limits.bodyBytes = 10
        } body: { proxy in
            let client = try proxy.client()
            client.send("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000000\r\n\r\n")
            let sent = client.send([UInt8](repeating: 65, count: 1_000_000))

            #expect(sent == 1_000_000)
            #expect(client.readToEnd())
            #expect(!client.wasReset)
            #expect(client.text.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `a client beyond the limit is answered with 503, and one that leaves makes room`()
        async throws
    {
        try await TestProxy.run {
            $0.limits.connections = 1
        } body: { proxy in
            let first = try proxy.client()
            first.send(get())
            #expect(first.read(until: "\r\n\r\nok"))

            let text = try proxy.ask("")
            #expect(text.hasPrefix("HTTP/1.1 503 "))

            first.close()
            #expect(await eventually { (try? proxy.ask().hasPrefix("HTTP/1.1 200 ")) == true })
        }
    }

    @Test func `one address may not take all connections`() async throws {
        try await TestProxy.run {
            $0.limits.connectionsPerPeer = 2
        } body: { proxy in
            let clients = try [proxy.client(), proxy.client()]
            for client in clients {
                client.send(get())
                #expect(client.read(until: "\r\n\r\nok"))
            }

            let text = try proxy.ask("")
            #expect(text.hasPrefix("HTTP/1.1 503 "))
            // Until here they are connected.
            for client in clients { client.close() }
        }
    }

    @Test func `an upstream that is not needed for a while is let go`() async throws {
        try await TestProxy.run {
            $0.limits.upstreamIdle = .milliseconds(40)
        } body: { proxy in
            _ = try proxy.ask()

            #expect(await eventually { proxy.blue.openConnections == 0 })
        }
    }

    /// A process that has no descriptor at all is no test: once a second the runtime opens a file of
    /// its own, and ends the process where it cannot.
    @Test func `once all places are taken idle connections are shed, and who waits is served`()
        async
    {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 200, rlim_max: 200)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let places = try DescriptorShares(limit: 200, threads: 1).clients
            try await TestProxy.run { proxy in
                let crowd = try (0..<places).map { _ in try proxy.client() }
                #expect(await eventually { await proxy.server.load().connections == places })

                #expect(try proxy.ask().hasPrefix("HTTP/1.1 200 "))

                let warnings = proxy.log.all.filter { $0.contains("Out of descriptors") }
                #expect(1...10 ~= warnings.count, "a busy loop would write thousands of lines")
                for client in crowd { #expect(client.readToEnd()) }
            }
        }
    }

    @Test(arguments: [(EMFILE, 1), (ENFILE, 1), (ECONNABORTED, 0)])
    func `a descriptor that the system refuses is a full house`(code: Int32, calls: Int) throws {
        var seen = 0
        let listener = EmbeddedChannel(
            handler: AcceptGate(Places(8), whenFull: { seen += 1 }))

        listener.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))

        #expect(seen == calls)
        #expect(throws: IOError.self) { try listener.throwIfErrorCaught() }
    }
}
