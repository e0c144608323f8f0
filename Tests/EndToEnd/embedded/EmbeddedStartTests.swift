import Glibc
import ProxyConformance
import Testing
import TrafficRig

extension EmbeddedTests {
    /// What a start finds, and what it leaves alone.
    @Suite(.serialized)
    struct StartTests {
        @Test func `another port began as on the first day`() async throws {
            try await EmbeddedScene.open { scene in
                _ = try await scene.run("switch", "green", "--no-bake")
                _ = try await scene.run("proxy", "--stop")
                let port = try FreePort.next()
                let former = try scene.folder.read("bluegreen.yaml")
                try scene.folder.write(
                    former.replacing("127.0.0.1:\(scene.port)", with: "127.0.0.1:\(port)"),
                    to: "bluegreen.yaml")
                try await scene.start()
                let answer = try await FreshRequest("GET", "http://127.0.0.1:\(port)/version")
                    .send()
                #expect(answer.color == "green")
                let done = try await scene.run("switch", "blue", "--no-bake")
                #expect(done.status == 0, "\(done)")
                _ = try await scene.run("proxy", "--stop")

                try scene.folder.write(former, to: "bluegreen.yaml")
                try await scene.start()
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `an upgrade began as on the first day`() async throws {
            try await EmbeddedScene.open { scene in
                _ = try await scene.run("switch", "green", "--no-bake")
                _ = try await scene.run("proxy", "--stop")
                let earlier = ".bluegreen/proxy-\(scene.port)"
                let moved = try await ChildProcess.run(
                    [
                        "/bin/sh", "-c",
                        #"mv .bluegreen/shop+proxy/register* "$0" && rm "$0/register-folder""#,
                        earlier,
                    ], directory: scene.folder.path)
                #expect(moved.status == 0, "\(moved)")
                try await scene.start()
                #expect(try await scene.live() == "green")
                try await scene.logs("\(earlier)/register: green")
                let done = try await scene.run("switch", "blue", "--no-bake")
                #expect(done.status == 0, "\(done)")
            }
        }

        @Test func `nobody read the log, and the proxy stood still`() async throws {
            try await EmbeddedScene.open { scene in
                _ = try await scene.run("proxy", "--stop")
                let pipe = try StalledPipe(at: scene.folder.file("stalled"))
                defer { close(pipe.descriptor) }
                let proxy = try ChildProcess(
                    ["sh", "-c", #"exec "$0" proxy 2>stalled"#, Products.bluegreen],
                    directory: scene.folder.path, logs: scene.folder, name: "proxy")
                defer { proxy.killAtOnce() }
                try await eventually("the proxy to serve") { try await scene.live() == "blue" }
                let bad = try RawClient(port: scene.port)
                bad.send("GET / HTTP/1.1\n\n")
                #expect(bad.read(until: "HTTP/1.1 400 "))
                let done = try await scene.run("switch", "green", "--no-bake")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.live() == "green")

                var said = ""
                try await eventually("the lines, in their order") {
                    said += pipe.readAll()
                    let refused = said.firstRange(of: "status=400")
                    let switched = said.firstRange(of: "green is live (token")
                    return refused.flatMap { one in switched.map { one.upperBound < $0.lowerBound }
                    }
                        ?? false
                }
                pipe.fill()
                proxy.signal(SIGTERM)
                #expect(try await proxy.waitUntilEnded() == .exited(0))
                try await scene.start()
            }
        }

        @Test func `a second signal ends a proxy that waits for a request`() async throws {
            try await EmbeddedScene.open { scene in
                _ = try await scene.run("proxy", "--stop")
                let proxy = try ChildProcess(
                    [Products.bluegreen, "proxy"], directory: scene.folder.path,
                    logs: scene.folder, name: "proxy")
                defer { proxy.killAtOnce() }
                try await eventually("the proxy to serve") { try await scene.live() == "blue" }
                let client = try RawClient(port: scene.port)
                client.send("GET /slow?ms=20000 HTTP/1.1\r\nHost: shop\r\n\r\n")
                try await eventually("the slow request to arrive") {
                    try await scene.blue.statistics().paths["/slow"]?.total == 1
                }
                proxy.signal(SIGTERM)
                try await eventually("the word about the stop") {
                    proxy.errors.contains("Stopping")
                }
                #expect(proxy.endedAs == nil)
                proxy.signal(SIGTERM)
                #expect(try await proxy.waitUntilEnded(within: .seconds(10)) != .exited(0))
                #expect(client.readToEnd())
                try await scene.start()
            }
        }

        @Test func `the proxy's user took the folder of the record`() async throws {
            try await EmbeddedScene.open { scene in
                let record = scene.folder.file(".bluegreen/shop")
                #expect(access(record, F_OK) != 0)
                let done = try await scene.run("switch", "green", "--no-bake")
                #expect(done.status == 0, "\(done)")
                #expect(access(record, F_OK) == 0)
            }
        }

        @Test func `another name of the service began as on the first day`() async throws {
            try await EmbeddedScene.open { scene in
                _ = try await scene.run("switch", "green", "--no-bake")
                _ = try await scene.run("proxy", "--stop")
                let former = try scene.folder.read("bluegreen.yaml")
                try scene.folder.write(
                    former.replacing("service: shop", with: "service: store"), to: "bluegreen.yaml")
                let refused = try await scene.start()
                #expect(refused.status != 0, "\(refused)")
                #expect(refused.errors.contains(".bluegreen/shop+proxy"), "\(refused)")
                try scene.folder.write(former, to: "bluegreen.yaml")
                try await scene.start()
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `two proxies took one admin socket, and the second one took it away`()
            async throws
        {
            try await EmbeddedScene.open { scene in
                let second = try Self.second(
                    scene, admin: ".bluegreen/proxy-\(scene.port)/admin.sock")
                // Not through 'proxy', which would see that one runs.
                let refused = try await ChildProcess.run(
                    [
                        "/bin/sh", "-c",
                        #"mv "$1" aside && "$0" proxy -f second.yaml; mv aside "$1""#,
                        Products.bluegreen, scene.admin,
                    ], directory: scene.folder.path)
                #expect(refused.errors.contains("another proxy holds"), "\(refused)")
                await #expect(throws: (any Error).self) {
                    try await FreshRequest("GET", second).send()
                }
                #expect(try UnixSocket.ask(scene.admin, "ping\n").contains("pid"))
            }
        }

        /// Writes `second.yaml`, another service; returns its public address.
        private static func second(_ scene: EmbeddedScene, admin: String) throws -> String {
            let port = try FreePort.next()
            let text = try scene.folder.read("bluegreen.yaml")
                .replacing("service: shop", with: "service: store")
                .replacing(
                    "listen: 127.0.0.1:\(scene.port)",
                    with: "listen: 127.0.0.1:\(port)\n    admin: \(admin)"
                )
                .replacing("127.0.0.1:\(scene.preview)", with: "127.0.0.1:\(try FreePort.next())")
                .replacing("127.0.0.1:\(scene.metrics)", with: "127.0.0.1:\(try FreePort.next())")
            try scene.folder.write(text, to: "second.yaml")
            return "http://127.0.0.1:\(port)/version"
        }
    }
}
