import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// An API over TLS that is really HAProxy's own: what it is told decides about its next request.
    @Suite(.serialized)
    struct HTTPTests {
        private let quick = PipelineText(deploy: "", checks: "")

        /// A shop whose HAProxy has the API beside its entrance, and a pipeline that uses it.
        private func open(_ body: (Scene, _ api: Int) async throws -> Void) async throws {
            try await Scene.open(.map(), quick) { scene in
                try await scene.folder.makeCertificate("api", for: "IP:127.0.0.1")
                let port = try FreePort.next()
                let haproxy = scene.shop.haproxy
                try scene.folder.write(
                    try scene.folder.read("haproxy.cfg") + Self.api(scene, port), to: "haproxy.cfg")
                try await haproxy.reload()
                try write(scene, "https://127.0.0.1:\(port)")
                try await body(scene, port)
            }
        }

        private static func api(_ scene: Scene, _ port: Int) -> String {
            let map = scene.shop.haproxy.mapFile
            return """

                frontend api
                    bind 127.0.0.1:\(port) ssl crt \(scene.folder.file("api.pem"))
                    option http-buffer-request
                    http-request deny deny_status 401 unless { req.hdr(authorization) -m str "Bearer s3cret-s3cret" }
                    http-request deny deny_status 404 if { path_beg /pools/ } !{ path /pools/blue /pools/green }
                    http-request return status 200 if { path_beg /pools/ }
                    http-request set-map(\(map)) shop %[req.body,json_query('$.datum')] if METH_PUT
                    http-request return status 200 content-type application/json lf-string "{\\"datum\\":\\"%[str(shop),map(\(map))]\\",\\"pool\\":\\"/Common/shop_%[str(shop),map(\(map)),field(1,:)]\\"}"

                """
        }

        private func write(
            _ scene: Scene, _ api: String, pool: String = "${color}", ca: String = "ca.pem"
        ) throws {
            let router = """
                  http:
                    caFile: \(scene.folder.file(ca))
                    read:
                      url: \(api)/services/shop
                      headers: {Authorization: "Bearer ${env.LB_TOKEN}"}
                      value: $.datum
                    target:
                      url: \(api)/pools/\(pool)
                      headers: {Authorization: "Bearer ${env.LB_TOKEN}"}
                    switch:
                      url: \(api)/services/shop
                      headers: {Authorization: "Bearer ${env.LB_TOKEN}"}
                      json: {datum: "${datum}"}
                    class: S
                    durable: false
                    timeout: 1s
                """
            try scene.folder.write(
                quick.text(for: scene, router: router), to: "bluegreen.yaml")
        }

        private func expectUntouched(
            _ scene: Scene, token: String = "s3cret-s3cret", status: Int32, says: String
        ) async throws {
            let summary = try await scene.underLoad { client in
                let done = try await scene.run(
                    ["switch", "green", "--no-bake"], environment: ["LB_TOKEN": token])
                #expect(done.status == status, "\(done)")
                #expect(done.errors.contains(says), "\(done)")
                #expect(!done.errors.contains(token), "\(done)")
                try await client.wait(for: 50)
                return []
            }
            #expect(summary.errorCount == 0, "\(summary)")
            #expect(summary.colors.keys.sorted() == ["blue"], "\(summary)")
        }

        @Test func `250 switches under load lose nothing, confuse nobody and repeat no order`()
            async throws
        {
            setenv("LB_TOKEN", "s3cret-s3cret", 1)
            let router = MeasuredRouter(
                "http", by: "an API that sets a map of HAProxy", .synchronous)
            try await open { scene, _ in try await scene.expectCleanSwitches(of: router) }
        }

        @Test func `two switches at once end as one of them says`() async throws {
            setenv("LB_TOKEN", "s3cret-s3cret", 1)
            try await open { scene, _ in try await scene.expectOneWriterAtATime() }
        }

        /// As declared: it is HAProxy's memory that the API changes.
        @Test func `what is not durable is forgotten by a restart, and that is seen`() async throws
        {
            setenv("LB_TOKEN", "s3cret-s3cret", 1)
            try await open { scene, _ in
                try await scene.switches(to: "green")
                try await scene.expectForgotten()
            }
        }

        @Test func `its class is declared until a probe has tested it`() async throws {
            setenv("LB_TOKEN", "s3cret-s3cret", 1)
            try await open { scene, _ in try await scene.expectDeclaredUntilProbed() }
        }

        /// As an appliance has it: the name of a pool decides, and the datum is a note beside it.
        @Test func `a note counts where the pool fits it, and a switch is verified`() async throws {
            setenv("LB_TOKEN", "s3cret-s3cret", 1)
            try await open { scene, port in
                let value = "      value: $.datum\n"
                let expected = "      expect: {json: {$.pool: '/Common/shop_${color}'}}\n"
                try scene.change(value, to: value + expected)
                try scene.change(
                    "    class: S\n",
                    to: """
                            verify:
                              url: https://127.0.0.1:\(port)/pools/${color}?verify
                              headers: {Authorization: "Bearer ${env.LB_TOKEN}"}
                            class: S

                        """)
                let verified = try await scene.run("switch", "green", "--no-bake")
                #expect(verified.status == 0, "\(verified)")
                #expect(!verified.errors.contains("'verify' fails"), "\(verified)")
                try scene.change("?verify", to: "-none")
                let doubtful = try await scene.run("switch", "blue", "--no-bake")
                #expect(doubtful.status == 0, "\(doubtful)")
                #expect(
                    doubtful.errors.contains("was told blue, and 'verify' fails"), "\(doubtful)")
                #expect(try await scene.live() == "blue")
                try scene.change("'/Common/shop_${color}'", to: "'/Common/cart_${color}'")
                let status = try await scene.run("status")
                #expect(status.status == 20, "\(status)")
                #expect(status.output.contains("/Common/shop_blue"), "\(status)")
            }
        }

        @Test func `a colour that is spelled as a path is read and switched`() async throws {
            setenv("LB_TOKEN", "s3cret-s3cret", 1)
            try await open { scene, _ in
                try scene.change(
                    "      value: $.datum\n",
                    to: "      value: $.pool\n      as: /Common/shop_${color}\n")
                for color in ["green", "blue"] { try await scene.switches(to: color) }
            }
        }

        @Test func `a colour that is down never becomes live`() async throws {
            try await open { scene, _ in
                scene.green.process.killAtOnce()
                try await expectUntouched(
                    scene, status: 10, says: "green does not answer as green")
            }
        }

        @Test func `a token that is not accepted is said`() async throws {
            try await open { scene, _ in
                try await expectUntouched(
                    scene, token: "wrong-wrong", status: 40, says: "status 401, expected 200")
            }
        }

        @Test func `a certificate of somebody else is not trusted`() async throws {
            try await open { scene, port in
                try await scene.folder.makeCertificate("else", for: "IP:127.0.0.1", by: "other")
                try write(scene, "https://127.0.0.1:\(port)", ca: "other.pem")
                try await expectUntouched(scene, status: 40, says: "is not trusted")
            }
        }

        @Test func `a target that the API does not know is refused`() async throws {
            try await open { scene, port in
                try write(scene, "https://127.0.0.1:\(port)", pool: "x-${color}")
                try await expectUntouched(
                    scene, status: 11, says: "has no target for green")
            }
        }

        @Test(arguments: [
            (RudeServer.Manner.silence, "did not answer"),
            (.answerThenHangUp("nonsense"), "did not answer"),
            (
                .answerThenHangUp("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npurple"),
                "does not say what is live"
            ),
        ])
        func `an API that hangs is given up in time, and garbage is never a colour`(
            manner: RudeServer.Manner, says: String
        ) async throws {
            try await open { scene, _ in
                try await RudeServer.open({ _ in manner }) { server in
                    try write(scene, String(server.url.dropLast()))
                    try await expectUntouched(scene, status: 40, says: says)
                }
            }
        }
    }
}
