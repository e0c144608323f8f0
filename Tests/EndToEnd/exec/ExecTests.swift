import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// HAProxy behind the tool of `examples/exec`, which knows nothing of us.
    @Suite(.serialized)
    struct ExecTests {
        private let quick = PipelineText(deploy: "", checks: "")

        private func open(_ body: (Scene) async throws -> Void) async throws {
            try await Scene.open(.map(), quick) { scene in
                let example = URL(filePath: #filePath).deletingLastPathComponent()
                    .deletingLastPathComponent().deletingLastPathComponent()
                    .deletingLastPathComponent().appending(path: "examples/exec/shop-traffic")
                let tool = try String(contentsOf: example, encoding: .utf8)
                // The interpreter itself: what stands before it in PATH may be a slow script.
                let python = try await ChildProcess.run(
                    ["python3", "-c", "import sys; print(sys.executable)"])
                try #require(python.status == 0, "\(python)")
                try replaceTool(
                    scene, tool.replacing("/usr/bin/env -S python3", with: python.output.trimming))
                try write(scene)
                try await body(scene)
            }
        }

        private func replaceTool(_ scene: Scene, _ text: String) throws {
            try scene.folder.write(text, to: "traffic")
            chmod(scene.folder.file("traffic"), 0o755)
        }

        private func write(
            _ scene: Scene, timeout: String = "10s", isDurable: Bool = false
        ) throws {
            let router = """
                  exec:
                    read: ["./traffic", "read"]
                    target: ["./traffic", "target", "${color}"]
                    switch: ["./traffic", "switch", "${datum}"]
                    class: S
                    timeout: \(timeout)
                    durable: \(isDurable)
                    env:
                      TRAFFIC_SOCKET: \(scene.shop.haproxy.socket)
                      TRAFFIC_MAP: \(scene.shop.haproxy.mapFile)
                      TOOL_PASSWORD: ${env.TOOL_PASSWORD}
                """
            try scene.folder.write(
                quick.text(for: scene, router: router), to: "bluegreen.yaml")
        }

        private let secret = ["TOOL_PASSWORD": "hunter2-hunter2"] as [String: String?]

        private func run(_ scene: Scene, _ words: String...) async throws -> FinishedProcess {
            try await scene.run(words, environment: secret)
        }

        private func expectUntouched(
            _ scene: Scene, by words: [String], status: Int32, says: String
        ) async throws {
            let summary = try await scene.underLoad { client in
                let done = try await scene.run(words, environment: secret)
                #expect(done.status == status, "\(done)")
                #expect(done.errors.contains(says), "\(done)")
                #expect(!done.errors.contains("hunter2"), "\(done)")
                try await client.wait(for: 50)
                return []
            }
            #expect(summary.errorCount == 0, "\(summary)")
            #expect(summary.colors.keys.sorted() == ["blue"], "\(summary)")
        }

        @Test func `250 switches under load lose nothing, confuse nobody and repeat no order`()
            async throws
        {
            setenv("TOOL_PASSWORD", "hunter2-hunter2", 1)
            let router = MeasuredRouter(
                "exec", by: "a tool that sets a map of HAProxy", .synchronous)
            try await open { scene in try await scene.expectCleanSwitches(of: router) }
        }

        @Test func `two switches at once end as one of them says`() async throws {
            setenv("TOOL_PASSWORD", "hunter2-hunter2", 1)
            try await open { scene in try await scene.expectOneWriterAtATime() }
        }

        /// As declared: the tool changes HAProxy's memory.
        @Test func `what is not durable is forgotten by a restart, and that is seen`() async throws
        {
            setenv("TOOL_PASSWORD", "hunter2-hunter2", 1)
            try await open { scene in
                try await scene.switches(to: "green")
                try await scene.expectForgotten()
            }
        }

        @Test func `a tool that also writes it down keeps the colour over a restart`() async throws
        {
            setenv("TOOL_PASSWORD", "hunter2-hunter2", 1)
            try await open { scene in
                try write(scene, isDurable: true)
                try replaceTool(
                    scene,
                    try scene.folder.read("traffic").replacing(
                        "        sys.exit(refusal)\n",
                        with: """
                                    sys.exit(refusal)
                                with open(MAP + ".new", "w") as file:
                                    file.write(f"{KEY} {datum}\\n")
                                os.rename(MAP + ".new", MAP)

                            """))
                for color in ["green", "blue", "green"] {
                    try await scene.switches(to: color)
                    try await scene.shop.haproxy.restart()
                    #expect(try await scene.live() == color)
                    let status = try await scene.run("status")
                    #expect(status.status == 0, "\(status)")
                }
            }
        }

        @Test func `its class is declared until a probe has tested it`() async throws {
            setenv("TOOL_PASSWORD", "hunter2-hunter2", 1)
            try await open { scene in try await scene.expectDeclaredUntilProbed() }
        }

        @Test func `a switch is verified by the tool that is named for it`() async throws {
            try await open { scene in
                try scene.change(
                    "    class: S", to: "    verify: [touch, \"verified-${color}\"]\n    class: S")
                let done = try await run(scene, "switch", "green", "--no-bake")
                #expect(done.status == 0, "\(done)")
                #expect(!done.errors.contains("exec did not say"), "\(done)")
                #expect(try scene.folder.read("verified-green") == "")
                #expect(try await scene.live() == "green")
            }
        }

        /// Nobody knows then what the tool has done: what users are answered decides.
        @Test func `a verification that fails is said, and the proof decides`() async throws {
            try await open { scene in
                try scene.change("    class: S", to: "    verify: [\"false\"]\n    class: S")
                let done = try await run(scene, "switch", "green", "--no-bake")
                #expect(done.status == 0, "\(done)")
                #expect(done.errors.contains("was told green, and 'verify' fails"), "\(done)")
                #expect(done.output.contains("on green, proven from outside"), "\(done)")
                #expect(try await scene.live() == "green")
            }
        }

        // MARK: What was left behind

        @Test(arguments: [SIGKILL, SIGSTOP])
        func `no tool of a deploy that was killed or hangs outlives a rollback`(
            signal: Int32
        ) async throws {
            setenv("TOOL_PASSWORD", "hunter2-hunter2", 1)
            try await open { scene in
                try replaceTool(
                    scene,
                    try scene.folder.read("traffic").replacing(
                        "def switch(datum):\n",
                        with: """
                            def switch(datum):
                                if datum.startswith("green"):
                                    import signal, time
                                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                                    open("tool.pid", "w").write(f"{os.getpid()}\\n")
                                    time.sleep(0.8)

                            """))
                try await scene.beside("switch", "green", "--no-bake") { process in
                    var tool: Int32?
                    try await eventually("the tool's order", within: .seconds(20)) {
                        tool = Int32(try scene.folder.read("tool.pid").trimming)
                        return tool != nil
                    }
                    process.signal(signal)
                    let back = try await run(scene, "rollback", "--to", "blue")
                    #expect(back.status == 0, "\(back)")
                    // Of one that has ended and waits for its parent there are no words either.
                    let words = try? String(
                        contentsOfFile: "/proc/\(try #require(tool))/cmdline", encoding: .utf8)
                    #expect(words ?? "" == "", "it may still move traffic")
                    #expect(try await scene.live() == "blue")
                    let status = try await run(scene, "status")
                    #expect(status.status == 0, "\(status)")
                }
            }
        }

        // MARK: What is not right

        @Test func `a colour that is down never becomes live`() async throws {
            try await open { scene in
                scene.green.process.killAtOnce()
                try await expectUntouched(
                    scene, by: ["switch", "green", "--no-bake"], status: 10,
                    says: "green does not answer as green")
            }
        }

        @Test func `a tool that fails to switch is quoted without its secret`() async throws {
            try await open { scene in
                let tool = try scene.folder.read("traffic")
                try replaceTool(
                    scene,
                    tool.replacing(
                        "def switch(datum):\n",
                        with: "def switch(datum):\n"
                            + "    sys.exit('locked for ' + os.environ['TOOL_PASSWORD'])\n"))
                try await expectUntouched(
                    scene, by: ["switch", "green", "--no-bake"], status: 11, says: "locked for")
            }
        }

        @Test func `a target that the tool does not know is refused`() async throws {
            try await open { scene in
                let tool = try scene.folder.read("traffic")
                try replaceTool(
                    scene, tool.replacing("{KEY}_{color}\" not in", with: "{KEY}_x\" not in"))
                try await expectUntouched(
                    scene, by: ["switch", "green", "--no-bake"], status: 11,
                    says: "has no target for green")
            }
        }

        @Test func `a tool that hangs is stopped in time`() async throws {
            try await open { scene in
                try write(scene, timeout: "1s")
                try replaceTool(scene, "#!/bin/sh\nexec sleep 60\n")
                try await expectUntouched(
                    scene, by: ["switch", "green", "--no-bake"], status: 40,
                    says: "did not end within 1 s")
            }
        }

        @Test func `a switch that hangs as its undo does is for a person`() async throws {
            try await open { scene in
                try write(scene, timeout: "5s")
                let tool = try scene.folder.read("traffic")
                try replaceTool(
                    scene,
                    tool.replacing(
                        "def switch(datum):\n",
                        with: "def switch(datum):\n    import time\n    time.sleep(60)\n"))
                try await expectUntouched(
                    scene, by: ["switch", "green", "--no-bake"], status: 20,
                    says: "did not end within 5 s")
            }
        }

        @Test(arguments: ["Error: token expired", "", "blue\ngreen"])
        func `garbage is never a colour`(output: String) async throws {
            try await open { scene in
                try replaceTool(scene, "#!/bin/sh\ncat <<'END'\n\(output)\nEND\n")
                try await expectUntouched(
                    scene, by: ["switch", "green", "--no-bake"], status: 40,
                    says: "does not say what is live")
            }
        }

        @Test func `a tool that is gone is said by name`() async throws {
            try await open { scene in
                try FileManager.default.removeItem(atPath: scene.folder.file("traffic"))
                try await expectUntouched(
                    scene, by: ["switch", "green", "--no-bake"], status: 40,
                    says: "There is no program './traffic'")
            }
        }
    }
}
