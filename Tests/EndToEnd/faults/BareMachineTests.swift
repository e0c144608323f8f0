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
            try await FaultSample.one("bare machine", "no process table") { wrong in
                try await FaultGround.open(.rollingBack) { ground in
                    let before = try ground.everything()
                    let done = try await without("mount -t tmpfs none /proc", ground.scene)
                    if ![70, 127].contains(done.status) || done.errors.isEmpty {
                        wrong.append("\(done)")
                    }
                    if try ground.everything() != before { wrong.append("something changed") }
                    wrong += try await ground.wrongAnswers(after: done)
                }
            }
        }

        @Test(arguments: Resolver.allCases)
        fileprivate func `a rollback goes on where the checks are gone and names are not resolved`(
            resolver: Resolver
        ) async throws {
            try await FaultSample.one("bare machine", resolver) { wrong in
                try await Scene.openByName { scene in
                    try scene.change("http: /healthz", to: "run: [./gone]")
                    let done = try await without(resolver.script, scene)
                    let isTold = done.errors.contains("localhost is not resolved in time")
                    if done.status != 0 || !isTold { wrong.append("\(done)") }
                    let live = try await scene.live()
                    if live != "blue" { wrong.append("\(live ?? "nobody") is live") }
                }
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
