import FoundationEssentials
import Glibc
import ProxyConformance
import Testing
import TrafficRig

extension EmbeddedTests {
    /// What the proxy says, and who reads it.
    @Suite(.serialized)
    struct LogTests {
        private static let requests = 400
        /// Six times as long in the log.
        private static let path = "/" + String(repeating: "\"", count: 8_000)
        private static let logged = "HEAD /" + String(repeating: #"\u0022"#, count: 8_000)
        private static let mayGrow = 8 << 20

        @Test func `nobody read the access log, and its lines piled up`() async throws {
            try await EmbeddedScene.open(settings: ["accessLog: true"]) { scene in
                _ = try await scene.run("proxy", "--stop")
                let pipe = try StalledPipe(at: scene.folder.file("stalled"))
                defer { close(pipe.descriptor) }
                let proxy = try ChildProcess(
                    ["sh", "-c", #"exec "$0" proxy >stalled"#, Products.bluegreen],
                    directory: scene.folder.path, logs: scene.folder, name: "proxy")
                defer { proxy.killAtOnce() }
                try await eventually("the proxy to serve") { try await scene.live() == "blue" }
                let client = try RawClient(port: scene.port)
                try Self.ask(client, times: 50)
                let before = try ResidentMemory.bytes(of: proxy.pid)
                try Self.ask(client, times: Self.requests)
                let after = try ResidentMemory.bytes(of: proxy.pid)
                print("access log: memory \(before) to \(after) bytes, 19 MB of lines unread")
                #expect(after - before < Self.mayGrow)

                var read = ""
                try await eventually("the number of dropped lines", within: .seconds(60)) {
                    read += pipe.readAll()
                    return Self.dropped(proxy.errors) > 0
                }
                _ = try await FreshRequest("GET", scene.url + "/last").send()
                try await eventually("an account of every line", within: .seconds(60)) {
                    read += pipe.readAll()
                    let lines = read.split(separator: "\n").filter { $0.contains(Self.logged) }
                    return lines.allSatisfy { $0.hasSuffix(#","color":"blue"}"#) }
                        && lines.count + Self.dropped(proxy.errors) == 50 + Self.requests
                        && read.contains("GET /last HTTP/1.1")
                }

                pipe.fill()
                _ = try await scene.live()
                proxy.signal(SIGTERM)
                #expect(try await proxy.waitUntilEnded(within: .seconds(20)) == .exited(0))
                try await scene.start()
            }
        }

        private static func dropped(_ log: String) -> Int {
            log.matches(of: /access log: (\d+) lines dropped, the reader was too slow/)
                .reduce(0) { $0 + (Int($1.1) ?? 0) }
        }

        /// One request after the other on a connection that is kept.
        private static func ask(_ client: RawClient, times: Int) throws {
            let request = Array("HEAD \(path) HTTP/1.1\r\nHost: shop\r\n\r\n".utf8)
            for _ in 1...times {
                client.forget()
                client.send(request)
                try #require(client.read(until: "\r\n\r\n"))
            }
        }
    }
}
