import FoundationEssentials
import Testing
import TrafficRig

/// A clock that is not what it was when the record was written.
private struct ClockChange: CustomStringConvertible {
    let description: String
    /// The words before the command.
    let words: [String]

    static let all = sinceBoot + wall

    private static let sinceBoot = ["3600", "-60"].map { seconds in
        ClockChange(
            description: "\(seconds) seconds since boot",
            words: ["unshare", "-T", "--boottime", seconds, "--monotonic", seconds])
    }

    private static let wall = [("1 hour", 3600), ("10 years", 315_360_000)]
        .flatMap { name, seconds in [("+" + name, seconds), ("-" + name, -seconds)] }
        .map { name, seconds in
            ClockChange(
                description: "wall clock \(name)",
                words: ["env", "LD_PRELOAD=\(Products.clockShift)", "CLOCK_SHIFT=\(seconds)"])
        }
}

extension FaultSuite {
    /// A clock decides nothing: not which record is newer, nor how long something may take.
    @Suite(.serialized, .needsRoot)
    struct ClockTests {
        @Test(arguments: FaultSituation.allCases)
        func `a clock that jumps does not change what is true`(
            situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation) { ground in
                let sample = FaultSample("clock \(situation)")
                for change in sample.cases(of: ClockChange.all) {
                    try ground.reset()
                    let ending = try await ChildProcess.run(
                        change.words + [Products.bluegreen] + situation.command,
                        directory: ground.scene.folder.path)
                    var wrong = try await ground.wrongAnswers(
                        after: ending, by: sample.repair(after: change))
                    if ending.status != 0 { wrong.append("\(ending)") }
                    sample.note(change, hit: true, wrong: wrong)
                }
                sample.report()
            }
        }
    }
}
