import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// `kill -9` at the moments that matter; the next command knows and says what was under way.
    @Suite(.serialized)
    struct CrashTests {
        /// Kills a switch to green while HAProxy's obedience is held back at `hold`.
        private func killed(
            _ hold: RuntimeGate.Hold, _ body: (Scene) async throws -> Void
        ) async throws {
            try await Scene.openGated(PipelineText(bake: "")) { scene, gate in
                gate.hold(scene.shop.haproxy.mapping("green"), hold)
                try await scene.beside("deploy", "2.1.0") { process in
                    try await gate.waitUntilHolding()
                    process.killAtOnce()
                }
                gate.forget()
                let status = try await scene.run("status")
                #expect(status.status == 20, "\(status)")
                #expect(status.output.contains("A switch to green was begun"), "\(status)")
                #expect(status.output.contains("next: bluegreen resume"), "\(status)")
                try await body(scene)
                let settled = try await scene.run("status")
                #expect(settled.status == 0, "\(settled)")
            }
        }

        @Test func `killed before HAProxy heard of it, a switch is finished by resume`()
            async throws
        {
            try await killed(.beforeHAProxy) { scene in
                #expect(try await scene.live() == "blue")
                let done = try await scene.run("resume")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.live() == "green")
                try await scene.shop.haproxy.restart()
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `killed after HAProxy obeyed, a switch is finished by resume`() async throws {
            try await killed(.afterHAProxy) { scene in
                #expect(try await scene.live() == "green")
                let done = try await scene.run("resume")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.live() == "green")
                try await scene.shop.haproxy.restart()
                #expect(try await scene.live() == "green")
            }
        }

        @Test(arguments: [RuntimeGate.Hold.beforeHAProxy, .afterHAProxy])
        func `rollback brings a killed switch home`(hold: RuntimeGate.Hold) async throws {
            try await killed(hold) { scene in
                let done = try await scene.run("rollback")
                #expect(done.status == 0, "\(done)")
                #expect(done.output.contains("traffic is back on blue"), "\(done)")
                #expect(try await scene.live() == "blue")
                try await scene.shop.haproxy.restart()
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `forward verbs leave a killed switch to resume and rollback`() async throws {
            try await killed(.beforeHAProxy) { scene in
                for words in [["deploy", "2.2.0"], ["switch"]] {
                    let done = try await scene.run(words)
                    #expect(done.status == 33, "\(done)")
                    #expect(done.errors.contains("bluegreen resume"), "\(done)")
                }
                let done = try await scene.run("resume")
                #expect(done.status == 0, "\(done)")
            }
        }

        @Test(arguments: [["deploy", "2.1.0"], ["resume"]])
        func `the step of a killed deploy ends with it, and the next command goes on`(
            next: [String]
        ) async throws {
            try await Scene.open(.map(), PipelineText(deploy: PipelineText.endlessDeploy)) {
                scene in
                let step = try await killedInStep(scene)
                try await eventually("the end of the step", within: .seconds(2)) {
                    kill(step, 0) != 0
                }
                let status = try await scene.run("status")
                #expect(status.output.contains("RUN ORPHANED"), "\(status)")
                #expect(try await scene.live() == "blue")
                try await finish(scene, with: next)
            }
        }

        @Test func `a step that does not end by itself is ended by force, and waited for`()
            async throws
        {
            let deploy = PipelineText.endlessDeploy.replacing("echo", with: "trap '' TERM; echo")
            try await Scene.open(.map(), PipelineText(deploy: deploy)) { scene in
                let step = try await killedInStep(scene)
                try scene.write(PipelineText())
                let refused = try await scene.run("resume")
                #expect(refused.status == 30, "\(refused)")
                #expect(refused.errors.contains("still running: pid"), "\(refused)")
                // The 5 s of its supervisor began when the deploy was killed; the rest is a busy machine.
                try await eventually("the end of the step", within: .seconds(8)) {
                    kill(step, 0) != 0
                }
                try await finish(scene, with: ["resume"])
            }
        }

        @Test func `a step that outlives its deploy and its supervisor is named, and not doubled`()
            async throws
        {
            let deploy = PipelineText.endlessDeploy.replacing("echo", with: "trap '' TERM; echo")
            try await Scene.open(.map(), PipelineText(deploy: deploy)) { scene in
                let step = try await killedInStep(scene)
                defer { kill(step, SIGKILL) }
                let supervisor = getsid(step)
                kill(supervisor, SIGKILL)
                try await eventually("the end of the supervisor") { !isAlive(supervisor) }
                #expect(isAlive(step))
                try scene.write(PipelineText())
                let refused = try await scene.run("resume")
                #expect(refused.status == 30, "\(refused)")
                #expect(refused.errors.contains("still running: pid \(step)."), "\(refused)")
                kill(step, SIGKILL)
                try await eventually("the end of the step") { !isAlive(step) }
                try await finish(scene, with: ["resume"])
            }
        }

        @Test func `a step whose supervisor is killed ends with it, and the deploy says so`()
            async throws
        {
            try await Scene.open(.map(), PipelineText(deploy: PipelineText.endlessDeploy)) {
                scene in
                try await scene.beside("deploy", "2.1.0") { deploy in
                    let step = try await scene.endlessStep()
                    kill(getsid(step), SIGKILL)
                    let done = try await deploy.finish()
                    #expect(done.status == 10, "\(done)")
                    #expect(done.errors.contains("was ended by signal 9"), "\(done)")
                    #expect(!isAlive(step))
                }
                #expect(try await scene.live() == "blue")
                try await finish(scene, with: ["deploy", "2.1.0"])
            }
        }

        @Test(arguments: [SIGABRT, SIGSEGV])
        func `a secret is in nothing that a crash leaves`(signal: Int32) async throws {
            let secret = "s3cr3t-of-a-crash"
            let isInStep = signal == SIGABRT
            let told = """
                deploy:
                  - name: told
                    run: "echo token $KEY; echo token $KEY >&2"
                    env: {KEY: "${env.TOKEN}"}
                """
            let endless = PipelineText.endlessDeploy.replacing("deploy:", with: "")
            let pipeline = PipelineText(
                deploy: told + (isInStep ? endless : ""), bake: PipelineText.bake("60s"))
            try await Scene.open(.map(), pipeline) { scene in
                // A core of its own is what SECURITY.md warns of.
                let deploy = try ChildProcess(
                    ["prlimit", "--core=0:0", Products.bluegreen, "deploy", "2.1.0", "-v"],
                    environment: ["TOKEN": secret], directory: scene.folder.path,
                    logs: scene.folder, name: "crash")
                defer { deploy.killAtOnce() }
                if isInStep {
                    _ = try await scene.endlessStep()
                } else {
                    try await scene.until("bakeBegan")
                }
                deploy.signal(signal)
                #expect(try await deploy.waitUntilEnded() == .killed(by: signal))
                let status = try await scene.run("status", environment: ["TOKEN": secret])
                #expect(status.output.contains("ORPHANED"), "\(status)")
                #expect(!(status.output + status.errors).contains(secret), "\(status)")
                var output = ""
                for name in try FileManager.default.subpathsOfDirectory(
                    atPath: scene.folder.path)
                {
                    // Folders and sockets have no content.
                    guard let bytes = FileManager.default.contents(atPath: scene.folder.file(name))
                    else { continue }
                    let text = String(decoding: bytes, as: UTF8.self)
                    #expect(!text.contains(secret), "\(name)")
                    if name.contains("/out/") { output += text }
                }
                #expect(output.contains("token ***"), "\(output)")
            }
        }

        private func killedInStep(_ scene: Scene) async throws -> Int32 {
            var step: Int32 = 0
            try await scene.beside("deploy", "2.1.0") { process in
                step = try await scene.endlessStep()
                try await scene.until("stepSpawned")
                process.killAtOnce()
            }
            return step
        }

        private func finish(_ scene: Scene, with words: [String]) async throws {
            try scene.write(PipelineText())
            let done = try await scene.run(words)
            #expect(done.status == 0, "\(done)")
            #expect(try await scene.live() == "green")
            let settled = try await scene.run("status")
            #expect(settled.status == 0, "\(settled)")
        }

        @Test func `a bake that was killed is an orphan, and resume watches again`() async throws {
            let bake = PipelineText.bake("1s", interval: "200ms", minimum: 1)
            try await Scene.open(.map(), PipelineText(bake: PipelineText.bake("60s"))) { scene in
                _ = try await scene.underLoad { _ in
                    try await scene.beside("deploy", "2.1.0") { process in
                        try await scene.until("bakeBegan")
                        process.killAtOnce()
                    }
                    let status = try await scene.run("status")
                    #expect(status.status == 22, "\(status)")
                    #expect(status.output.contains("BAKE ORPHANED"), "\(status)")
                    try scene.write(PipelineText(bake: bake))
                    let resumed = try await scene.run("resume")
                    #expect(resumed.status == 0, "\(resumed)")
                    return []
                }
                #expect(try scene.journal().count { $0.k == "bakeBegan" } == 2)
                #expect(try await scene.live() == "green")
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
            }
        }
    }
}
