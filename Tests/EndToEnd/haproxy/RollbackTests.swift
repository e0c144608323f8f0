import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// Rollback needs the address of one router, and nothing else.
    @Suite(.serialized)
    struct RollbackTests {
        /// Green 2.1.0 is live and blue is the way back when `body` begins.
        private func deployed(
            _ mechanism: HAProxyConfiguration.Mechanism = .map(),
            _ body: (Scene) async throws -> Void
        ) async throws {
            try await Scene.open(mechanism, PipelineText()) { scene in
                let done = try await scene.run("deploy", "2.1.0")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.live() == "green")
                try await body(scene)
            }
        }

        private func rollBack(
            _ scene: Scene, _ words: String..., expecting status: Int32 = 0
        ) async throws -> FinishedProcess {
            let began = ContinuousClock.now
            let done = try await scene.run(["rollback"] + words)
            let took = ContinuousClock.now - began
            print("rollback took \(took)")
            #expect(done.status == status, "\(done)")
            // What cannot be recorded tries for a while to take the lock: before it moves traffic, and after.
            if status == 0 { #expect(took < .seconds(1)) }
            #expect(try await scene.live() == "blue")
            return done
        }

        @Test(arguments: [
            HAProxyConfiguration.Mechanism.map(), .plainMap(), .register(),
        ])
        func `it brings traffic back`(mechanism: HAProxyConfiguration.Mechanism) async throws {
            try await deployed(mechanism) { scene in
                let done = try await rollBack(scene)
                #expect(done.output.contains("Production is on blue, proven from outside."))
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
            }
        }

        @Test func `it works with a pipeline that is garbage`() async throws {
            try await deployed { scene in
                try scene.folder.write("router: [\n\t{{{ not yaml", to: "bluegreen.yaml")
                _ = try await rollBack(scene)
            }
        }

        @Test func `it works without the pipeline file`() async throws {
            try await deployed { scene in
                try FileManager.default.removeItem(atPath: scene.folder.file("bluegreen.yaml"))
                _ = try await rollBack(scene)
            }
        }

        @Test func `it works without the record, if told where to`() async throws {
            try await deployed { scene in
                try FileManager.default.removeItem(atPath: scene.folder.file(".bluegreen"))
                let unknown = try await scene.run("rollback")
                #expect(unknown.status == 21, "\(unknown)")
                #expect(unknown.errors.contains("rollback --to blue"), "\(unknown)")
                #expect(try await scene.live() == "green")
                _ = try await rollBack(scene, "--to", "blue")
            }
        }

        @Test func `it works with nothing but the router's settings`() async throws {
            try await deployed { scene in
                try FileManager.default.removeItem(atPath: scene.folder.file(".bluegreen"))
                try FileManager.default.removeItem(atPath: scene.folder.file("bluegreen.yaml"))
                let settings = """
                    {"haproxy": {"socket": "\(scene.shop.haproxy.socket)", \
                    "map": "\(scene.shop.haproxy.mapFile)", "key": "shop"}}
                    """
                _ = try await rollBack(
                    scene, "--to", "blue", "--service", "shop", "--router-settings", settings)
            }
        }

        @Test func `it moves traffic although nothing can be recorded`() async throws {
            try await deployed { scene in
                try await unwritable(scene) {
                    let done = try await rollBack(scene, expecting: 74)
                    #expect(done.errors.contains("NOT RECORDED"), "\(done)")
                    for line in ["rollbackIntended", "rolledBack", "ended"] {
                        #expect(done.errors.contains(#""k":"\#(line)""#), "\(done)")
                    }
                    #expect(done.output.contains("on blue, proven from outside"), "\(done)")
                }
                let status = try await scene.run("status")
                #expect(status.status == 33, "\(status)")
            }
        }

        /// Even root cannot write below a file that stands where a folder should be.
        private func unwritable(_ scene: Scene, _ body: () async throws -> Void) async throws {
            let files = FileManager.default
            let aside = scene.folder.file("runs.aside")
            try files.moveItem(atPath: scene.record + "/runs", toPath: aside)
            try files.createSymbolicLink(
                atPath: scene.record + "/runs", withDestinationPath: "/proc/self/nowhere")
            defer {
                // A failure shows in the assertions that follow.
                try? files.removeItem(atPath: scene.record + "/runs")
                try? files.moveItem(atPath: aside, toPath: scene.record + "/runs")
            }
            try await body()
        }

        @Test func `it does not wait for the lock of a stopped process`() async throws {
            try await deployed { scene in
                try await scene.holdingLock {
                    let began = ContinuousClock.now
                    let done = try await rollBack(scene, expecting: 74)
                    // 300 ms in all, and what a busy machine needs to begin a process.
                    #expect(ContinuousClock.now - began < .seconds(2))
                    #expect(done.errors.contains("not recorded"), "\(done)")
                }
            }
        }

        @Test func `it ends a running deploy, which leaves no process behind`() async throws {
            try await deployed { scene in
                try scene.write(PipelineText(deploy: PipelineText.endlessDeploy))
                try await scene.beside("deploy", "3.0.0") { deploy in
                    let step = try await scene.endlessStep()
                    defer { kill(step, SIGKILL) }
                    // Blue is half deployed: traffic stays on green, and the deploy ends.
                    let stopped = try await scene.run("rollback")
                    #expect(stopped.status == 0, "\(stopped)")
                    #expect(stopped.output.contains("Production is on green"), "\(stopped)")
                    let refused = try await scene.run("rollback", "--to", "blue")
                    #expect(refused.status == 21, "\(refused)")
                    let done = try await deploy.finish()
                    #expect(done.status == 12, "\(done)")
                    #expect(kill(step, 0) != 0, "the step lives on")
                }
            }
        }

        /// 100 ms from when the rollback is in the record until the step is told to end; the rest is for the
        /// flush of that line, and for the shell.
        @Test func `a running deploy stops its step within 100 ms of a rollback`() async throws {
            let deploy = PipelineText.endlessDeploy
                .replacing("echo", with: "trap ': > told' TERM; echo")
                .replacing("exec sleep 60", with: "sleep 60 & wait")
            try await deployed(.register()) { scene in
                try scene.write(PipelineText(deploy: deploy), .register())
                try await scene.beside("deploy", "3.0.0") { run in
                    let step = try await scene.endlessStep()
                    defer { kill(step, SIGKILL) }
                    let back = try await scene.run("rollback")
                    #expect(back.status == 0, "\(back)")
                    let done = try await run.finish()
                    #expect(done.status == 12, "\(done)")
                }
                let began = try #require(try scene.journal().last { $0.k == "began" })
                let took = try sinceBoot("told", scene) - began.bt
                print("the step was told after \(took) microseconds")
                #expect(took <= 100_000 + 100_000)
            }
        }

        /// When the file was written, in microseconds since boot as in the journal.
        private func sinceBoot(_ file: String, _ scene: Scene) throws -> Int {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: scene.folder.file(file))
            let written = try #require(attributes[.modificationDate] as? Date)
            var now = timespec()
            clock_gettime(CLOCK_BOOTTIME, &now)
            return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
                + Int(written.timeIntervalSinceNow * 1_000_000)
        }

        @Test func `it ends a deploy that is stopped in the middle of a step, and the step`()
            async throws
        {
            try await deployed { scene in
                try scene.write(PipelineText(deploy: PipelineText.endlessDeploy))
                try await scene.beside("deploy", "3.0.0") { deploy in
                    let step = try await scene.endlessStep()
                    defer { kill(step, SIGKILL) }
                    deploy.signal(SIGSTOP)
                    _ = try await rollBack(
                        scene, "--to", "blue", "--break-glass", "--reason", "test")
                    let ending = try await deploy.waitUntilEnded()
                    #expect(ending == .killed(by: SIGKILL))
                    try await eventually("the end of the step") { kill(step, 0) != 0 }
                }
            }
        }

        @Test func `a step that takes its time to end is named, and ended`() async throws {
            let deploy = PipelineText.endlessDeploy.replacing("echo", with: "trap '' TERM; echo")
            try await deployed { scene in
                try scene.write(PipelineText(deploy: deploy))
                try await scene.beside("deploy", "3.0.0") { run in
                    let step = try await scene.endlessStep()
                    defer { kill(step, SIGKILL) }
                    run.signal(SIGSTOP)
                    let back = try await scene.run(
                        "rollback", "--to", "blue", "--break-glass", "--reason", "test")
                    #expect(back.status == 0, "\(back)")
                    #expect(back.errors.contains("is still running: pid"), "\(back)")
                    #expect(kill(step, 0) == 0)
                    try await eventually("the end of the step") { kill(step, 0) != 0 }
                }
            }
        }

        @Test func `it ends a running bake`() async throws {
            try await Scene.open(.map(), PipelineText(bake: PipelineText.bake("60s"))) { scene in
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await scene.until("bakeBegan")
                    _ = try await rollBack(scene)
                    let done = try await deploy.finish()
                    #expect(done.status == 12, "\(done)")
                    #expect(done.output.contains("Production is where run "), "\(done)")
                }
            }
        }
    }
}
