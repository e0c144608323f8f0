import Testing
import TrafficRig

extension FaultSuite {
    /// A machine on which what every program expects is not there.
    @Suite(.serialized, .needsRoot)
    struct BareMachineTests {
        @Test func `without the process table it says so and changes nothing`() async throws {
            try await FaultGround.open(.rollingBack) { ground in
                let before = try ground.everything()
                let done = try await without("mount -t tmpfs none /proc", ground.scene)
                #expect([70, 127].contains(done.status), "\(done)")
                #expect(!done.errors.isEmpty)
                #expect(try ground.everything() == before)
                #expect(try await ground.wrongAnswers(after: done).isEmpty)
            }
        }

        @Test func `a rollback goes on where the checks are gone and nobody knows a name`()
            async throws
        {
            try await Scene.open { scene in
                let pipeline = try scene.folder.read("bluegreen.yaml")
                    .replacing("127.0.0.1", with: "localhost")
                try scene.folder.write(pipeline, to: "bluegreen.yaml")
                #expect(try await scene.run("deploy", "2.0.0").status == 0)
                try scene.folder.write(
                    pipeline.replacing("http: /healthz", with: "run: [./gone]"),
                    to: "bluegreen.yaml")
                try scene.folder.write("", to: "nothing")
                let nothing = scene.folder.file("nothing")
                let script =
                    "mount --bind \(nothing) /etc/hosts; mount --bind \(nothing) /etc/resolv.conf"
                let done = try await without(script, scene)
                // Nobody could ask the public address whether it arrived.
                #expect(done.status == 20, "\(done)")
                #expect(try await scene.live() == "blue")
            }
        }

        /// `rollback`, after `script` in mounts of its own.
        private func without(
            _ script: String, _ scene: any Production
        ) async throws -> FinishedProcess {
            try await ChildProcess.run(
                [
                    "unshare", "--mount", "sh", "-c", "set -e; \(script); exec \"$@\"", "sh",
                    Products.bluegreen, "rollback",
                ], directory: scene.folder.path)
        }
    }
}
