import Testing
import TrafficRig

extension FaultSuite {
    /// A machine on which what every program expects is not there.
    @Suite(.serialized, .needsRoot)
    struct BareMachineTests {
        @Test func `without the process table it says so and changes nothing`() async throws {
            try await FaultGround.open(.rollingBack) { ground in
                let before = try ground.everything()
                let done = try await without("mount -t tmpfs none /proc", ground)
                #expect([70, 127].contains(done.status), "\(done)")
                #expect(!done.errors.isEmpty)
                #expect(try ground.everything() == before)
                #expect(try await ground.wrongAnswers(after: done).isEmpty)
            }
        }

        @Test func `a rollback goes on where nobody knows a name and the checks are gone`()
            async throws
        {
            try await FaultGround.open(.rollingBack) { ground in
                let folder = ground.scene.folder
                let pipeline = try folder.read("bluegreen.yaml")
                try folder.write(
                    pipeline.replacing("127.0.0.1", with: "localhost")
                        .replacing("http: /healthz", with: "run: [./gone]"), to: "bluegreen.yaml")
                try folder.write("", to: "nothing")
                let nothing = folder.file("nothing")
                let done = try await without(
                    "mount --bind \(nothing) /etc/hosts; mount --bind \(nothing) /etc/resolv.conf",
                    ground)
                #expect(done.status == 0, "\(done)")
                #expect(try await ground.live() == "blue")
            }
        }

        /// The command of the situation, after `script` in mounts of its own.
        private func without(
            _ script: String, _ ground: FaultGround
        ) async throws -> FinishedProcess {
            try await ground.run([
                "unshare", "--mount", "sh", "-c", "set -e; \(script); exec \"$@\"", "sh",
            ])
        }
    }
}
