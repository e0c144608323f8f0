import Glibc
import Testing
import TrafficRig

/// So many processes and threads of one user, who else has none.
private struct Crowding: CustomStringConvertible {
    let number: Int

    var description: String { "--nproc=\(number)" }

    /// The words before the command. The limit is of the real user; the effective one stays root, to
    /// whom the files belong, without the right to ignore it.
    var words: [String] {
        [
            "setpriv", "--ruid=64999", "--inh-caps=-all",
            "--bounding-set=-sys_resource,-sys_admin", "prlimit", "--nproc=\(number):\(number)",
        ]
    }

    static let all = (0...16).map { Crowding(number: $0) }
}

extension FaultSuite {
    /// A machine, or a container, that gives a command too few threads and processes.
    @Suite(.serialized)
    struct ThreadTests {
        @Test func `a rollback goes on where no thread is left for signals`() async throws {
            try await FaultSample.one("threads", "none for signals") { wrong in
                try await FaultGround.open(.rollingBack) { ground in
                    let done = try await Injection(call: "clone3", 1, "error=EAGAIN")
                        .run(["rollback"], in: ground.scene)
                    if done.status != 0 { wrong.append("\(done)") }
                    let live = try await ground.live()
                    if live != "blue" { wrong.append("\(live) is live") }
                }
            }
        }

        /// The system changes its mind: the next one who asks gets a thread.
        @Test(arguments: FaultSituation.plain)
        func `a thread or process that the kernel refuses once is told truthfully`(
            situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation) { ground in
                let calls = try await Injection.calls(of: situation.command, in: ground.scene) {
                    $0.contains("clone") || $0.contains("fork(")
                }
                try await ground.inject(
                    calls.map { Injection($0, "error=EAGAIN") }, "threads \(situation)")
            }
        }

        @Test(.needsRoot, arguments: FaultSituation.plain)
        func `a limit of threads is met in time, and production is told truthfully`(
            situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation) { ground in
                let sample = FaultSample("crowd \(situation)")
                for crowding in sample.cases(of: Crowding.all) {
                    try ground.reset()
                    let ending = try await ground.run(crowding.words)
                    let wrong = try await ground.wrongAnswers(
                        after: ending, by: sample.repair(after: crowding))
                    sample.note(
                        crowding, hit: ending.status != 0, wrong: wrong)
                }
                sample.report()
            }
        }
    }
}
