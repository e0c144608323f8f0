import FoundationEssentials
import Testing
import TrafficRig

extension RealHAProxy {
    /// Testers behind the register; those behind the map are in `ProxyCanaryTests`.
    @Suite(.serialized)
    struct PreviewTests {
        private static let pipeline = PipelineText(
            deploy: "", checks: "",
            more: """
                switch:
                  preview: {header: X-Canary, equals: "1"}
                """)

        /// The lines that the manual shows as a comment of the register, without the comment signs.
        private static func rules() throws -> String {
            let manual = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "docs/routers/haproxy.md")
            let text = try String(contentsOf: manual, encoding: .utf8)
            let register = try #require(text.firstRange(of: "\n## The register\n"))
            let lines = text[register.upperBound...].split(separator: "\n")
                .filter { $0.hasPrefix("    # http-request ") }
            try #require(lines.count == 3)
            return lines.map { "    \($0.dropFirst("    # ".count))\n" }.joined()
        }

        private func testers(_ scene: Scene) async throws -> [String: Int] {
            var colors: [String: Int] = [:]
            for _ in 0..<50 {
                let request = FreshRequest("GET", scene.identity, headers: [("X-Canary", "1")])
                colors[try await request.send().color ?? "nobody", default: 0] += 1
            }
            return colors
        }

        @Test func `testers of a register reach idle by the rules of the manual, whichever it is`()
            async throws
        {
            try await Scene.open(.register(), Self.pipeline) { scene in
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 10,
                    says: "X-Canary: 1 does not reach green")
                let answer = "    http-response set-header X-Live"
                let configuration = try scene.folder.read("haproxy.cfg")
                try #require(configuration.contains(answer))
                try scene.folder.write(
                    configuration.replacing(answer, with: try Self.rules() + answer),
                    to: "haproxy.cfg")
                try await scene.shop.haproxy.reload()
                for (live, idle) in [("blue", "green"), ("green", "blue"), ("blue", "green")] {
                    try await scene.switches(to: live)
                    #expect(try await testers(scene) == [idle: 50])
                    #expect(try await scene.answers(50) == [live: 50])
                }
            }
        }
    }
}
