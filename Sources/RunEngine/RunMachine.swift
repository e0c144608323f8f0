package import Contracts
import PipelineModel

/// Decides what a run does next: a pure value, an event in, an action out.
///
/// Promise: production ends on the colour it began on unless the switch was confirmed and proven and
/// the bake did not fail; traffic goes back by itself at most once; the outcome names where traffic is.
package struct RunMachine: Hashable, Sendable {
    package let plan: RunPlan
    package let epoch: Int
    package internal(set) var state = State.starting
    var round = 0
    var production: Production
    /// What went wrong first: the reason that the outcome names.
    var reason: Failure?
    /// Why the run ends once the share that it had moved is back.
    var stopped: Interruption?
    /// A router holds what was intended last, or may hold it.
    var mayHaveWritten = false
    /// Routers that the last move of traffic does not write, or that `adopt` could not ask, and why.
    var leftOut: [RouterID: String]?
    /// The same for the colour that a way back leaves, where it then cannot be made.
    private(set) var leftBehind: [RouterID: String]?
    /// Those that an earlier run left out: what they show, this one does not know.
    var behind: Set<RouterID> = []
    /// Where a look before a write found traffic, when somebody else had moved it.
    var found: Production?
    /// What was answered last.
    private var underWay: RunAction?

    package init(plan: RunPlan, epoch: Int) {
        self.plan = plan
        self.epoch = epoch
        production =
            switch plan.entry {
            case .rollingBack where plan.isSplit == true, .adopting where plan.isSplit == true:
                .unknown
            case .deploying, .checking, .switching, .rollingBack, .adopting: .untouched(plan.from)
            case .baking, .retiring: .untouched(plan.to)
            case .confirming, .levelling: .unknown
            }
    }

    package enum State: Hashable, Sendable {
        /// Nothing was done. Goes anywhere the plan enters.
        case starting
        /// Routers, and before a switch both colours, are looked at. Then what it is for.
        case preflighting(RunAction.Purpose)
        /// Idle is being marked as no way back, in the journal and in the routers. Then deploying.
        case claiming(Passage)
        /// Idle is being changed by this step. Then the next one, sealing, or the end.
        case deploying(Int)
        /// What is on idle now is being fixed. Then checking.
        case sealing
        /// Idle is asked all checks at once. Then passing, or the end.
        case checking
        /// Every check passed; that is being written down. Then preflighting, or the end.
        case passing
        /// This share of the traffic is moving to the new colour. Then watching it; undoing when not shown.
        case sharing(Int, Passage)
        /// The new colour has a share and is watched. Then the next share, switching, or undoing.
        case watchingShare(Int)
        /// Traffic is moving to the new colour. Then baking or the end; undoing when not shown.
        case switching(Passage)
        /// Traffic is being brought back because the switch, or a share, was not as it must be. Then the end.
        case undoing(Passage)
        /// Nobody can say where traffic is; that is being written down. Then the end.
        case unsettling
        /// Watching the new colour is being announced. Then baking.
        case beginningBake
        /// The new colour is live and watched. Then the end, or asking the old colour.
        case baking
        /// The old colour is being asked whether it is healthier. Then rolling back, or the end.
        case askingWayBack
        /// Traffic is going back. Then the end.
        case rollingBack(Passage)
        /// Traffic is back; the tunnels to the colour that was left are being cut. Then the end.
        case closingTunnels(Outcome.Ending)
        /// Routers that were left out get what the others show. Then the end.
        case levelling(Passage)
        /// The old environment is given up, in the journal and in the routers. Then its steps.
        case retiring(Passage)
        case retiringStep(Int)
        /// Something final is being written down. Then the end.
        case closing(Outcome)
        case ended(Outcome)
    }

    /// How far one datum is on its way into the routers.
    package enum Passage: Hashable, Sendable {
        case intending
        case writing
        case confirming
        case proving
        case completing
    }

    /// A stop request may cut the action under way; otherwise it waits.
    package var isInterruptible: Bool {
        switch state {
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .baking, .watchingShare, .retiringStep:
            true
        // That a bake is owed is written down first, so that somebody can resume it.
        case .beginningBake, .sharing, .switching, .undoing, .unsettling, .askingWayBack,
            .rollingBack,
            .levelling,
            .closingTunnels,
            .retiring, .closing, .ended:
            false
        }
    }

    /// Whether the run goes on when an event cannot be written down: once traffic may have moved,
    /// bringing it to a known place matters more than the record.
    package var goesOnUnrecorded: Bool {
        if plan.isLenient { return true }
        switch state {
        // A share that is there already is no reason to give more of it without a record.
        case .sharing(_, let passage): return passage != .intending
        case .switching(let passage), .levelling(let passage): return passage != .intending
        case .rollingBack(.intending): return plan.entry != .rollingBack
        case .watchingShare, .undoing, .unsettling, .beginningBake, .baking, .askingWayBack,
            .rollingBack, .closingTunnels, .closing, .ended:
            return true
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .retiring, .retiringStep:
            return false
        }
    }

    /// Takes the result of the last action, answers with the next one. Evidence along the way is no
    /// result: the answer is the action that is under way.
    package mutating func handle(_ event: RunEvent) -> RunAction {
        let turn = Turn(event)
        if case .aside = turn, let underWay { return underWay }
        learn(from: event)
        let action =
            switch turn {
            case .interrupted(let interruption): stop(interruption)
            case .failed(let failure): fail(failure)
            case .unknown(let failure): loseSight(failure)
            case .judged(let verdict): judge(verdict)
            case .wayBack(let wayBack): decideWayBack(wayBack)
            // Whatever comes first, the run begins.
            case .advanced, .aside: advance()
            }
        underWay = action
        return action
    }
}

// MARK: - Steps of the machine

extension RunMachine {
    private mutating func learn(from event: RunEvent) {
        switch event {
        case .preflightPassed(let seen): believe(seen)
        case .written, .contradicted, .unreadable: mayHaveWritten = true
        case .canaryIntended(let intent), .switchIntended(let intent), .levelIntended(let intent):
            leftOut = intent.leftOut
        case .adopted(let adoption): leftOut = adoption.leftOut
        case .rollbackIntended(let intent), .undoIntended(let intent):
            leftBehind = leftOut
            leftOut = astray(intent)
        case .began, .adoptIntended, .stopRequested, .failed, .claimIntended, .claimed,
            .stepBegan, .stepSpawned, .stepEnded, .sealed, .checksPassed, .canaryJudged,
            .confirmed, .proved, .notProved, .switched, .undone, .rolledBack,
            .tunnelsClosed, .levelled, .surveyed, .unsettled, .bakeBegan, .bakeJudged,
            .wayBackProbed,
            .tested, .retireIntended, .retired, .ended:
            break
        }
    }

    /// What may show another colour than the one that traffic goes back to. What was left out of this
    /// run's own switch still shows that, unless an earlier run has left it out or, dead, written it.
    private func astray(_ intent: Intent) -> [RouterID: String]? {
        guard plan.verb != .resume else { return intent.leftOut }
        let astray = intent.leftOut?.filter { leftOut?[$0.key] == nil || behind.contains($0.key) }
        return astray?.isEmpty == true ? nil : astray
    }

    /// Traffic goes back from wherever it is, which need not be a colour.
    private mutating func believe(_ seen: [RouterID: Observation]) {
        guard plan.entry == .rollingBack, seen.values.contains(where: { $0.color != plan.from })
        else { return }
        production = .unknown
    }

    mutating func go(_ next: State, _ action: RunAction) -> RunAction {
        state = next
        return action
    }

    mutating func intend(_ purpose: RunAction.Purpose) -> RunAction {
        round += 1
        switch purpose {
        case .claim: state = .claiming(.intending)
        case .canary: state = .sharing(nextShare, .intending)
        case .switching: state = .switching(.intending)
        case .undo: state = .undoing(.intending)
        case .rollback: state = .rollingBack(.intending)
        case .level: state = .levelling(.intending)
        case .retire: state = .retiring(.intending)
        }
        return .intend(purpose, datum)
    }

    /// The value that the present state puts into the routers.
    var datum: Datum {
        let token = Token(epoch: epoch, round: round)
        return switch state {
        case .sharing(let index, _):
            Datum(live: plan.from, idlePercent: percent(index), token: token)
        case .switching: Datum(live: plan.to, token: token)
        case .undoing: Datum(live: plan.to.other, isIdleClaimed: true, token: token)
        case .rollingBack: Datum(live: rollbackTarget, isIdleClaimed: true, token: token)
        case .levelling:
            Datum(live: plan.to, isIdleClaimed: plan.isIdleClaimed ?? true, token: token)
        case .retiring: Datum(live: plan.to, isIdleClaimed: true, token: token)
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .watchingShare, .unsettling, .beginningBake, .baking, .askingWayBack, .closingTunnels,
            .retiringStep, .closing, .ended:
            Datum(live: plan.from, isIdleClaimed: true, token: token)
        }
    }

    func shown(_ color: Color) -> Production {
        plan.isProvenByProbes ? .proven(color) : .readBack(color)
    }
}

extension RunMachine.State {
    /// Traffic may be moving while this state lasts.
    var isMoving: Bool {
        switch self {
        case .switching(let passage), .rollingBack(let passage), .levelling(let passage):
            passage != .intending
        case .sharing(let index, let passage): index > 0 || passage != .intending
        case .watchingShare, .undoing, .unsettling: true
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .beginningBake, .baking, .askingWayBack, .closingTunnels, .retiring, .retiringStep,
            .closing, .ended:
            false
        }
    }
}
