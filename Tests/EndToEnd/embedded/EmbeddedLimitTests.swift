import Glibc
import ProxyConformance
import Testing
import TrafficRig

extension EmbeddedTests {
    /// What one client, one message and one silence may cost: each limit of the built program has its
    /// answer and its line in the log.
    @Suite(.serialized)
    struct LimitTests {
        // MARK: Messages

        @Test(arguments: [
            "Content-Length: 19\r\n\r\nmore than ten bytes",
            "Transfer-Encoding: chunked\r\n\r\n9\r\nmore than\r\n8\r\ntenbytes\r\n0\r\n\r\n",
        ])
        func `a body that is too large`(rest: String) async throws {
            try await EmbeddedScene.open(settings: ["limits: {body: 10B}"]) { scene in
                let answer = try Self.answer(
                    "POST /upload HTTP/1.1\r\nHost: shop\r\n" + rest, scene)
                #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer)")
                try await Self.logged(scene, 413, "The body is too large.")
            }
        }

        @Test func `a request line, a field and a number of fields that are too large`()
            async throws
        {
            try await EmbeddedScene.open { scene in
                let host = "Host: shop\r\n"
                let longest = 8 * 1024 - "GET / HTTP/1.1\r\n".utf8.count
                for (size, status) in [(longest, 404), (longest + 1, 414)] {
                    let path = "/" + String(repeating: "a", count: size)
                    let answer = try Self.answer("GET \(path) HTTP/1.1\r\n\(host)\r\n", scene)
                    #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(size): \(answer)")
                }
                for (count, status) in [(99, 200), (100, 431)] {
                    let fields = String(repeating: "A: b\r\n", count: count)
                    let answer = try Self.answer("GET / HTTP/1.1\r\n\(host)\(fields)\r\n", scene)
                    #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(count): \(answer)")
                }
                let rest = "GET / HTTP/1.1\r\n\(host)A: \r\n\r\n".utf8.count
                for (size, status) in [(32 * 1024, 200), (32 * 1024 + 1, 431)] {
                    let value = String(repeating: "a", count: size - rest)
                    let answer = try Self.answer(
                        "GET / HTTP/1.1\r\n\(host)A: \(value)\r\n\r\n", scene)
                    #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(size): \(answer)")
                }
                try await Self.logged(scene, 414, "The request line is too long.")
                try await Self.logged(scene, 431, "The head has too many fields.")
                try await Self.logged(scene, 431, "The head is too large.")
            }
        }

        // MARK: Connections

        @Test(arguments: [
            ("connections", "There are too many connections."),
            ("connectionsPerPeer", "This address has too many connections."),
        ])
        func `one connection too many`(limit: String, reason: String) async throws {
            try await EmbeddedScene.open(settings: ["limits: {\(limit): 3}"]) { scene in
                let guests = try (1...3).map { _ in try RawClient(port: scene.port) }
                for guest in guests {
                    guest.send("GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
                    #expect(guest.read(until: "HTTP/1.1 200 "))
                }
                let fourth = try Self.answer("", scene)
                #expect(fourth.hasPrefix("HTTP/1.1 503 "), "\(fourth)")
                try await Self.logged(scene, 503, reason)

                guests[0].close()
                try await eventually("room for another one") {
                    try await FreshRequest("GET", scene.url + "/").send().status == 200
                }
            }
        }

        // MARK: Time

        /// The standard is ten seconds, and nobody can set it: the test takes as long.
        @Test func `a head that drips`() async throws {
            try await EmbeddedScene.open { scene in
                let client = try RawClient(port: scene.port)
                client.send("GET / HTTP/1.1\r\nHost: shop\r\n")
                let began = ContinuousClock.now
                while !client.readToEnd(within: .milliseconds(500)),
                    ContinuousClock.now - began < .seconds(30)
                {
                    client.send("A: b\r\n")
                }
                #expect(client.text.hasPrefix("HTTP/1.1 408 "), "\(client.text)")
                #expect(ContinuousClock.now - began > .seconds(9))
                try await Self.logged(scene, 408, "The head took too long.")
            }
        }

        @Test func `a connection that is idle for too long is closed without a word`()
            async throws
        {
            try await EmbeddedScene.open(settings: ["limits: {idle: 200ms}"]) { scene in
                let silent = try RawClient(port: scene.port)
                let client = try RawClient(port: scene.port)
                client.send("HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n")
                #expect(client.read(until: "\r\n\r\n"))
                #expect(client.text.hasPrefix("HTTP/1.1 200 "), "\(client.text)")
                client.forget()
                for client in [silent, client] {
                    #expect(client.readToEnd())
                    #expect(client.text == "")
                }
            }
        }

        @Test func `an answer that does not begin`() async throws {
            try await EmbeddedScene.open(settings: ["limits: {response: 300ms}"]) { scene in
                let answer = try await FreshRequest("GET", scene.url + "/slow?ms=5000").send()
                #expect(answer.status == 504)
                try await Self.logged(scene, 504, "The upstream did not answer in time.")
            }
        }

        @Test func `a colour that does not accept`() async throws {
            let house = try FullHouse()
            try await EmbeddedScene.open(settings: ["limits: {connect: 300ms}"]) { scene in
                try await scene.restart(withBlueAt: house.port)
                let began = ContinuousClock.now
                let answer = try await FreshRequest("GET", scene.url + "/").send()
                #expect(answer.status == 504)
                #expect(ContinuousClock.now - began < .seconds(3), "that is the standard")
                try await Self.logged(scene, 504, "The upstream did not accept in time.")
            }
        }

        // MARK: Trust

        private static let claims = """
            X-Forwarded-For: 203.0.113.7\r
            X_Forwarded-For: 203.0.113.8\r
            X-Forwarded-Proto: https\r
            X-Forwarded_Proto: ftp\r
            X-Forwarded-Host: claimed.example\r
            X_Forwarded_Host: disguised.example\r
            Forwarded: for=203.0.113.9\r
            X-Real-IP: 203.0.113.10\r
            X_Real_IP: 203.0.113.11\r

            """

        @Test func `who is trusted by nobody tells the application nothing about its way`()
            async throws
        {
            let lines = try await Self.seenBehind(settings: [])
            #expect(!lines.contains { $0.contains("203.0.113.") || $0.contains(".example") })
            #expect(!lines.contains { $0.contains("https") || $0.contains("ftp") })
            for line in [
                "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http", "X-Forwarded-Host: shop",
                #"Forwarded: for=127.0.0.1;host="shop";proto=http"#,
            ] {
                #expect(lines.contains(line), "\(line) in \(lines)")
            }
        }

        @Test func `who is trusted is believed, but not in disguise`() async throws {
            let lines = try await Self.seenBehind(settings: ["trust: [192.0.2.1, 127.0.0.1]"])
            for line in [
                "X-Forwarded-For: 203.0.113.7, 127.0.0.1", "X-Forwarded-Proto: https",
                "X-Forwarded-Host: claimed.example", "X-Real-IP: 203.0.113.10",
                #"Forwarded: for=203.0.113.9, for=127.0.0.1;host="shop";proto=http"#,
            ] {
                #expect(lines.contains(line), "\(line) in \(lines)")
            }
            #expect(!lines.contains { $0.contains("203.0.113.8") || $0.contains("203.0.113.11") })
            #expect(!lines.contains { $0.contains("ftp") || $0.contains("disguised") })
        }

        /// The lines of the head that the application gets for one with all claims.
        private static func seenBehind(settings: [String]) async throws -> [String] {
            let upstream = try await RawUpstream.start()
            do {
                try await EmbeddedScene.open(settings: settings) { scene in
                    try await scene.restart(withBlueAt: upstream.port)
                    let answer = try answer(
                        "GET / HTTP/1.1\r\nHost: shop\r\n\(claims)\r\n", scene)
                    #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
                }
            } catch {
                await upstream.stop()
                throw error
            }
            await upstream.stop()
            return upstream.text.split(separator: "\r\n").map(String.init)
        }

        // MARK: Raw bytes

        /// Everything that the proxy says to somebody who sends this and then nothing more.
        private static func answer(_ bytes: String, _ scene: EmbeddedScene) throws -> String {
            let client = try RawClient(port: scene.port)
            client.send(bytes)
            client.read { MessageEnd.first(in: $0) != nil }
            return client.text
        }

        /// One line of the log says this; it is written after the answer.
        private static func logged(
            _ scene: EmbeddedScene, _ status: Int, _ reason: String
        ) async throws {
            try await eventually("one line about \(status): \(reason)") {
                try scene.log.split(separator: "\n").count {
                    $0.contains("peer=127.0.0.1 reason=\(reason) status=\(status)")
                } == 1
            }
        }
    }
}

/// A port where nobody is let in: its queue has one place, and that is taken.
private final class FullHouse {
    let port: Int
    private let listener: Int32
    private let guest: RawClient

    init() throws {
        let listener = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 0) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard isOpen else {
            throw RigFailure("no listener: \(String(cString: strerror(errno)))")
        }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        guest = try RawClient(port: port)
    }

    deinit { close(listener) }
}
