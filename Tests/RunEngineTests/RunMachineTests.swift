import Contracts
import PipelineModel
import Testing

@testable import RunEngine

/// The main stories of a run, told event by event.
struct RunMachineTests {
    @Test func `all goes well: production is proven on the new colour`() {
        #expect(
            end(.deploy(hasBake: true), upTo: .switched, then: [judged(.passed)])
                == Outcome(.succeeded, production: .proven(.green)))
    }

    @Test func `a deployment that stops when ready moves nothing`() {
        var plan = RunPlan.deploy()
        plan.destination = .ready
        #expect(end(plan) == Outcome(.stoppedAsAsked, production: .untouched(.blue)))
    }

    @Test func `a switch without a bake stops after the switch`() {
        var plan = RunPlan.deploy(hasBake: true)
        plan.destination = .switched
        #expect(end(plan) == Outcome(.stoppedAsAsked, production: .proven(.green)))
    }

    @Test func `a failed bake goes back to the better old colour`() {
        let outcome = end(
            .deploy(hasBake: true), upTo: .switched,
            then: [judged(.failed), wayBack(isBetter: true)])
        #expect(outcome.ending == .rolledBackAutomatically)
        #expect(outcome.production == .proven(.blue))
        #expect(outcome.failure?.message == "The bake failed: errors 12%.")
    }

    @Test func `a failed bake stays where the old colour is no better`() {
        let outcome = end(
            .deploy(hasBake: true), upTo: .switched,
            then: [judged(.failed), wayBack(isBetter: false)])
        #expect(outcome.ending == .keptUnhealthy)
        #expect(outcome.failure?.evidence == ["blue: 5 of 5 questions failed"])
    }

    @Test func `an inconclusive bake leaves traffic on the new colour`() {
        let outcome = end(
            .deploy(hasBake: true), upTo: .switched, then: [judged(.inconclusive)])
        #expect(outcome.ending == .inconclusive)
        #expect(outcome.production == .proven(.green))
    }

    @Test func `a switch that contradicts is undone`() {
        let outcome = end(
            .deploy(), upTo: .switching, then: [.written([:]), .contradicted(Self.trouble)])
        #expect(outcome.ending == .undone)
        #expect(outcome.production == .proven(.blue))
        #expect(outcome.failure == Self.trouble)
    }

    @Test func `an undo that cannot be seen leaves nobody knowing`() {
        let outcome = end(
            .deploy(), upTo: .switching,
            then: [.written([:]), .unreadable(Self.trouble)], andThen: .unreadable(Self.trouble))
        #expect(outcome.ending == .unsettled)
        #expect(outcome.production == .unknown)
    }

    @Test func `a run that fails says whether it had changed idle by then`() {
        let plan = RunPlan.deploy(steps: ["up"], checks: ["healthy"])
        let isBefore: [Bool?] = [
            claimed(plan) { if case .preflight = $0 { true } else { false } },
            claimed(plan) { if case .intend = $0 { true } else { false } },
            claimed(plan) { if case .write = $0 { true } else { false } },
            claimed(.switching()) { if case .preflight = $0 { true } else { false } },
        ]
        #expect(isBefore == [nil, nil, nil, nil])
        let isAfter: [Bool?] = [
            claimed(plan) { if case .confirm = $0 { true } else { false } },
            claimed(plan) { if case .perform = $0 { true } else { false } },
            claimed(plan) { if case .check = $0 { true } else { false } },
        ]
        #expect(isAfter == [true, true, true])
    }

    /// What the outcome says where the first action that `fails` fails.
    private func claimed(_ plan: RunPlan, _ fails: (RunAction) -> Bool) -> Bool? {
        var machine = RunMachine(plan: plan, epoch: 41)
        var action = machine.handle(.began(.example(plan)))
        while !fails(action) { action = machine.handle(well(action)) }
        action = machine.handle(.failed(Self.trouble))
        while true {
            if case .finish(let outcome) = action { return outcome.hasClaimedIdle }
            action = machine.handle(well(action))
        }
    }

    /// It ended the program.
    @Test func `evidence that is handed over as a result leaves the run where it is`() {
        let mark = StepMark(.deploy, 0, "up")
        let process = ProcessIdentity(pid: 4712, startTime: 100, bootID: "boot-1")
        let evidence: [RunEvent] = [
            .stepBegan(mark), .stepSpawned(mark, process), .surveyed([:]), .tested([]),
        ]
        let plan = RunPlan.deploy(steps: ["up"], checks: ["healthy"])
        var machine = RunMachine(plan: plan, epoch: 41)
        var action = machine.handle(.began(.example(plan)))
        while true {
            let before = machine
            #expect(evidence.map { machine.handle($0) } == evidence.map { _ in action })
            #expect(machine == before)
            if case .finish = action { break }
            action = machine.handle(well(action))
        }
    }

    @Test func `what followed the first failure is kept as evidence`() {
        let later = Failure(.routerRefused, "The undo was refused.")
        let outcome = end(
            .deploy(), upTo: .switching,
            then: [.written([:]), .contradicted(Self.trouble)], andThen: .contradicted(later))
        #expect(outcome.failure?.message == Self.trouble.message)
        #expect(outcome.failure?.evidence == ["The undo was refused."])
    }

    // MARK: - Telling

    private static let trouble = Failure(.notProven, "lb-1 shows blue.")

    private enum Moment {
        case switching
        case switched
    }

    private func judged(_ judgement: BakeVerdict.Judgement) -> RunEvent {
        .bakeJudged(BakeVerdict(judgement, why: "errors 12%", samples: 3))
    }

    private func wayBack(isBetter: Bool) -> RunEvent {
        .wayBackProbed(WayBack(isBetter: isBetter, evidence: "blue: 5 of 5 questions failed"))
    }

    /// Everything goes well up to the moment, then `events` happen, then all goes well again; except
    /// that later confirmations end in `confirmation`.
    private func end(
        _ plan: RunPlan, upTo moment: Moment? = nil, then events: [RunEvent] = [],
        andThen confirmation: RunEvent = .confirmed([:])
    ) -> Outcome {
        var machine = RunMachine(plan: plan, epoch: 41)
        var action = machine.handle(.began(.example(plan)))
        var waiting = events
        var hasBegun = false
        while true {
            if case .finish(let outcome) = action { return outcome }
            hasBegun = hasBegun || moment.map { isReached($0, by: action) } ?? false
            guard hasBegun else {
                action = machine.handle(well(action))
                continue
            }
            if waiting.isEmpty {
                let isConfirming = if case .confirm = action { true } else { false }
                action = machine.handle(isConfirming ? confirmation : well(action))
            } else {
                action = machine.handle(waiting.removeFirst())
            }
        }
    }

    private func isReached(_ moment: Moment, by action: RunAction) -> Bool {
        switch (moment, action) {
        case (.switching, .write(.switching, _)), (.switched, .bake): true
        default: false
        }
    }

    /// How the action ends when all is well.
    private func well(_ action: RunAction) -> RunEvent {
        let ghost = GhostFleet([GhostRouter(.blue)])
        switch action {
        case .confirm: return .confirmed([:])
        case .prove:
            return .proved(
                ProofEvidence(probes: 20, errors: 0, firstNew: nil, lastOld: nil, elapsed: .zero))
        case .record, .intend, .write, .perform, .check, .seal, .preflight, .beginBake, .bake,
            .watchShare, .probeWayBack, .closeTunnels, .finish:
            guard let first = ghost.endings(of: action).first else {
                preconditionFailure("Every action but the last ends in an event.")
            }
            return first.event
        }
    }
}
