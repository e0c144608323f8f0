import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// A clock that is not what it was when the record was written.
private struct ClockChange: CustomStringConvertible {
    let description: String
    /// The words before the command.
    let words: [String]

    /// Under faketime a program that waits waits for ever, so that only verbs are tried that do not.
    static func all(for situation: FaultSituation) -> [ClockChange] {
        switch situation {
        case .switching, .deploying: sinceBoot
        case .rollingBack, .resuming, .aborting: wall + sinceBoot
        }
    }

    private static let sinceBoot = ["3600", "-60"].map { seconds in
        ClockChange(
            description: "\(seconds) seconds since boot",
            words: ["unshare", "-T", "--boottime", seconds, "--monotonic", seconds])
    }

    private static let wall = ["-1h", "+1h", "-10y", "+10y"].map { shift in
        ClockChange(
            description: "wall clock \(shift)",
            words: ["faketime", "--exclude-monotonic", "-f", shift])
    }
}

extension FaultSuite {
    /// A clock decides nothing: not which record is newer, nor how long something may take.
    @Suite(.serialized, .needsRoot, .needsFaketime)
    struct ClockTests {
        @Test(arguments: FaultSituation.allCases)
        func `a clock that jumps does not change what is true`(
            situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation) { ground in
                let sample = FaultSample("clock \(situation)")
                for change in sample.cases(of: ClockChange.all(for: situation)) {
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

extension Trait where Self == ConditionTrait {
    /// Skips, and says so, where faketime is not installed; in CI that is a failure instead.
    static var needsFaketime: Self {
        .enabled(if: FaketimePresence.isEnough, "faketime is not installed")
    }
}

private enum FaketimePresence {
    /// Decided, and said, once per test run.
    static let isEnough: Bool = {
        if environmentVariable("CI") != nil || installedProgram("faketime") != nil { return true }
        print("skipped: faketime is not installed")
        return false
    }()
}
