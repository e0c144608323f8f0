import FoundationEssentials
import Testing
import TrafficRig

extension RealSlots {
    /// Caddy switched through its admin API.
    @Suite(.serialized, .enabled(if: ProxyKind.caddy.isWanted))
    struct CaddyAPITests {
        /// A shop whose Caddy decides by a variable in its own configuration.
        private func open(
            resume: Bool = true, _ body: (ProxyScene) async throws -> Void
        ) async throws {
            let port = try FreePort.next()
            try await ProxyScene.open(.caddy, change: { Self.decidingByVariable($0, port) }) {
                scene in
                let api = "http://127.0.0.1:\(port)/config/apps/http/servers/srv0/routes/0/handle/0"
                let pipeline = try scene.folder.read("bluegreen.yaml")
                    .replacing("slot: \(scene.proxy.slot)", with: "api: \(api)")
                    .replacing(
                        "readBack: \(scene.url)/.bluegreen", with: "resume: \(resume)")
                try scene.folder.write(pipeline, to: "bluegreen.yaml")
                try await body(scene)
            }
        }

        /// As the manual shows it, with an admin address of TCP.
        private static func decidingByVariable(_ main: String, _ port: Int) -> String {
            let lines = main.split(separator: "\n", omittingEmptySubsequences: false)
            guard let start = lines.firstIndex(of: "\t@green file {"),
                let end = lines[start...].firstIndex(of: "\t}")
            else { return main }
            let variable = "\tvars {\n\t\tlive blue\n\t\tdatum blue:green:0:0\n\t}"
            return
                (lines[..<start] + [Substring(variable), "\t@green vars live green"]
                + lines[(end + 1)...])
                .map { $0.contains("admin unix/") ? "admin 127.0.0.1:\(port)" : String($0) }
                .joined(separator: "\n")
        }

        @Test func `a release is switched to, and back, and each switch is proven`() async throws {
            try await open { scene in
                for color in ["green", "blue", "green"] { try await scene.switches(to: color) }
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
                let back = try await scene.run("rollback", "--to", "blue", "--reason", "test")
                #expect(back.status == 0, "\(back)")
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `what a switch can break is said before, and by the doctor`() async throws {
            try await open { scene in
                let plan = try await scene.run("plan", "2.1.0")
                #expect(plan.output.contains("open connections are cut"), "\(plan)")
                let doctor = try await scene.run("doctor")
                #expect(doctor.output.contains("cuts open connections"), "\(doctor)")
            }
        }

        @Test func `without resume a restart returns to the Caddyfile, and that is seen`()
            async throws
        {
            try await open(resume: false) { scene in
                _ = try await scene.run("switch", "green", "--no-bake")
                #expect(try await scene.live() == "green")
                try await scene.proxy.restart()
                #expect(try await scene.live() == "blue")
                let status = try await scene.run("status")
                #expect(status.status == 33, "\(status)")
            }
        }

        /// The control: what the manual warns of is seen under load.
        @Test func `a switch by the API cuts connections that a slot file leaves alone`()
            async throws
        {
            try await open { scene in
                let summary = try await scene.underLoad(rate: 1000, keepAlive: 64, close: 16) {
                    client in
                    for number in 0..<8 {
                        // On a busy machine Caddy may be too late with an answer: nothing has moved then.
                        let color = number % 2 == 0 ? "green" : "blue"
                        _ = try await scene.run("switch", color, "--no-bake")
                        try await client.wait(for: 500)
                    }
                    return []
                }
                print("8 switches by Caddy's API: \(summary)")
                #expect(summary.errorCount > 0, "\(summary)")
            }
        }
    }
}
