import Testing
import TrafficRig

/// What the real program does when the ground gives way; `make faults` tries every case.
@Suite(.needsStrace)
struct FaultSuite {
    /// `kill -9` before any system call: `status` tells the truth, one command repairs it.
    @Test(arguments: FaultGround.Situation.allCases)
    func `a command killed before any system call leaves a truthful status and a way back`(
        situation: FaultGround.Situation
    ) async throws {
        try await FaultGround.open(situation) { ground in
            let all = try await Injection.calls(of: situation.command, in: ground.scene)
            let sample = FaultSample("kill \(situation)")
            for call in sample.cases(of: all) {
                try ground.reset()
                let ending = try await Injection(call, "signal=KILL")
                    .run(situation.command, in: ground.scene)
                sample.note(
                    call, hit: ending.status == nil,
                    wrong: try await ground.wrongAnswers(after: ending))
            }
            sample.report()
        }
    }
}
