import Testing
import TrafficRig

/// Shares and testers behind the embedded proxy.
@Suite(.serialized)
struct EmbeddedCanaryTests {
    private static func settings(_ length: String) -> String {
        """
        switch:
          canary: [{weight: 10%, for: \(length)}, {weight: 50%, for: 2s}]
          preview:
            header: X-Canary
            equals: "1"

        """
    }

    /// With a proxy that was started with these settings.
    private func open(
        _ length: String = "5s", _ body: (EmbeddedScene) async throws -> Void
    ) async throws {
        try await EmbeddedScene.open { scene in
            let pipeline = try scene.folder.read("bluegreen.yaml")
            try scene.folder.write(pipeline + Self.settings(length), to: "bluegreen.yaml")
            try await restart(scene)
            try await body(scene)
        }
    }

    private func restart(_ scene: EmbeddedScene) async throws {
        _ = try await scene.run("proxy", "--stop")
        let started = try await scene.start()
        #expect(started.status == 0, "\(started)")
    }

    private func tester(_ scene: EmbeddedScene) async throws -> String? {
        let request = FreshRequest(
            "GET", scene.url + "/version", headers: [("X-Canary", "1")])
        return try await request.send().color
    }

    private func shared(_ percent: Int, _ scene: EmbeddedScene) async throws {
        try await eventually("the share in the register", within: .seconds(20)) {
            try scene.folder.read(scene.register).contains("\"percent\":\(percent)")
        }
    }

    @Test func `a good release gets its share, then all, and no request is lost`() async throws {
        try await open { scene in
            try await scene.expectCanaryPasses()
        }
    }

    @Test func `testers reach idle before the switch and the users do not`() async throws {
        try await open { scene in
            let tester = try await tester(scene)
            let users = try await scene.answers(50)
            #expect(tester == "green" && users == ["blue": 50])
        }
    }

    @Test func `a proxy that does not know the testers stops a switch before it begins`()
        async throws
    {
        try await EmbeddedScene.open { scene in
            let pipeline = try scene.folder.read("bluegreen.yaml")
            try scene.folder.write(pipeline + Self.settings("1s"), to: "bluegreen.yaml")
            let done = try await scene.run("switch")
            #expect(done.status == 10, "\(done)")
            #expect(done.errors.contains("X-Canary: 1 does not reach green"), "\(done)")
            #expect(try await scene.answers(50) == ["blue": 50])
        }
    }

    @Test func `a share is as large as asked, outlives the proxy, and is taken back`()
        async throws
    {
        try await open("60s") { scene in
            try await scene.beside("deploy", "2.1.0") { _ in
                try await shared(10, scene)
                // 40 are expected.
                let green = try await scene.answers(400)["green"] ?? 0
                #expect((3..<120).contains(green), "\(green) of 400")
            }
            try await scene.kill()
            try await scene.start()
            let status = try await scene.run("status")
            #expect(status.status == 20, "\(status)")
            #expect(status.output.contains("10% of the requests"), "\(status)")
            let done = try await scene.run("rollback")
            #expect(done.status == 0, "\(done)")
            #expect(try await scene.answers(200) == ["blue": 200])
        }
    }
}
