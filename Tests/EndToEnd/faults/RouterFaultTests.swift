import Testing
import TrafficRig

/// Spoils every command to HAProxy that has `command` in it.
private struct RouterFault: CustomStringConvertible {
    let command: String
    let hold: RuntimeGate.Hold
    /// What was held back arrives after the program has given up.
    var isLate = false

    static let all = ["set map", "get map", "show stat", ""].flatMap { command in
        RuntimeGate.Hold.allCases.map { RouterFault(command: command, hold: $0) }
            + [RouterFault(command: command, hold: .beforeHAProxy, isLate: true)]
    }

    var description: String {
        "\(command.isEmpty ? "any command" : command) \(isLate ? "late" : "\(hold)")"
    }
}

extension FaultSuite {
    /// A router that hangs, refuses, loses its answers, or answers late, by half, or with garbage.
    @Suite(.serialized)
    struct RouterFaultTests {
        @Test(arguments: [FaultSituation.switching, .rollingBack, .resuming])
        func `whatever HAProxy answers, or does not, production is told truthfully`(
            situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation) { ground in
                try await spoil(ground, "router \(situation)")
            }
        }

        /// The last one of `number` has the fault.
        @Test(arguments: [1, 2, 3, 5], [FaultSituation.switching, .rollingBack])
        func `whatever one router of several answers, each is told truthfully`(
            number: Int, situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation, fleet: number) { ground in
                try await spoil(ground, "router of \(number) \(situation)")
            }
        }

        private func spoil(_ ground: FaultGround, _ kind: String) async throws {
            let sample = FaultSample(kind)
            let gate = try ground.gate
            for fault in sample.cases(of: RouterFault.all) {
                try ground.reset()
                gate.hold(fault.command, fault.hold)
                let ending = try await ground.scene.run(ground.situation.command)
                let status = try await ground.scene.run("status")
                let isHit = gate.hasStruck
                if fault.isLate { try await gate.releaseAndWait() } else { gate.forget() }
                // A router that tells yesterday's news makes a liar of whoever believes it.
                let isTold = fault.hold != .stale
                var wrong = try await ground.wrongAnswers(
                    after: isTold ? ending : nil, by: sample.repair(after: fault),
                    allowing: isTold ? [] : .unrecorded)
                if fault.command.isEmpty, isTold, status.status == 0 {
                    wrong.append("status is 0 while nobody answers")
                }
                sample.note(fault, hit: isHit, wrong: wrong)
            }
            sample.report()
        }
    }
}
