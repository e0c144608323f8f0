import Contracts
import Logging
import NIOCore
import PipelineModel
import ProxyConformance
import Synchronization
import Testing

@testable import EmbeddedProxy

struct ProxyServerTests {
    @Test func `a stop lets the request under way finish and takes no new one`() async throws {
        try await TestProxy.run(blue: RawUpstream.Script([])) { proxy in
            let client = try proxy.client()
            client.send(get())
            #expect(await eventually { !proxy.blue.received.isEmpty })
            let idle = try proxy.client()

            async let stopped: Void = proxy.server.stop(grace: .seconds(10))
            #expect(await eventually { idle.readToEnd(within: .milliseconds(5)) })
            #expect((try? proxy.client()) == nil)
            proxy.blue.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
            await stopped

            #expect(client.readToEnd())
            #expect(client.text.contains("Connection: close\r\n"))
            #expect(client.text.hasSuffix("\r\n\r\ndone"))
        }
    }

    @Test func `a stop closes what is idle at once`() async throws {
        try await TestProxy.run { proxy in
            let client = try proxy.client()
            client.send(get())
            #expect(client.read(until: "\r\n\r\nok"))
            let start = ContinuousClock.now

            await proxy.server.stop(grace: .seconds(30))

            #expect(ContinuousClock.now - start < .seconds(20))
            #expect(client.readToEnd())
        }
    }

    @Test func `what is not done after the grace is cut`() async throws {
        try await TestProxy.run(blue: RawUpstream.Script([])) { proxy in
            let client = try proxy.client()
            client.send(get())
            #expect(await eventually { !proxy.blue.received.isEmpty })

            await proxy.server.stop(grace: .milliseconds(20))

            #expect(client.readToEnd())
            #expect(client.received.isEmpty)
        }
    }

    @Test func `stopping twice is as good as once`() async throws {
        try await TestProxy.run { proxy in
            await proxy.server.stop(grace: .zero)
            await proxy.server.stop(grace: .zero)
        }
    }

    @Test func `an address that is taken is a failure and leaves nothing behind`() async throws {
        try await TestProxy.run { proxy in
            let address = ProxySettings.Address(host: "127.0.0.1", port: proxy.blue.port)
            let second = ProxyServer(
                settings: ProxySettings(
                    listen: address, upstreams: [.blue: address, .green: address], threads: 1),
                routing: proxy.routing, meter: proxy.meter, log: Logger(label: "second"))

            let failure = await #expect(throws: Failure.self) { try await second.bind() }

            #expect(failure?.code == .routerUnreachable)
        }
    }

    @Test func `a bound proxy serves nobody before it is told to accept`() async throws {
        try await TestProxy.run { proxy in
            let upstream = ProxySettings.Address(host: "127.0.0.1", port: proxy.blue.port)
            let second = ProxyServer(
                settings: ProxySettings(
                    listen: .init(host: "127.0.0.1", port: 0),
                    upstreams: [.blue: upstream, .green: upstream], threads: 1),
                routing: proxy.routing, meter: proxy.meter, log: Logger(label: "second"))
            let client = try RawClient(port: try await second.bind().public)
            client.send(get())

            #expect(!client.read(within: .milliseconds(100), until: "200 OK"))
            second.accept()
            #expect(client.read(until: "\r\n\r\nok"))
            await second.stop(grace: .zero)
        }
    }

    @Test func `a trusted peer is believed, and added to`() async throws {
        try await TestProxy.run {
            $0.trustedPeers = ["127.0.0.1"]
        } body: { proxy in
            _ = try proxy.ask(
                get(
                    "/", "X-Forwarded-For: 10.0.0.1", "Forwarded: for=10.0.0.1",
                    "X-Forwarded-Proto: https", "X-Forwarded-Host: example.com",
                    "X_Forwarded_For: 6.6.6.6"))

            let text = proxy.blue.text
            #expect(text.contains("X-Forwarded-For: 10.0.0.1, 127.0.0.1\r\n"))
            #expect(text.contains("Forwarded: for=10.0.0.1, for=127.0.0.1;"))
            #expect(text.contains("X-Forwarded-Proto: https\r\n"))
            #expect(text.contains("X-Forwarded-Host: example.com\r\n"))
            #expect(!text.contains("6.6.6.6"))
        }
    }

    @Test func `an IPv4 client of a listener for IPv6 is known by its IPv4 address`() async throws {
        try await TestProxy.run {
            $0.listen.host = "::ffff:127.0.0.1"
            $0.trustedPeers = ["127.0.0.1"]
        } body: { proxy in
            _ = try proxy.ask(get("/", "X-Forwarded-For: 10.0.0.1"))

            #expect(proxy.blue.text.contains("X-Forwarded-For: 10.0.0.1, 127.0.0.1\r\n"))
            #expect(proxy.blue.text.contains("Forwarded: for=127.0.0.1;"))
        }
    }

    @Test(arguments: ["10.0.0.0/8", "localhost", "10.0.0", ""])
    func `what is no address is not silently trusted by nobody`(text: String) async throws {
        let address = ProxySettings.Address(host: "127.0.0.1", port: 0)
        let proxy = ProxyServer(
            settings: ProxySettings(
                listen: address, upstreams: [.blue: address, .green: address],
                trustedPeers: [text], threads: 1),
            routing: Routing(TestProxy.route(.blue)), meter: TrafficMeter(),
            log: Logger(label: "proxy"))

        let failure = await #expect(throws: Failure.self) { try await proxy.bind() }

        #expect(failure?.code == .proxyNotStarted)
        #expect(failure?.message.contains("'\(text)'") == true)
    }

    @Test func `another spelling of an address is the same peer`() throws {
        for text in ["2001:db8::1", "2001:DB8:0:0::1", "2001:0db8::0001"] {
            #expect(try Peer.name(of: SocketAddress(ipAddress: text, port: 0)) == "2001:db8::1")
        }
        #expect(
            try Peer.name(of: SocketAddress(ipAddress: "::ffff:7f00:1", port: 1)) == "127.0.0.1")
    }

    @Test func `the access log has one line of JSON per request`() async throws {
        let lines = Mutex<String>("")
        let sink = AccessLog { bytes in lines.withLock { $0 += String(buffer: bytes) } }
        try await TestProxy.run({ $0.accessLog = true }, accessLog: sink) { proxy in
            _ = try proxy.ask(get("/a\"b\\c"))
            _ = try proxy.ask("GET / HTTP/1.1\r\n\r\n")
            await proxy.server.stop(grace: .zero)
        }
        let text = lines.withLock { $0 }
        let first =
            "\"peer\":\"127.0.0.1\",\"request\":\"GET /a\\u0022b\\u005cc HTTP/1.1\",\"status\":200"
        #expect(text.contains(first))
        #expect(text.contains("\"color\":\"blue\"}\n"))
        #expect(text.contains("\"status\":400"))
        #expect(text.split(separator: "\n").count == 2)
    }

    @Test func `answers are counted by class, with their time`() async throws {
        try await TestProxy.run { proxy in
            for status in [200, 302, 404, 500] {
                proxy.blue.follow(
                    .answer("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n"))
                _ = try proxy.ask()
            }
            let isCounted = await eventually { proxy.meter.snapshot()[.blue]?.requests == 4 }
            let blue = try #require(proxy.meter.snapshot()[.blue])

            #expect(isCounted)
            #expect(
                [blue.successes, blue.redirections, blue.clientErrors, blue.serverErrors]
                    == [1, 1, 1, 1])
            #expect(blue.latency.count == 4)
            #expect(blue.inFlight == 0)
        }
    }
}
