import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// Real processes, started by one run of the program and met again by the next.
    @Suite(.serialized)
    struct ProcessTests {
        @Test func `it outlives the program, is replaced, and retire ends it`() async throws {
            try await Scene.openProcess { scene in
                try await scene.deployed("2.1.0")
                #expect(try await scene.live() == "green")
                let first = try scene.pid("green")
                #expect(getsid(first) == first)
                let status = try await scene.run("status")
                let words = try Regex("pid \(first), up [0-9.]+ m?s, [0-9.]+ MiB")
                #expect(status.output.contains(words), "\(status)")

                scene.shop.blue.process.killAtOnce()
                try await scene.deployed("2.2.0")
                #expect(try await scene.live() == "blue")
                #expect(isAlive(first))
                try await scene.deployed("2.3.0")
                #expect(!isAlive(first))
                let second = try scene.pid("green")
                #expect(isAlive(second))

                let old = try scene.pid("blue")
                let retired = try await scene.run("retire", "-y")
                #expect(retired.status == 0, "\(retired)")
                #expect(!isAlive(old))
                #expect(isAlive(second))
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `it gets its port, its folder, its log and what it may know of our environment`()
            async throws
        {
            try await Scene.openProcess { scene in
                let done = try await scene.run(
                    "deploy", "2.1.0", environment: ["SECRET": "swordfish"])
                #expect(done.status == 0, "\(done)")
                let process = "/proc/\(try scene.pid("green"))"
                let environment = try String(
                    contentsOfFile: process + "/environ", encoding: .utf8
                ).split(separator: "\0")
                #expect(environment.contains("PORT=\(scene.shop.green.port)"))
                let inherited: Set = ["PATH", "HOME", "USER", "LANG", "TERM", "TMPDIR", "PORT"]
                #expect(
                    environment.compactMap { $0.split(separator: "=").first.map(String.init) }
                        .filter { !inherited.contains($0) && !$0.hasPrefix("BLUEGREEN_") } == [])
                let files = FileManager.default
                #expect(
                    try files.destinationOfSymbolicLink(atPath: process + "/cwd")
                        == scene.folder.path)
                let log = scene.record + "/processes/green.log"
                for number in 1...2 {
                    #expect(
                        try files.destinationOfSymbolicLink(atPath: process + "/fd/\(number)")
                            == log)
                }
            }
        }

        @Test func `killed before it could record the process, a deploy can be repeated`()
            async throws
        {
            try await Scene.openProcess { scene in
                try await scene.deployed("2.1.0")
                let lost = try scene.pid("green")
                var note = try scene.note("green")
                note.process = nil
                try scene.write(note, "green")
                let status = try await scene.run("status")
                #expect(status.output.contains("pid \(lost), up "), "\(status)")

                scene.shop.blue.process.killAtOnce()
                try await scene.deployed("2.2.0")
                try await scene.deployed("2.3.0")
                #expect(!isAlive(lost))
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `killed while it waits, a deploy is repeated and leaves one process`()
            async throws
        {
            try await Scene.openProcess(more: "    ready: /never") { scene in
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await eventually("the process to answer") {
                        try await FreshRequest("GET", scene.green.url + "/version").send().color
                            == "green"
                    }
                    deploy.killAtOnce()
                }
                let left = scene.processes
                #expect(left.count == 1)
                let pipeline = try scene.folder.read("bluegreen.yaml")
                try scene.folder.write(
                    pipeline.replacing("/never", with: "/healthz"), to: "bluegreen.yaml")
                try await scene.deployed("2.2.0")
                #expect(scene.processes == [try scene.pid("green")])
                #expect(left.allSatisfy { !isAlive($0) })
            }
        }

        @Test func `killed again and again around the start, it never loses a process`()
            async throws
        {
            try await Scene.openProcess { scene in
                let path = scene.record + "/processes/green.json"
                for round in 0..<24 {
                    // A note that was not there before: the program is being started.
                    let before = try? scene.note("green").mark
                    try await scene.beside("deploy", "2.\(round).0") { deploy in
                        while deploy.endedAs == nil, (try? scene.note("green").mark) == before {}
                        let length = Duration.microseconds(round * 100)
                        let end = ContinuousClock.now + length
                        while ContinuousClock.now < end {}
                        deploy.killAtOnce()
                    }
                    #expect(FileManager.default.fileExists(atPath: path))
                    #expect(scene.processes.count <= 1)
                }
                try await scene.deployed("3.0.0")
                #expect(scene.processes == [try scene.pid("green")])
            }
        }

        @Test func `a later process with the same number is never signalled`() async throws {
            try await Scene.openProcess { scene in
                try await scene.deployed("2.1.0")
                let mine = try scene.pid("green")
                let stranger = try ChildProcess(
                    ["sleep", "60"], logs: scene.folder, name: "stranger")
                defer { stranger.killAtOnce() }
                var note = try scene.note("green")
                note.mark = "another"
                note.process?.pid = stranger.pid
                try scene.write(note, "green")
                scene.shop.blue.process.killAtOnce()
                try await scene.deployed("2.2.0")
                let refused = try await scene.run("deploy", "2.3.0")
                #expect(refused.status == 10, "\(refused)")
                #expect(refused.errors.contains("pid \(mine) (example-backend)"), "\(refused)")
                #expect(stranger.endedAs == nil)
                #expect(isAlive(mine))
            }
        }

        @Test func `a process that ignores SIGTERM is killed after its grace`() async throws {
            let command = """
                ["sh", "-c", "trap '' TERM; \(Products.exampleBackend) --port $$PORT --color \
                $$BLUEGREEN_COLOR --version $$BLUEGREEN_VERSION & while :; do sleep 60; done"]
                """
            try await Scene.openProcess(command, more: "    grace: 200ms") { scene in
                try await scene.deployed("2.1.0")
                let stubborn = try scene.pid("green")
                scene.shop.blue.process.killAtOnce()
                try await scene.deployed("2.2.0")
                try await scene.deployed("2.3.0")
                #expect(!isAlive(stubborn))
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `a process that dies at its start fails the deploy with its last words`()
            async throws
        {
            let command = #"["sh", "-c", "echo no database here >&2; exit 3"]"#
            try await Scene.openProcess(command) { scene in
                let done = try await scene.run("deploy", "2.1.0")
                #expect(done.status == 10, "\(done)")
                #expect(done.errors.contains("`sh` ended before it was ready."), "\(done)")
                #expect(done.errors.contains("no database here"), "\(done)")
                #expect(try await scene.live() == "blue")
                let status = try await scene.run("status")
                #expect(status.output.contains("not running"), "\(status)")
            }
        }

        @Test func `a port that somebody else holds is named, with who it is`() async throws {
            try await Scene.openProcess { scene in
                let other = try await ExampleService.start(
                    color: "green", version: "0", port: scene.shop.green.port, logs: scene.folder)
                defer { other.process.killAtOnce() }
                let done = try await scene.run("deploy", "2.1.0")
                #expect(done.status == 10, "\(done)")
                #expect(done.errors.contains("Port \(other.port) of green is taken"), "\(done)")
                #expect(done.errors.contains("pid \(other.process.pid) (example-b"), "\(done)")
                #expect(other.process.endedAs == nil)
            }
        }

        @Test func `an interrupted deploy leaves no process behind`() async throws {
            try await Scene.openProcess(more: "    ready: /never") { scene in
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await eventually("the process to answer") {
                        try await FreshRequest("GET", scene.green.url + "/version").send().color
                            == "green"
                    }
                    deploy.signal(SIGINT)
                    let done = try await deploy.finish()
                    #expect(done.status == 130, "\(done)")
                }
                #expect(scene.processes.isEmpty)
            }
        }
    }
}
