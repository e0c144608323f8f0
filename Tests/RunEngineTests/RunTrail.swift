import Contracts
import PipelineModel

@testable import RunEngine

/// What happened in one run so far, as far as the promises need it.
struct RunTrail: Hashable {
    private var ends = 0
    private var lastToken = Token(epoch: 40, round: 2)
    private var isMoving = false
    private var hasIntent = false
    private var hasPassedChecks = false
    private var isConfirmed = false
    private var isProven = false
    private var isSwitchShown = false
    private var hasBakePassed = false
    private var hasBakeFailed = false
    private var rollbacks = 0
    private var isRollingBack = false
    private var isStopped = false
    /// A share of the traffic was announced, and neither taken back nor followed by all of it.
    private var isShared = false
    private var hasShareFailed = false
    private var shares: [Int] = []
    private var hasComeBack = false
    /// The routers disagreed when the run looked.
    private var wasSplit = false

    // MARK: - Remembering

    init(_ plan: RunPlan) { hasBakeFailed = plan.openVerdict?.judgement == .failed }

    mutating func take(_ action: RunAction) {
        if case .record(.ended) = action { ends += 1 }
        if case .intend(_, let datum) = action { lastToken = max(lastToken, datum.token) }
    }

    mutating func hear(_ event: RunEvent, _ plan: RunPlan) {
        switch event {
        case .checksPassed: hasPassedChecks = true
        case .preflightPassed(let seen): wasSplit = Set(seen.values.map(\.effective)).count > 1
        case .canaryIntended(let intent):
            (hasIntent, isMoving, isConfirmed, isShared) = (true, true, false, true)
            shares += [intent.datum.idlePercent].compactMap(\.self)
        case .canaryJudged(let verdict): hasShareFailed = verdict.judgement != .passed
        case .switchIntended, .undoIntended:
            (hasIntent, isMoving, isConfirmed) = (true, true, false)
        case .levelIntended: (hasIntent, isMoving, isConfirmed) = (true, true, false)
        case .rollbackIntended:
            (hasIntent, isMoving, isConfirmed) = (true, true, false)
            (rollbacks, isRollingBack) = (rollbacks + 1, true)
        case .confirmed:
            isConfirmed = true
            // Under a share that is shown, a run may be told to stop.
            if isShared { isMoving = false }
        case .proved: isProven = true
        case .switched, .undone, .rolledBack, .levelled:
            (isMoving, isShared) = (false, false)
            if case .switched = event { isSwitchShown = isShown(plan) } else { hasComeBack = true }
        case .bakeJudged(let verdict):
            hasBakeFailed = verdict.judgement == .failed
            hasBakePassed = verdict.judgement == .passed
        case .stopRequested(let interruption):
            if case .superseded = interruption { isShared = false }
            (isStopped, isMoving) = (true, false)
        case .ended: (isStopped, isMoving) = (true, false)
        default: break
        }
    }

    private func isShown(_ plan: RunPlan) -> Bool {
        isConfirmed && (isProven || !plan.isProvenByProbes)
    }

    // MARK: - Promises about each action

    /// `event` is what the action answers.
    func promisesBroken(
        by action: RunAction, on event: RunEvent, _ machine: RunMachine
    ) -> [String] {
        var broken: [String] = []
        func promise(_ isKept: Bool, _ words: String) { if !isKept { broken.append(words) } }
        let plan = machine.plan
        promise(!isMoving || !machine.isInterruptible, "moving traffic is not interrupted")
        switch action {
        case .record(.ended), .finish:
            promise(ends <= 1, "the end is recorded once")
        default:
            promise(!isStopped || isTakingBack(action), "a stopped run only takes a share back")
            let mayLose =
                plan.isLenient || hasIntent || [.confirming, .baking].contains(plan.entry)
            promise(
                mayLose || !machine.goesOnUnrecorded, "nothing goes on unrecorded before intent")
        }
        switch action {
        case .intend(let purpose, let datum):
            promise(datum.token > lastToken, "tokens strictly increase")
            promise(datum.token.epoch == 41 && datum.token.round < 64, "rounds stay inside the run")
            if purpose == .switching || purpose == .canary {
                promise(mayMove(plan), "no switch before passed checks")
                promise(!hasShareFailed, "nothing goes forward after a share that did not pass")
            }
            if purpose == .canary {
                promise(shares == Array(plan.canary?.prefix(shares.count) ?? []), "in order")
            }
            if purpose == .switching, plan.entry != .confirming {
                promise(shares == plan.canary ?? [], "no switch before every share")
            }
            if purpose == .rollback { promise(rollbacks == 0, "at most one rollback") }
        case .write(let purpose, let datum):
            promise(intent(purpose, event) == datum, "a write directly follows its own intent")
            promise(event.isDurable, "an intent is durable")
            promise(isOrdinary(purpose, datum, plan), "no forward write after the way back began")
        case .finish:
            promise(ends == 1, "a run records its end")
        case .closeTunnels(let color):
            promise(hasComeBack, "tunnels are closed only after traffic went back")
            promise(
                color == (plan.entry == .rollingBack ? plan.to.other : plan.to),
                "tunnels to the colour that was left")
        case .record, .confirm, .prove, .perform, .check, .seal, .preflight, .beginBake, .bake,
            .watchShare, .probeWayBack:
            break
        }
        return broken
    }

    /// What a run that was told to stop may still do: bring back what it gave.
    private func isTakingBack(_ action: RunAction) -> Bool {
        guard isShared || hasComeBack else { return false }
        switch action {
        case .intend(let purpose, _), .write(let purpose, _): return purpose == .undo
        case .confirm(let datum): return datum.idlePercent == nil
        case .prove, .closeTunnels, .record(.undone), .record(.unsettled): return true
        case .record, .perform, .check, .seal, .preflight, .beginBake, .bake, .watchShare,
            .probeWayBack, .finish:
            return false
        }
    }

    private func mayMove(_ plan: RunPlan) -> Bool {
        hasPassedChecks || ![.deploying, .checking].contains(plan.entry)
    }

    private func intent(_ purpose: RunAction.Purpose, _ event: RunEvent) -> Datum? {
        switch (purpose, event) {
        case (.canary, .canaryIntended(let intent)), (.claim, .claimIntended(let intent)),
            (.switching, .switchIntended(let intent)),
            (.undo, .undoIntended(let intent)), (.rollback, .rollbackIntended(let intent)),
            (.level, .levelIntended(let intent)), (.retire, .retireIntended(let intent)):
            intent.datum
        default: nil
        }
    }

    private func isOrdinary(
        _ purpose: RunAction.Purpose, _ datum: Datum, _ plan: RunPlan
    ) -> Bool {
        switch purpose {
        case .claim, .undo: datum.live == plan.from && datum.idlePercent == nil
        case .canary:
            datum.live == plan.from && datum.idlePercent != nil && !datum.isIdleClaimed
                && !isStopped && !hasComeBack
        case .switching: datum.live == plan.to && !hasBakeFailed && !isRollingBack
        case .rollback: datum.live == (plan.entry == .rollingBack ? plan.to : plan.to.other)
        case .level: datum.live == plan.to
        case .retire: datum.live == plan.to && datum.isIdleClaimed
        }
    }

    // MARK: - Promises about the end

    func promisesBroken(by outcome: Outcome, _ ghost: GhostFleet, _ plan: RunPlan) -> [String] {
        var broken: [String] = []
        func promise(_ isKept: Bool, _ words: String) { if !isKept { broken.append(words) } }
        if case .interrupted(.superseded) = outcome.ending {
            promise(outcome.production == .unknown, "a superseded run claims nothing")
            return broken
        }
        promise(!ghost.isForeign, "a run that another one replaced says so")
        if let claimed = outcome.production.color {
            for truth in ghost.possible {
                promise(
                    truth.part.allSatisfy { $0.live == claimed && $0.share == nil },
                    "the outcome is true: \(outcome) but \(truth.routers.map(\.live))")
                let others = truth.routers.filter { $0.isOut && $0.live != claimed }
                promise(
                    others.isEmpty || outcome.leftOut != nil || !hasIntent,
                    "a router that was left out elsewhere is named")
            }
            if claimed != plan.from, plan.entry != .rollingBack {
                promise(mayStayNew(outcome, plan), "traffic stays on new only when shown and baked")
            }
        } else {
            promise(mayNotKnow(outcome, plan), "only an unsettled run does not know")
        }
        promise(
            outcome.ending != .unsettled || outcome.production == .unknown,
            "unsettled means unknown")
        promise(hasReason(outcome), "a bad end has a reason")
        if outcome.ending == .succeeded, plan.hasBake {
            promise(hasBakePassed, "only a passed bake is a success")
        }
        return broken
    }

    /// One that took an open intent up and could not announce that it writes it again leaves it open.
    private func mayNotKnow(_ outcome: Outcome, _ plan: RunPlan) -> Bool {
        // Before it wrote anything, the fleet was split already.
        if plan.entry == .levelling { return outcome.ending != .succeeded }
        if plan.entry == .rollingBack, wasSplit || plan.isSplit == true {
            return outcome.ending != .succeeded
        }
        if case .interrupted(.unrecorded) = outcome.ending {
            return plan.entry == .confirming && plan.openToken == nil
        }
        return outcome.ending == .unsettled
    }

    private func mayStayNew(_ outcome: Outcome, _ plan: RunPlan) -> Bool {
        guard isSwitchShown || plan.entry == .baking else { return false }
        return !hasBakeFailed || [.keptUnhealthy, .rollbackImpossible].contains(outcome.ending)
    }

    private func hasReason(_ outcome: Outcome) -> Bool {
        switch outcome.ending {
        case .succeeded, .stoppedAsAsked, .interrupted: true
        case .failedBeforeSwitch, .undone, .rolledBackAutomatically, .keptUnhealthy, .inconclusive,
            .rollbackImpossible, .unsettled:
            outcome.failure != nil
        }
    }
}
