import Testing
import TrafficRig

extension RealHAProxy {
    /// Users see nothing of a switch but its result.
    @Suite(.serialized)
    struct SwitchTests {
        private static let routers = [
            "map": MeasuredRouter("haproxy, map", by: "a value of a map", .synchronous),
            "register": MeasuredRouter(
                "haproxy, register", by: "a variable that compares tokens", .token),
        ]

        @Test(arguments: ["map", "register"])
        func `250 switches under load lose nothing, confuse nobody and repeat no order`(
            mechanism: String
        ) async throws {
            let router = try #require(Self.routers[mechanism])
            let pipeline = PipelineText(deploy: "", checks: "")
            try await Scene.open(mechanism == "map" ? .map() : .register(), pipeline) { scene in
                try await scene.expectCleanSwitches(of: router)
            }
        }

        @Test(arguments: ["map", "register"])
        func `two switches at once end as one of them says`(mechanism: String) async throws {
            let pipeline = PipelineText(deploy: "", checks: "")
            try await Scene.open(mechanism == "map" ? .map() : .register(), pipeline) { scene in
                try await scene.expectOneWriterAtATime()
            }
        }

        @Test(arguments: ["map", "register"])
        func `a colour that is down never becomes live`(mechanism: String) async throws {
            let pipeline = PipelineText(deploy: "", checks: "")
            try await Scene.open(mechanism == "map" ? .map() : .register(), pipeline) { scene in
                scene.green.process.killAtOnce()
                try await scene.expectUntouched(
                    by: "switch", "green", status: 10, says: "green does not answer as green")
            }
        }

        @Test(arguments: ["map", "register"])
        func `a backend that HAProxy does not have is refused before the write`(
            mechanism: String
        ) async throws {
            let pipeline = PipelineText(deploy: "", checks: "")
            try await Scene.open(mechanism == "map" ? .map() : .register(), pipeline) { scene in
                let haproxy = scene.shop.haproxy
                let text = try haproxy.folder.read("haproxy.cfg")
                try haproxy.folder.write(
                    text.replacing("backend shop_green", with: "backend shop_gren"),
                    to: "haproxy.cfg")
                try await haproxy.restart()
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 10,
                    says: "HAProxy has no backend 'shop_green' for green.")
            }
        }

        @Test(arguments: ["map", "register"], Stranger.allCases)
        func `a colour whose address in HAProxy leads to another service is noticed, and undone`(
            mechanism: String, stranger: Stranger
        ) async throws {
            let pipeline = PipelineText(more: Stranger.proof)
            try await Scene.open(mechanism == "map" ? .map() : .register(), pipeline) { scene in
                let haproxy = scene.shop.haproxy
                try await scene.expectUndone("deploy", "2.1.0", with: stranger) { port in
                    let text = try haproxy.folder.read("haproxy.cfg")
                    try haproxy.folder.write(
                        text.replacing(
                            "127.0.0.1:\(scene.green.port) ", with: "127.0.0.1:\(port) "),
                        to: "haproxy.cfg")
                    try await haproxy.restart()
                }
            }
        }

        @Test(
            arguments: ["map", "register"],
            [
                (RuntimeGate.Hold.beforeHAProxy, "did not answer"),
                (.garbled, "is not one that HAProxy gives"),
                (.halved, "is not one that HAProxy gives"),
            ])
        func `a socket that is of no use stops what goes forward`(
            mechanism: String, answer: (hold: RuntimeGate.Hold, says: String)
        ) async throws {
            let pipeline = PipelineText(deploy: "", checks: "")
            try await Scene.open(mechanism == "map" ? .map() : .register(), pipeline) { scene in
                let haproxy = scene.shop.haproxy
                let socket = mechanism == "map" ? haproxy.socket : haproxy.controlSocket
                try await scene.expectUntouched(
                    asking: socket, answer.hold, says: answer.says
                ) { try scene.change("socket: \(socket)\n", to: "socket: \($0)\n") }
            }
        }

        @Test(arguments: ["map", "register"])
        func `doctor finds nothing wrong, and says what stops a late writer`(
            mechanism: String
        ) async throws {
            try await Scene.open(mechanism == "map" ? .map() : .register()) { scene in
                let doctor = try await scene.run("doctor")
                #expect(doctor.status == 0, "\(doctor)")
                #expect(
                    doctor.output.contains("class \(mechanism == "map" ? "S" : "T")"), "\(doctor)")
            }
        }
    }
}
