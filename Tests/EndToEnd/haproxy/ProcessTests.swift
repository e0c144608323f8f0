import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// Real processes, started by one run of the program and met again by the next.
    @Suite(.serialized)
    struct ProcessTests {
        /// What the note of a colour says.
        struct Note: Codable {
            struct Identity: Codable {
                var pid: Int32
                var startTime: UInt64
                var bootID: String
            }

            var schemaVersion: Int
            var mark: String
            var process: Identity?
        }

        /// Blue is live and was started by hand; green is to be started by the program.
        private func open(
            _ command: String = Self.backend, more: String = "    ready: /healthz",
            _ body: (Scene) async throws -> Void
        ) async throws {
            let deploy = """
                deploy:
                  - name: app
                    process: \(command)
                    timeout: 20s
                \(more)
                retire:
                  after: 0s
                """
            try await Scene.open(.map(), PipelineText(deploy: deploy)) { scene in
                scene.shop.green.process.killAtOnce()
                do {
                    try await body(scene)
                } catch {
                    endAll(scene)
                    throw error
                }
                endAll(scene)
            }
        }

        private static let backend = """
            ["\(Products.exampleBackend)", "--port", "${port}", "--color", "${color}", \
            "--version", "${version}"]
            """

        /// Ends what `scene` left running, recognised by the folder that only it has.
        private func endAll(_ scene: Scene) {
            for pid in Self.processes(of: scene) { kill(pid, SIGKILL) }
        }

        /// Everything whose output goes into the record of `scene`.
        private static func processes(of scene: Scene) -> [Int32] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return names.compactMap { Int32($0) }.filter { pid in
                let output = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(pid)/fd/1")
                return output?.hasPrefix(scene.record + "/processes/") ?? false
            }
        }

        private func note(_ color: String, _ scene: Scene) throws -> Note {
            let text = try scene.folder.read(".bluegreen/shop/processes/\(color).json")
            return try JSONDecoder().decode(Note.self, from: Data(text.utf8))
        }

        private func pid(_ color: String, _ scene: Scene) throws -> Int32 {
            try #require(note(color, scene).process).pid
        }

        private func write(_ note: Note, _ color: String, _ scene: Scene) throws {
            let text = String(decoding: try JSONEncoder().encode(note), as: UTF8.self)
            try scene.folder.write(text, to: ".bluegreen/shop/processes/\(color).json")
        }

        /// What has ended and only waits for its parent to notice does not live.
        private func isAlive(_ pid: Int32) -> Bool {
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            else { return false }
            return !stat.contains(") Z ")
        }

        private func answer(_ scene: Scene) async throws -> String? {
            try await FreshRequest("GET", scene.shop.green.url + "/version").send().color
        }

        private func deployed(_ version: String, _ scene: Scene) async throws {
            let done = try await scene.run("deploy", version)
            #expect(done.status == 0, "\(done)")
        }

        @Test func `it outlives the program, is replaced, and retire ends it`() async throws {
            try await open { scene in
                try await deployed("2.1.0", scene)
                #expect(try await scene.live() == "green")
                let first = try pid("green", scene)
                #expect(getsid(first) == first)
                let status = try await scene.run("status")
                #expect(status.output.contains("pid \(first), up "), "\(status)")

                scene.shop.blue.process.killAtOnce()
                try await deployed("2.2.0", scene)
                #expect(try await scene.live() == "blue")
                #expect(isAlive(first))
                try await deployed("2.3.0", scene)
                #expect(!isAlive(first))
                let second = try pid("green", scene)
                #expect(isAlive(second))

                let old = try pid("blue", scene)
                let retired = try await scene.run("retire", "-y")
                #expect(retired.status == 0, "\(retired)")
                #expect(!isAlive(old))
                #expect(isAlive(second))
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `killed before it could record the process, a deploy can be repeated`()
            async throws
        {
            try await open { scene in
                try await deployed("2.1.0", scene)
                let lost = try pid("green", scene)
                var note = try note("green", scene)
                note.process = nil
                try write(note, "green", scene)
                let status = try await scene.run("status")
                #expect(status.output.contains("pid \(lost), up "), "\(status)")

                scene.shop.blue.process.killAtOnce()
                try await deployed("2.2.0", scene)
                try await deployed("2.3.0", scene)
                #expect(!isAlive(lost))
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `killed while it waits, a deploy is repeated and leaves one process`()
            async throws
        {
            try await open(more: "    ready: /never") { scene in
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await eventually("the process to answer") {
                        try await answer(scene) == "green"
                    }
                    deploy.killAtOnce()
                }
                let left = Self.processes(of: scene)
                #expect(left.count == 1)
                let pipeline = try scene.folder.read("bluegreen.yaml")
                try scene.folder.write(
                    pipeline.replacing("/never", with: "/healthz"), to: "bluegreen.yaml")
                try await deployed("2.2.0", scene)
                #expect(Self.processes(of: scene) == [try pid("green", scene)])
                #expect(left.allSatisfy { !isAlive($0) })
            }
        }

        @Test func `killed again and again around the start, it never loses a process`()
            async throws
        {
            try await open { scene in
                let path = scene.record + "/processes/green.json"
                for round in 0..<24 {
                    // A note that was not there before: the program is being started.
                    let before = try? note("green", scene).mark
                    try await scene.beside("deploy", "2.\(round).0") { deploy in
                        while deploy.endedAs == nil, (try? note("green", scene).mark) == before {}
                        let length = Duration.microseconds(round * 100)
                        let end = ContinuousClock.now + length
                        while ContinuousClock.now < end {}
                        deploy.killAtOnce()
                    }
                    #expect(FileManager.default.fileExists(atPath: path))
                    #expect(Self.processes(of: scene).count <= 1)
                }
                try await deployed("3.0.0", scene)
                #expect(Self.processes(of: scene) == [try pid("green", scene)])
            }
        }

        @Test func `a later process with the same number is never signalled`() async throws {
            try await open { scene in
                try await deployed("2.1.0", scene)
                let mine = try pid("green", scene)
                let stranger = try ChildProcess(
                    ["sleep", "60"], logs: scene.folder, name: "stranger")
                defer { stranger.killAtOnce() }
                var note = try note("green", scene)
                note.mark = "another"
                note.process?.pid = stranger.pid
                try write(note, "green", scene)
                scene.shop.blue.process.killAtOnce()
                try await deployed("2.2.0", scene)
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
            try await open(command, more: "    grace: 200ms") { scene in
                try await deployed("2.1.0", scene)
                let stubborn = try pid("green", scene)
                scene.shop.blue.process.killAtOnce()
                try await deployed("2.2.0", scene)
                try await deployed("2.3.0", scene)
                #expect(!isAlive(stubborn))
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `a process that dies at its start fails the deploy with its last words`()
            async throws
        {
            let command = #"["sh", "-c", "echo no database here >&2; exit 3"]"#
            try await open(command) { scene in
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
            try await open { scene in
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
            try await open(more: "    ready: /never") { scene in
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await eventually("the process to answer") {
                        try await answer(scene) == "green"
                    }
                    deploy.signal(SIGINT)
                    let done = try await deploy.finish()
                    #expect(done.status == 130, "\(done)")
                }
                #expect(Self.processes(of: scene).isEmpty)
            }
        }
    }
}
