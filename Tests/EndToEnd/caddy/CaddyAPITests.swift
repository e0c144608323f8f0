import Testing
import TrafficRig

extension RealSlots {
    /// Caddy switched through its admin API.
    @Suite(.serialized, .enabled(if: ProxyKind.caddy.isWanted))
    struct CaddyAPITests {
        @Test func `a release is switched to, and back, and each switch is proven`() async throws {
            try await ProxyScene.open(.caddyByAPI()) { scene in
                for color in ["green", "blue", "green"] { try await scene.switches(to: color) }
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
                let back = try await scene.run("rollback", "--to", "blue", "--reason", "test")
                #expect(back.status == 0, "\(back)")
                #expect(try await scene.live() == "blue")
            }
        }

        @Test(arguments: ["handle/9", "handel/0"])
        func `a handler that Caddy does not have is refused before the write`(
            path: String
        ) async throws {
            try await ProxyScene.open(.caddyByAPI()) { scene in
                try scene.change("routes/0/handle/0", to: "routes/0/\(path)")
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 10,
                    says: "The router has no value for this service.")
            }
        }

        @Test func `what a switch can break is said before, and by the doctor`() async throws {
            try await ProxyScene.open(.caddyByAPI()) { scene in
                let plan = try await scene.run("plan", "2.1.0")
                #expect(plan.output.contains("open connections are cut"), "\(plan)")
                let doctor = try await scene.run("doctor")
                #expect(doctor.output.contains("cuts open connections"), "\(doctor)")
            }
        }

        @Test func `without resume a restart returns to the Caddyfile, and that is seen`()
            async throws
        {
            try await ProxyScene.open(.caddyByAPI(resumes: false)) { scene in
                _ = try await scene.run("switch", "green", "--no-bake")
                #expect(try await scene.live() == "green")
                try await scene.proxy.restart()
                #expect(try await scene.live() == "blue")
                let status = try await scene.run("status")
                #expect(status.status == 33, "\(status)")
            }
        }

        @Test func `with resume a restart keeps the colour, and the next switch works`()
            async throws
        {
            try await ProxyScene.open(.caddyByAPI()) { scene in
                try await scene.switches(to: "green")
                try await scene.proxy.restart()
                #expect(try await scene.live() == "green")
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
                try await scene.switches(to: "blue")
                try await scene.proxy.restart()
                #expect(try await scene.live() == "blue")
            }
        }

        /// The control: what the manual warns of is seen under load.
        @Test func `a switch by the API cuts connections that a slot file leaves alone`()
            async throws
        {
            let router = MeasuredRouter(
                "caddy, api", by: "a variable, through the admin API", .token)
            try await ProxyScene.open(.caddyByAPI()) { scene in
                let summary = try await scene.underLoad(rate: 1000, keepAlive: 64, close: 16) {
                    client in
                    try await client.wait(for: 1000)
                    var changes: [Switch] = []
                    for number in 0..<8 {
                        // On a busy machine Caddy may be too late with an answer: nothing has moved then.
                        let color = number % 2 == 0 ? "green" : "blue"
                        var isDone = false
                        let change = try await Switch.measure(to: color) {
                            isDone = try await scene.run("switch", color, "--no-bake").status == 0
                        }
                        if isDone { changes.append(change) }
                        try await client.wait(for: 500)
                    }
                    return try scene.acknowledged(changes, by: router)
                }
                print(router.line(summary))
                #expect(summary.errorCount > 0, "\(summary)")
            }
        }
    }
}
