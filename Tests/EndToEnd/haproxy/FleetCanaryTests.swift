import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// A share behind several real routers: each has it, or none keeps it.
    @Suite(.serialized)
    struct FleetCanaryTests {
        private static func pipeline(_ steps: String, errors: Int = 0) -> PipelineText {
            PipelineText(
                deploy: PipelineText.release(errors: errors),
                bake: PipelineText.bake("2s", interval: "200ms", minimum: 1),
                more: """
                    switch:
                      canary: [\(steps)]
                    """)
        }

        /// The shares that the two maps hold.
        private func shares(_ scene: FleetScene) throws -> [String] {
            try scene.proxies.map { proxy in
                let parts = try proxy.folder.read(HAProxyRig.mapName).split(separator: ":")
                return parts.count == 4 ? String(parts[2]) : "none"
            }
        }

        private func shared(_ percent: Int, _ scene: FleetScene) async throws {
            try await eventually("a share of \(percent)% on both", within: .seconds(20)) {
                try shares(scene) == ["\(percent)", "\(percent)"]
            }
        }

        /// Who answers so many fresh requests through each of the first `count` routers.
        private func answers(
            _ scene: FleetScene, through count: Int = 2
        ) async throws -> [[String?]: Int] {
            var colors: [[String?]: Int] = [:]
            for _ in 0..<100 { colors[try await scene.lives(count), default: 0] += 1 }
            return colors
        }

        @Test func `a good release gets its share on both, step by step, and no request is lost`()
            async throws
        {
            let pipeline = Self.pipeline("{weight: 10%, for: 4s}, {weight: 50%, for: 3s}")
            try await FleetScene.open(pipeline, count: 2) { scene in
                let summaries = try await scene.underLoadEverywhere(2) { _ in
                    try await scene.beside("deploy", "2.1.0") { process in
                        for percent in [10, 50] { try await shared(percent, scene) }
                        // Each in ten times as many as are needed to be sure.
                        let colors = try await answers(scene).keys
                        #expect(Set(colors.map { $0[0] }) == ["blue", "green"])
                        #expect(Set(colors.map { $0[1] }) == ["blue", "green"])
                        let done = try await process.finish(within: .seconds(40))
                        #expect(done.status == 0, "\(done)")
                    }
                    return []
                }
                #expect(summaries.allSatisfy { $0.errorCount == 0 }, "\(summaries)")
                #expect(try await answers(scene) == [["green", "green"]: 100])
                #expect(try scene.journal().count { $0.k == "canaryJudged" } == 2)
                try await scene.expectStatus(0)
            }
        }

        @Test func `a bad release loses its share on both at its first step`() async throws {
            let pipeline = Self.pipeline("{weight: 10%, for: 60s}", errors: 50)
            try await FleetScene.open(pipeline, count: 2) { scene in
                let summaries = try await scene.underLoadEverywhere(2) { _ in
                    let done = try await scene.run("deploy", "2.1.0")
                    #expect(done.status == 11, "\(done)")
                    #expect(done.errors.contains("The canary at 10% failed"), "\(done)")
                    return []
                }
                #expect(try shares(scene) == ["0", "0"])
                #expect(try await answers(scene) == [["blue", "blue"]: 100])
                // Both have shown it to somebody.
                #expect(summaries.allSatisfy { $0.colors["green"] ?? 0 > 0 }, "\(summaries)")
                #expect(try scene.journal().filter { $0.k == "switchIntended" }.isEmpty)
                try await scene.expectStatus(0)
            }
        }

        // MARK: A quorum

        /// Three with a map, of which two are needed; blue is live, and the last one dead.
        private func openWithoutTheLast(
            _ pipeline: PipelineText, _ body: (FleetScene) async throws -> Void
        ) async throws {
            try await FleetScene.open(quorum: 2, hasRegister: false) { scene in
                for color in ["green", "blue"] { try await scene.switches(to: color) }
                try scene.write(pipeline, quorum: 2)
                await scene.last.stop()
                try await body(scene)
            }
        }

        @Test func `a quorum gets its share without a dead one, and resume brings that level`()
            async throws
        {
            let pipeline = Self.pipeline("{weight: 10%, for: 3s}, {weight: 50%, for: 2s}")
            try await openWithoutTheLast(pipeline) { scene in
                let summaries = try await scene.underLoadEverywhere(2) { _ in
                    let done = try await scene.run("deploy", "2.1.0")
                    #expect(done.status == 0, "\(done)")
                    #expect(done.output.contains("except lb-3, left out and NOT moved"), "\(done)")
                    return []
                }
                #expect(summaries.allSatisfy { $0.errorCount == 0 }, "\(summaries)")
                #expect(try scene.journal().count { $0.k == "canaryJudged" } == 2)
                #expect(try await answers(scene) == [["green", "green"]: 100])
                try await scene.last.restart()
                try await scene.expectStatus(20, "SPLIT    green on lb-1, lb-2 · blue on lb-3")
                let done = try await scene.run("resume")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.lives() == ["green", "green", "green"])
                try await scene.expectStatus(0)
            }
        }

        @Test func `a bad release that a quorum gave a share goes back, and nobody is missed`()
            async throws
        {
            let pipeline = Self.pipeline("{weight: 10%, for: 60s}", errors: 50)
            try await openWithoutTheLast(pipeline) { scene in
                _ = try await scene.underLoadEverywhere(2) { _ in
                    let done = try await scene.run("deploy", "2.1.0")
                    // The dead one never left blue.
                    #expect(done.status == 11, "\(done)")
                    #expect(done.errors.contains("The canary at 10% failed"), "\(done)")
                    return []
                }
                #expect(try shares(scene) == ["0", "0", "0"])
                #expect(try await answers(scene) == [["blue", "blue"]: 100])
                try await scene.last.restart()
                #expect(try await answers(scene, through: 3) == [["blue", "blue", "blue"]: 100])
                try await scene.expectStatus(0)
            }
        }

        // MARK: One that does not answer

        @Test func `one that is dead before the first step keeps everybody where they are`()
            async throws
        {
            try await FleetScene.open(Self.pipeline("{weight: 10%, for: 60s}"), count: 2) { scene in
                await scene.last.stop()
                let done = try await scene.run("deploy", "2.1.0")
                #expect(done.status == 40, "\(done)")
                #expect(done.errors.contains("lb-2"), "\(done)")
                #expect(try shares(scene) == ["0", "0"])
                #expect(try await answers(scene, through: 1) == [["blue"]: 100])
            }
        }

        @Test func `one that hangs when it gets its share is told, and the other has none`()
            async throws
        {
            let pipeline = Self.pipeline("{weight: 10%, for: 60s}")
            try await FleetScene.openGated(pipeline, count: 2) { scene, gate in
                gate.hold(scene.last.mapping("blue:green:10"), .beforeHAProxy)
                try await scene.beside("deploy", "2.1.0") { process in
                    try await gate.waitUntilHolding()
                    try scene.last.freeze()
                    gate.release()
                    let done = try await process.finish()
                    #expect(done.status == 20, "\(done)")
                    #expect(done.output.contains("UNKNOWN on lb-2"), "\(done)")
                }
                try await expectEndedByResume(scene) { try scene.last.thaw() }
            }
        }

        @Test(arguments: ["it hangs", "it dies"])
        func `one that is lost under its share ends the canary, and the other has none`(
            loss: String
        ) async throws {
            try await FleetScene.open(Self.pipeline("{weight: 10%, for: 2s}"), count: 2) { scene in
                let summaries = try await scene.underLoadEverywhere(1) { _ in
                    try await scene.beside("deploy", "2.1.0") { process in
                        try await eventually("the first sample", within: .seconds(20)) {
                            process.errors.contains("canary 10%:")
                        }
                        if loss == "it hangs" {
                            try scene.last.freeze()
                        } else {
                            await scene.last.stop()
                        }
                        let done = try await process.finish()
                        #expect(done.status == 20, "\(done)")
                        #expect(done.output.contains("UNKNOWN on lb-2"), "\(done)")
                        #expect(done.errors.contains("canary at 10% was inconclusive"), "\(done)")
                    }
                    return []
                }
                #expect(summaries.allSatisfy { $0.errorCount == 0 }, "\(summaries)")
                #expect(try scene.journal().filter { $0.k == "switchIntended" }.isEmpty)
                try await expectEndedByResume(scene) {
                    if loss == "it hangs" {
                        try scene.last.thaw()
                    } else {
                        try await scene.last.restart()
                    }
                }
            }
        }

        /// The first router is at 0% already; the last one gets there once it is back.
        private func expectEndedByResume(
            _ scene: FleetScene, _ bringBack: () async throws -> Void
        ) async throws {
            #expect(try shares(scene)[0] == "0")
            #expect(try await answers(scene, through: 1) == [["blue"]: 100])
            try await scene.expectStatus(20, "next: bluegreen resume")
            try await bringBack()
            let done = try await scene.run("resume")
            #expect(done.status == 0, "\(done)")
            #expect(try shares(scene) == ["0", "0"])
            #expect(try await answers(scene) == [["blue", "blue"]: 100])
            try await scene.expectStatus(0)
        }
    }
}
