import Testing
import TrafficRig

/// What is left of what resolves names.
private enum Resolver: String, CaseIterable, CustomStringConvertible {
    case knowsNothing = "nobody knows a name"
    case hangs = "the resolver does not answer"

    var description: String { rawValue }

    var script: String {
        switch self {
        case .knowsNothing:
            """
            : > nothing
            mount --bind nothing /etc/hosts; mount --bind nothing /etc/resolv.conf
            """
        // Who opens it waits for somebody to write.
        case .hangs: "mkfifo silent; mount --bind silent /etc/hosts"
        }
    }
}

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

        @Test(arguments: Resolver.allCases)
        fileprivate func `a rollback goes on where the checks are gone and names are not resolved`(
            resolver: Resolver
        ) async throws {
            try await Scene.openByName { scene in
                let pipeline = try scene.folder.read("bluegreen.yaml")
                try scene.folder.write(
                    pipeline.replacing("http: /healthz", with: "run: [./gone]"),
                    to: "bluegreen.yaml")
                let done = try await without(resolver.script, scene)
                #expect(done.status == 0, "\(done)")
                #expect(done.errors.contains("localhost is not resolved in time"), "\(done)")
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
