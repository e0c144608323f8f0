import Testing
import TrafficRig

extension RealHAProxy {
    /// What the program does when the new release turns out to be bad, or cannot be judged.
    @Suite(.serialized)
    struct BakeTests {
        private static let interval = 500
        private static let limit = 3
        private static let bake = PipelineText.bake("20s")

        /// A bad release is live on green when this returns; `pipeline` is baked under load.
        private func deploy(
            _ scene: Scene, also: (ChildProcess) async throws -> Void = { _ in }
        ) async throws -> FinishedProcess {
            var result: FinishedProcess?
            _ = try await scene.underLoad { _ in
                try await scene.beside("deploy", "2.1.0") { process in
                    try await also(process)
                    result = try await process.finish(within: .seconds(50))
                }
                return []
            }
            return try #require(result)
        }

        /// From the journal's own clock: how long the bad release was live.
        private func expectQuickReturn(_ scene: Scene) throws {
            let journal = try scene.journal()
            let switched = try #require(journal.first { $0.k == "switched" })
            let back = try #require(journal.first { $0.k == "rolledBack" })
            let bound = (Self.interval * Self.limit + 1000) * 1000
            #expect(
                back.bt - switched.bt <= bound, "\(back.bt - switched.bt) of \(bound) microseconds")
        }

        @Test func `a release that fails one request in five goes back by itself`() async throws {
            let pipeline = PipelineText(deploy: PipelineText.release(errors: 20), bake: Self.bake)
            try await Scene.open(.map(), pipeline) { scene in
                let done = try await deploy(scene)
                #expect(done.status == 11, "\(done)")
                #expect(try await scene.live() == "blue")
                #expect(done.output.contains("traffic went back to blue"), "\(done)")
                try expectQuickReturn(scene)
            }
        }

        @Test func `a release that is five times slower goes back by itself`() async throws {
            let pipeline = PipelineText(
                deploy: PipelineText.release(latency: 100),
                bake: PipelineText.bake(
                    "20s", metric: "probe: p95", pass: #""<= 2x baseline""#))
            try await Scene.open(.map(), pipeline) { scene in
                try await scene.shop.blue.behave(Faults(latency: 20))
                let done = try await deploy(scene)
                #expect(done.status == 11, "\(done)")
                #expect(try await scene.live() == "blue")
                try expectQuickReturn(scene)
            }
        }

        @Test func `a database that both colours miss moves nothing and pages a person`()
            async throws
        {
            try await Scene.open(.map(), PipelineText(bake: Self.bake)) { scene in
                let done = try await deploy(scene) { _ in
                    try await scene.until("bakeBegan")
                    try scene.folder.write("", to: "database-is-down")
                }
                #expect(done.status == 22, "\(done)")
                #expect(try await scene.live() == "green")
                #expect(try scene.journal().filter { $0.k == "rollbackIntended" }.isEmpty)
                #expect(done.errors.contains("blue: "), "\(done)")
                #expect(done.errors.contains("green: "), "\(done)")
            }
        }

        @Test func `a bake that nobody's traffic can judge is inconclusive and moves nothing`()
            async throws
        {
            let pipeline = PipelineText(
                bake: PipelineText.bake("1s", interval: "200ms", minimum: 1_000_000))
            try await Scene.open(.map(), pipeline) { scene in
                let done = try await scene.run("deploy", "2.1.0")
                #expect(done.status == 22, "\(done)")
                #expect(done.output.contains("INCONCLUSIVE"), "\(done)")
                #expect(try await scene.live() == "green")
                let status = try await scene.run("status")
                #expect(status.status == 22, "\(status)")
            }
        }

        @Test func `a live colour that does not serve is no baseline, and pages a person`()
            async throws
        {
            let pipeline = PipelineText(
                bake: PipelineText.bake(
                    "1s", interval: "200ms", minimum: 0, metric: "probe: errorRate",
                    pass: #""<= 1.2x baseline""#))
            try await Scene.open(.map(), pipeline) { scene in
                scene.shop.blue.process.killAtOnce()
                try await eventually("HAProxy to see blue down") {
                    try scene.shop.haproxy.serverStates()["shop_blue/s1"] == "DOWN"
                }
                let done = try await scene.run("deploy", "2.1.0")
                #expect(done.status == 22, "\(done)")
                #expect(done.errors.contains("a bound without 'baseline'"), "\(done)")
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `too few requests are inconclusive, however good they are`() async throws {
            let pipeline = PipelineText(
                bake: PipelineText.bake("1s", interval: "200ms", minimum: 1_000_000))
            try await Scene.open(.map(), pipeline) { scene in
                let done = try await deploy(scene)
                #expect(done.status == 22, "\(done)")
                #expect(done.errors.contains("1000000 needed"), "\(done)")
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `without automatic rollback a bad release stays and pages a person`()
            async throws
        {
            let pipeline = PipelineText(
                deploy: PipelineText.release(errors: 20), bake: Self.bake,
                more: """
                    rollback:
                      auto: false
                    """)
            try await Scene.open(.map(), pipeline) { scene in
                let done = try await deploy(scene)
                #expect(done.status == 22, "\(done)")
                #expect(try await scene.live() == "green")
                let back = try await scene.run("rollback")
                #expect(back.status == 0, "\(back)")
                #expect(try await scene.live() == "blue")
            }
        }
    }
}
