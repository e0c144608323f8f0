import Glibc
import ProxyConformance
import Testing
import TrafficRig

extension EmbeddedTests {
    /// Every setting of the section, as the built program keeps it.
    @Suite(.serialized)
    struct SettingTests {
        @Test func `every request has its line in the access log, and its answer its colour`()
            async throws
        {
            try await EmbeddedScene.open(settings: ["accessLog: true", "showLive: true"]) { scene in
                let answer = try await FreshRequest("GET", scene.url + "/version").send()
                #expect(answer.headers["x-live"] == "blue")
                _ = try await scene.run("switch", "green", "--no-bake")
                let next = try await FreshRequest("GET", scene.url + "/next").send()
                #expect(next.headers["x-live"] == "green")
                try await eventually("the lines in the log") {
                    let lines = try scene.log.split(separator: "\n").filter { $0.hasPrefix("{") }
                    return lines.contains { Self.holds($0, "GET /version HTTP/1.1", "blue") }
                        && lines.contains { Self.holds($0, "GET /next HTTP/1.1", "green") }
                }
            }
        }

        private static func holds(_ line: Substring, _ request: String, _ color: String) -> Bool {
            line.contains(#""peer":"127.0.0.1","request":"\#(request)","status":"#)
                && line.hasSuffix(#","color":"\#(color)"}"#)
        }

        @Test func `a paused proxy holds requests, and a resumed one sends them to what is live`()
            async throws
        {
            try await EmbeddedScene.open { scene in
                #expect(try UnixSocket.ask(scene.admin, "pause 20s\n") == "ok\n")
                async let held = FreshRequest("GET", scene.url + "/held").send()
                try await eventually("the request to be held") {
                    try UnixSocket.ask(scene.admin, "stats\n").contains(#""held":1"#)
                }
                let metrics = try UnixSocket.ask(scene.admin, "metrics\n")
                #expect(metrics.contains("\nbluegreen_proxy_held 1\n"))
                let written = try UnixSocket.ask(scene.admin, "write green free 1.1\n")
                #expect(written == "applied\n")
                #expect(try await scene.blue.statistics().paths["/held"] == nil)
                #expect(try await scene.green.statistics().paths["/held"] == nil)
                #expect(try UnixSocket.ask(scene.admin, "resume\n") == "ok\n")
                #expect(try await held.color == "green")
            }
        }

        @Test func `a share of the requests and those with a header go to idle, until a write`()
            async throws
        {
            try await EmbeddedScene.open { scene in
                let held = try UnixSocket.ask(scene.admin, "write blue free 1.1\n")
                #expect(held == "applied\n")
                let split = "split 1.1 25% header X-Canary 1\n"
                #expect(try UnixSocket.ask(scene.admin, split) == "applied\n")
                let client = try RawClient(port: scene.port)
                #expect(try Self.greens(client, of: 100) == 25)
                #expect(try Self.greens(client, of: 10, field: "X-Canary: 1\r\n") == 10)
                #expect(try UnixSocket.ask(scene.admin, "write blue free 1.2\n") == "applied\n")
                #expect(try Self.greens(client, of: 10, field: "X-Canary: 1\r\n") == 0)
            }
        }

        /// How many of the requests on one connection green answers.
        private static func greens(
            _ client: RawClient, of count: Int, field: String = ""
        ) throws -> Int {
            try (1...count).count { _ in
                client.forget()
                client.send("HEAD / HTTP/1.1\r\nHost: shop\r\n\(field)\r\n")
                try #require(client.read(until: "\r\n\r\n"))
                return client.text.lowercased().contains("x-color: green")
            }
        }

        @Test func `what is under way on the colour before is counted until it ends`()
            async throws
        {
            try await EmbeddedScene.open { scene in
                async let slow = FreshRequest("GET", scene.url + "/slow?ms=3000").send()
                try await eventually("the slow request to arrive") {
                    try await scene.blue.statistics().paths["/slow"]?.total == 1
                }
                #expect(try UnixSocket.ask(scene.admin, "write green free 1.1\n") == "applied\n")
                let drained = #""blue":{"inFlight":0,"#
                let seen = try UnixSocket.ask(scene.admin, "observe\n")
                #expect(seen.contains(#""blue":{"inFlight":1,"#), "\(seen)")
                let metrics = try UnixSocket.ask(scene.admin, "metrics\n")
                #expect(metrics.contains(#"bluegreen_proxy_in_flight{color="blue"} 1"#))
                #expect(try await slow.color == "blue")
                try await eventually("nothing to be under way on blue") {
                    try UnixSocket.ask(scene.admin, "observe\n").contains(drained)
                }
            }
        }

        @Test func `ten thousand idle connections stay, and others are served`() async throws {
            // What the proxy gives clients, and others that ask beside the crowd.
            let most = Crowd.raiseLimit() * 51 / 100 - 200
            let many = min(10_000, most)
            try #require(many >= 1_800, "'ulimit -Hn' is below 4,000")
            try await EmbeddedScene.open(settings: ["limits: {connections: 12000}"]) { scene in
                let proxy = try scene.pid()
                let before = try ResidentMemory.bytes(of: proxy)
                let crowd = Crowd(of: many, at: scene.port)
                defer { crowd.leave() }
                try crowd.come()
                try await eventually("the proxy to have them all") {
                    try EmbeddedScene.descriptors(of: proxy) > many
                }
                for _ in 0..<50 { #expect(try await scene.live() == "blue") }
                let done = try await scene.run("switch", "green", "--no-bake")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.live() == "green")
                #expect(crowd.staying() == many)
                let each = (try ResidentMemory.bytes(of: proxy) - before) / many
                print("\(many) of 10,000 idle connections stay, with \(each) bytes each")
            }
        }

        @Test func `an upstream that hangs up when it is asked again loses no request`()
            async throws
        {
            try await RudeServer.open({ number in
                number == 1
                    ? .answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") : .hangUp
            }) { server in
                try await EmbeddedScene.open { scene in
                    try await scene.restart(withBlueAt: server.port)
                    for _ in 0..<20 {
                        #expect(try await FreshRequest("GET", scene.url + "/").send().status == 200)
                    }
                }
            }
        }

        @Test(.enabled(if: mayMount, "unshare -rm is not possible here"))
        func `a full disk refuses the switch, and room lets it through`() async throws {
            try await EmbeddedScene.open { scene in
                _ = try await scene.run("proxy", "--stop")
                let started = try await ChildProcess.run(
                    [
                        "unshare", "-rm", "/bin/sh", "-c",
                        """
                        cd .bluegreen && mkdir -m 700 disk && mount -t tmpfs -o size=64k,mode=700 none disk
                        cp -p shop+proxy/register disk && mount --bind disk shop+proxy && cd ..
                        exec "$0" proxy --detach
                        """, Products.bluegreen,
                    ], directory: scene.folder.path)
                #expect(started.status == 0, "\(started)")
                let disk = "/proc/\(try scene.pid())/root\(scene.folder.path)/.bluegreen/shop+proxy"
                unlink("\(disk)/register.copy")
                let filled = try await ChildProcess.run(
                    ["dd", "if=/dev/zero", "of=\(disk)/filler", "bs=4k"])
                #expect(filled.errors.contains("No space left"), "\(filled)")

                let refused = try UnixSocket.ask(scene.admin, "write green free 1.1\n")
                #expect(refused.hasPrefix("refused "), "\(refused)")
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 11,
                    says: "The proxy refused to make green live.")
                unlink("\(disk)/filler")
                try await scene.switches(to: "green")
            }
        }
    }
}

/// A namespace of mounts for a test that fills a disk.
private let mayMount = system("unshare -rm true 2>/dev/null") == 0
