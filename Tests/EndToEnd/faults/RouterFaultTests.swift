import Testing
import TrafficRig

/// Spoils every such command to HAProxy.
private struct RouterFault: CustomStringConvertible {
    let command: HAProxyGates.Command
    let hold: RuntimeGate.Hold
    /// What was held back arrives after the program has given up.
    var isLate = false
    /// Which of several routers have the fault; the first is 0.
    var members = [0]
    var isInFleet = false

    static let ofOne = HAProxyGates.Command.allCases.flatMap { command in
        RuntimeGate.Hold.allCases.map { RouterFault(command: command, hold: $0) }
            + [RouterFault(command: command, hold: .beforeHAProxy, isLate: true)]
    }

    /// Each fault at each member alone, and at several of them.
    static func all(of number: Int) -> [RouterFault] {
        ofOne.enumerated().flatMap { index, fault in
            (0..<number).map { fault.at([$0]) } + fault.atSeveral(index, of: number)
        }
    }

    /// How many, and which, changes from fault to fault.
    private func atSeveral(_ index: Int, of number: Int) -> [RouterFault] {
        guard number > 1 else { return [] }
        let count = 2 + index % (number - 1)
        return [at((index..<index + count).map { $0 % number }.sorted())]
    }

    private func at(_ members: [Int]) -> RouterFault {
        var fault = self
        (fault.members, fault.isInFleet) = (members, true)
        return fault
    }

    var description: String {
        let place = members.map { "lb-\($0 + 1)" }.joined(separator: ", ")
        let fault = "\(command.rawValue) \(isLate ? "late" : "\(hold)")"
        return isInFleet ? "\(fault) at \(place)" : fault
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
                try await spoil(ground, RouterFault.ofOne, "router \(situation)")
            }
        }

        @Test(arguments: [FaultSituation.switching, .rollingBack])
        func `whatever the register of HAProxy answers, or does not, production is told truthfully`(
            situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation, .register) { ground in
                try await spoil(ground, RouterFault.ofOne, "router \(situation) register")
            }
        }

        /// With three and more the second one has a register.
        @Test(arguments: [1, 2, 3, 4, 5], [FaultSituation.switching, .rollingBack])
        func `whatever some routers of several answer, each is told truthfully`(
            number: Int, situation: FaultSituation
        ) async throws {
            try await spoil(number, situation)
        }

        @Test(arguments: [2, 5])
        func `whatever some routers of several answer to a resume, each is told truthfully`(
            number: Int
        ) async throws {
            try await spoil(number, .resuming)
        }

        private func spoil(_ number: Int, _ situation: FaultSituation) async throws {
            try await FaultGround.open(situation, fleet: number) { ground in
                try await spoil(
                    ground, RouterFault.all(of: number), "router of \(number) \(situation)")
            }
        }

        private func spoil(
            _ ground: FaultGround, _ all: [RouterFault], _ kind: String
        ) async throws {
            let sample = FaultSample(kind)
            for fault in sample.cases(of: all) {
                try ground.reset()
                let gates = fault.members.map { ground.gates[$0] }
                for gate in gates { gate.hold(fault.command, fault.hold) }
                let ending = try await ground.scene.run(ground.situation.command)
                let status = try await ground.scene.run("status")
                let isHit = gates.contains(where: \.hasStruck)
                for gate in gates {
                    if fault.isLate { try await gate.releaseAndWait() } else { gate.forget() }
                }
                // A router that tells yesterday's news makes a liar of whoever believes it.
                let isTold = fault.hold != .stale
                var wrong = try await ground.wrongAnswers(
                    after: isTold ? ending : nil, by: sample.repair(after: fault),
                    allowing: isTold ? [] : .unrecorded)
                if fault.command == .any, isTold, status.status == 0 {
                    wrong.append("status is 0 while nobody answers")
                }
                sample.note(fault, hit: isHit, wrong: wrong)
            }
            sample.report()
        }
    }
}
