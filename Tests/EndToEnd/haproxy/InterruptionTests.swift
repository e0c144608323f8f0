import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// Ctrl-C in every phase: the run cleans up, says where production is, and leaves nothing open.
    @Suite(.serialized)
    struct InterruptionTests {
        /// Interrupts a deploy after `moment`; `production` is what it must say and what must be so.
        private func interrupt(
            _ pipeline: PipelineText, production: String, live: String,
            within budget: Duration = .seconds(1), after moment: (Scene) async throws -> Void
        ) async throws {
            try await Scene.open(.map(), pipeline) { scene in
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await moment(scene)
                    let asked = ContinuousClock.now
                    deploy.signal(SIGINT)
                    let done = try await deploy.finish(within: .seconds(10))
                    let took = ContinuousClock.now - asked
                    #expect(took < budget, "\(took)")
                    #expect(done.status == 130, "\(done)")
                    #expect(done.output.contains("stopped: Ctrl-C"), "\(done)")
                    #expect(done.output.contains("Production is on \(production)"), "\(done)")
                }
                #expect(try await scene.live() == live)
            }
        }

        @Test func `while deploying`() async throws {
            try await interrupt(
                PipelineText(deploy: PipelineText.endlessDeploy),
                production: "blue, not touched", live: "blue"
            ) { scene in
                _ = try await scene.endlessStep()
            }
        }

        @Test func `a step that ignores SIGTERM does not keep the wish from the record`()
            async throws
        {
            let deploy = PipelineText.endlessDeploy.replacing("echo", with: "trap '' TERM; echo")
            try await Scene.open(.map(), PipelineText(deploy: deploy)) { scene in
                try await scene.beside("deploy", "2.1.0") { deploy in
                    let step = try await scene.endlessStep()
                    let asked = ContinuousClock.now
                    deploy.signal(SIGINT)
                    try await eventually("the wish in the journal", within: .seconds(1)) {
                        try scene.journal().contains { $0.k == "stopRequested" }
                    }
                    #expect(isAlive(step))
                    try await eventually("that it says what it waits for") {
                        deploy.errors.contains("waiting for endless to end")
                    }
                    let done = try await deploy.finish(within: .seconds(10))
                    let took = ContinuousClock.now - asked
                    // SIGTERM, 5 s, SIGKILL; the rest is a busy machine.
                    #expect((.seconds(5) ... .seconds(8)).contains(took), "\(took)")
                    #expect(done.status == 130, "\(done)")
                    #expect(!isAlive(step))
                }
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `while claiming`() async throws {
            try await Scene.openGated { scene, gate in
                gate.hold(scene.shop.haproxy.mapping("blue:-"), .beforeHAProxy)
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await gate.waitUntilHolding()
                    deploy.signal(SIGINT)
                    let done = try await deploy.finish(within: .seconds(10))
                    #expect(done.status == 130, "\(done)")
                    #expect(done.output.contains("Production is on blue, not touched"))
                }
                gate.release()
                #expect(try await scene.live() == "blue")
                // Whether the claim arrived or not: the next deploy goes on from there.
                try scene.write(PipelineText())
                let again = try await scene.run("deploy", "2.1.0")
                #expect(again.status == 0, "\(again)")
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `while retiring`() async throws {
            try await Scene.open { scene in
                _ = try await scene.run("deploy", "2.1.0")
                var pipeline = PipelineText()
                pipeline.more = PipelineText.endlessDeploy.replacing(
                    "deploy:", with: "retire:\n  steps:")
                try scene.write(pipeline)
                try await scene.beside("retire", "--now", "--reason", "test") { retire in
                    let step = try await scene.endlessStep()
                    retire.signal(SIGINT)
                    let done = try await retire.finish(within: .seconds(10))
                    #expect(done.status == 130, "\(done)")
                    #expect(done.output.contains("Production is on green, not touched"), "\(done)")
                    #expect(kill(step, 0) != 0)
                }
                #expect(try await scene.live() == "green")
                let back = try await scene.run("rollback")
                #expect(back.status == 21, "\(back)")
            }
        }

        @Test func `while checking`() async throws {
            let checks = """
                checks:
                  - name: never
                    http: /no-such-page
                    interval: 100ms
                    timeout: 60s
                """
            try await interrupt(
                PipelineText(checks: checks), production: "blue, not touched", live: "blue"
            ) { scene in
                try await scene.until("sealed")
            }
        }

        @Test func `while baking`() async throws {
            try await interrupt(
                PipelineText(bake: PipelineText.bake("60s")), production: "green, proven",
                live: "green", within: .seconds(3)
            ) { scene in
                try await scene.until("bakeBegan")
            }
        }

        @Test func `while switching it waits for the switch to be proven`() async throws {
            try await Scene.openGated(PipelineText(bake: PipelineText.bake("60s"))) { scene, gate in
                gate.hold(scene.shop.haproxy.mapping("green"), .beforeHAProxy)
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await gate.waitUntilHolding()
                    let asked = ContinuousClock.now
                    deploy.signal(SIGINT)
                    gate.release()
                    let done = try await deploy.finish(within: .seconds(10))
                    let took = ContinuousClock.now - asked
                    #expect(took < .seconds(3), "\(took)")
                    #expect(done.status == 130, "\(done)")
                    #expect(done.output.contains("Production is on green, proven"), "\(done)")
                }
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `a second signal ends it at once, and the last word names the next command`()
            async throws
        {
            try await Scene.openGated { scene, gate in
                gate.hold(scene.shop.haproxy.mapping("green"), .beforeHAProxy)
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await gate.waitUntilHolding()
                    deploy.signal(SIGINT)
                    try await eventually("that the first one is heard") {
                        deploy.errors.contains("the move is finished or taken back first")
                    }
                    let asked = ContinuousClock.now
                    deploy.signal(SIGINT)
                    let done = try await deploy.finish(within: .seconds(10))
                    let took = ContinuousClock.now - asked
                    #expect(took < .milliseconds(200), "\(took)")
                    #expect(done.status == 20, "\(done)")
                    let words = "ended at once, unfinished; next: bluegreen status\n"
                    #expect(done.errors.hasSuffix(words), "\(done)")
                }
                gate.forget()
                let status = try await scene.run("status")
                #expect(status.status == 20, "\(status)")
                #expect(status.output.contains("next: bluegreen resume"), "\(status)")
                let resumed = try await scene.run("resume")
                #expect(resumed.status == 0, "\(resumed)")
            }
        }

        @Test func `while HAProxy hangs it says that nobody knows, and resume settles it`()
            async throws
        {
            try await Scene.openGated { scene, gate in
                gate.hold(scene.shop.haproxy.mapping("green"), .beforeHAProxy)
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await gate.waitUntilHolding()
                    try scene.shop.haproxy.freeze()
                    deploy.signal(SIGINT)
                    let done = try await deploy.finish(within: .seconds(30))
                    #expect(done.status == 20, "\(done)")
                    #expect(done.output.contains("UNKNOWN"), "\(done)")
                }
                try scene.shop.haproxy.thaw()
                gate.forget()
                let status = try await scene.run("status")
                #expect(status.status == 20, "\(status)")
                let resumed = try await scene.run("resume")
                #expect(resumed.status == 0, "\(resumed)")
                let settled = try await scene.run("status")
                #expect(settled.status == 0, "\(settled)")
            }
        }
    }
}
