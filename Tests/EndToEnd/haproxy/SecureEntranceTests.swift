import Testing
import TrafficRig

extension RealHAProxy {
    /// A shop whose users come over TLS, by a name that no resolver knows.
    @Suite(.serialized)
    struct SecureEntranceTests {
        private static let words = ["-f", "ops/bluegreen.yaml"]
        private let pipeline = PipelineText(deploy: "", checks: "")

        /// HAProxy offers `protocols`, and serves over TLS only who agreed on `agreed`.
        private func open(
            protocols: String = "h2,http/1.1", agreed: String = "h2",
            _ body: (Scene, _ port: Int) async throws -> Void
        ) async throws {
            try await Scene.open(.map(), pipeline) { scene in
                try await scene.folder.makeCertificate("shop", for: "DNS:shop.test")
                let port = try FreePort.next()
                let haproxy = scene.shop.haproxy
                let open = "    bind 127.0.0.1:\(haproxy.port)\n"
                let secure = """
                        bind 127.0.0.1:\(port) ssl crt \(scene.folder.file("shop.pem")) alpn \(protocols)
                        http-request deny deny_status 421 if { ssl_fc } !{ ssl_fc_alpn -m str \(agreed) }

                    """
                let plain = try scene.folder.read("haproxy.cfg")
                try #require(plain.contains(open))
                try scene.folder.write(
                    plain.replacing(open, with: open + secure), to: "haproxy.cfg")
                try await haproxy.reload()
                try scene.folder.makeFolder("ops")
                try write(scene, port)
                try await body(scene, port)
            }
        }

        /// A pipeline in a folder of its own, which names the authority from there.
        private func write(_ scene: Scene, _ port: Int, authority: String = "ca.pem") throws {
            let router = pipeline.haproxy(scene.shop.haproxy, .map())
            let open = "  url: \(scene.url)/version\n"
            let secure = """
                  url: https://shop.test/version
                  connectTo: 127.0.0.1:\(port)
                  caFile: ../\(authority)

                """
            let text = pipeline.text(for: scene, router: router)
            try #require(text.contains(open))
            try scene.folder.write(
                text.replacing(open, with: secure), to: "ops/bluegreen.yaml")
        }

        /// How often somebody has shaken hands with this worker.
        private func handshakes(_ scene: Scene) throws -> Int {
            let name = "CumSslConns: "
            let line = try scene.shop.haproxy.runtime("show info").split(separator: "\n")
                .first { $0.hasPrefix(name) }
            return try #require(line.flatMap { Int($0.dropFirst(name.count)) })
        }

        /// Each of the 20 answers that prove a switch came over a connection of its own.
        private func expectProven(
            _ scene: Scene, _ words: [String], live color: String
        ) async throws {
            let before = try handshakes(scene)
            let done = try await scene.run(words)
            #expect(done.status == 0, "\(done)")
            #expect(done.output.contains("proven from outside"), "\(done)")
            #expect(try handshakes(scene) - before >= 20, "\(done)")
            #expect(try await scene.live() == color)
        }

        @Test(arguments: [("h2,http/1.1", "h2"), ("http/1.1", "http/1.1")])
        func `a switch and the way back are proven through TLS`(
            protocols: String, agreed: String
        ) async throws {
            try await open(protocols: protocols, agreed: agreed) { scene, _ in
                try await expectProven(scene, ["deploy", "2.1.0"] + Self.words, live: "green")
                // The record alone leads to the authority, from every folder.
                try scene.folder.write("nonsense", to: "bluegreen.yaml")
                try await expectProven(
                    scene, ["rollback", "--service", "shop", "--state", "ops/.bluegreen"],
                    live: "blue")
            }
        }

        @Test func `an entrance with a certificate of somebody else proves nothing`() async throws {
            try await open { scene, port in
                try await scene.folder.makeCertificate("else", for: "DNS:shop.test", by: "other")
                try write(scene, port, authority: "other.pem")
                let done = try await scene.run(["deploy", "2.1.0"] + Self.words)
                #expect(done.status == 10, "\(done)")
                #expect(
                    done.errors.contains("the certificate of 127.0.0.1:\(port) is not trusted"),
                    "\(done)")
                #expect(try await scene.live() == "blue")
            }
        }
    }
}
