import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// A share of real traffic first, through the built program.
    @Suite(.serialized)
    struct CanaryTests {
        private static func pipeline(
            _ steps: String, errors: Int = 0, bake: String = "2s"
        ) -> PipelineText {
            PipelineText(
                deploy: PipelineText.release(errors: errors),
                bake: PipelineText.bake(bake, interval: "200ms", minimum: 1),
                more: """
                    switch:
                      canary: [\(steps)]
                    """)
        }

        private static let long = pipeline("{weight: 5%, for: 60s}")

        /// Waits until green has that share, also after a restart.
        private func shared(_ percent: Int, _ scene: Scene) async throws {
            try await eventually("the share in HAProxy", within: .seconds(20)) {
                try scene.folder.read(HAProxyRig.mapName).contains(":\(percent):")
            }
        }

        @Test func `a good release gets its share, then all, and no request is lost`() async throws
        {
            let pipeline = Self.pipeline("{weight: 10%, for: 5s}, {weight: 50%, for: 2s}")
            try await Scene.open(.map(), pipeline) { scene in
                try await scene.expectCanaryPasses()
                #expect(try scene.journal().count { $0.k == "canaryJudged" } == 2)
            }
        }

        @Test func `a bad release is caught at its first share`() async throws {
            let pipeline = Self.pipeline("{weight: 5%, for: 60s}", errors: 50)
            try await Scene.open(.map(), pipeline) { scene in
                let summary = try await scene.underLoad { _ in
                    let done = try await scene.run("deploy", "2.1.0")
                    #expect(done.status == 11, "\(done)")
                    #expect(done.errors.contains("The canary at 5% failed"), "\(done)")
                    return []
                }
                #expect(try scene.journal().filter { $0.k == "switchIntended" }.isEmpty)
                #expect(try await scene.answers(200) == ["blue": 200])
                #expect(summary.errorCount * 10 < summary.requests, "\(summary)")
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
            }
        }

        /// Kills a run under its share of 5%.
        private func killed(_ body: (Scene) async throws -> Void) async throws {
            try await Scene.open(.map(), Self.long) { scene in
                try await scene.beside("deploy", "2.1.0") { process in
                    try await shared(5, scene)
                    let watched = try await scene.run("status")
                    #expect(watched.status == 0, "\(watched)")
                    #expect(watched.output.contains("in its canary"), "\(watched)")
                    process.killAtOnce()
                }
                let status = try await scene.run("status")
                #expect(status.status == 20, "\(status)")
                #expect(status.output.contains("5% of the requests"), "\(status)")
                #expect(status.output.contains("next: bluegreen resume"), "\(status)")
                for words in [["deploy", "2.2.0"], ["switch"]] {
                    let refused = try await scene.run(words)
                    #expect(refused.status == 33, "\(refused)")
                }
                try await body(scene)
                #expect(try await scene.answers(200) == ["blue": 200])
                let settled = try await scene.run("status")
                #expect(settled.status == 0, "\(settled)")
            }
        }

        @Test(arguments: ["resume", "rollback"])
        func `a share that nobody watches any more is taken back`(verb: String) async throws {
            try await killed { scene in
                let done = try await scene.run(verb)
                #expect(done.status == 0, "\(done)")
            }
        }

        @Test func `a share outlives a restart of HAProxy, and is still taken back`() async throws {
            try await killed { scene in
                try await scene.shop.haproxy.restart()
                let status = try await scene.run("status")
                #expect(status.output.contains("5% of the requests"), "\(status)")
                let done = try await scene.run("resume")
                #expect(done.status == 0, "\(done)")
            }
        }

        @Test func `a share is as large as asked, and a rollback ends the run and takes it back`()
            async throws
        {
            try await Scene.open(.map(), Self.long) { scene in
                try await scene.beside("deploy", "2.1.0") { process in
                    try await shared(5, scene)
                    // 20 are expected; none, or 80, come once in a billion times.
                    let green = try await scene.answers(400)["green"] ?? 0
                    #expect((1..<80).contains(green), "\(green) of 400")
                    let refused = try await scene.run("abort")
                    #expect(refused.status == 32, "\(refused)")
                    #expect(refused.errors.contains("bluegreen rollback"), "\(refused)")
                    let back = try await scene.run("rollback")
                    #expect(back.status == 0, "\(back)")
                    let done = try await process.finish(within: .seconds(10))
                    #expect([12, 20].contains(done.status), "\(done)")
                }
                #expect(try await scene.answers(200) == ["blue": 200])
            }
        }

        @Test func `a run that is told to stop takes its share back before it ends`() async throws {
            try await Scene.open(.map(), Self.long) { scene in
                try await scene.beside("deploy", "2.1.0") { process in
                    try await shared(5, scene)
                    process.signal(SIGTERM)
                    let done = try await process.finish(within: .seconds(20))
                    #expect(done.status == 143, "\(done)")
                    #expect(done.output.contains("on blue, proven from outside"), "\(done)")
                }
                #expect(try await scene.answers(200) == ["blue": 200])
                let settled = try await scene.run("status")
                #expect(settled.status == 0, "\(settled)")
            }
        }
    }
}
