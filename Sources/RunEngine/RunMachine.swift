package import Contracts
import PipelineModel

/// Decides what a run does next: a pure value, an event in, an action out.
///
/// Promise: production ends on the colour it began on unless the switch was confirmed and proven and
/// the bake did not fail; traffic goes back by itself at most once; the outcome names where traffic is.
package struct RunMachine: Sendable {
    package let plan: RunPlan
    package let epoch: Int
    package private(set) var state = State.starting
    private var round = 0
    private var production: Production
    /// What went wrong first: the reason that the outcome names.
    private var reason: Failure?

    package init(plan: RunPlan, epoch: Int) {
        self.plan = plan
        self.epoch = epoch
        production = .untouched(plan.from)
    }

    package enum State: Hashable, Sendable {
        /// Nothing was done. Goes anywhere the plan enters.
        case starting
        /// Idle is being marked as no way back, in the journal and in the routers. Then deploying.
        case claiming(Passage)
        /// Idle is being changed by this step. Then the next one, sealing, or the end.
        case deploying(Int)
        /// What is on idle now is being fixed. Then checking.
        case sealing
        /// Idle is asked this check. Then the next one, or ready.
        case checking(Int)
        /// Every check passed; that is being written down. Then preflighting, or the end.
        case passing
        /// Routers and both colours are looked at a last time. Then switching.
        case preflighting
        /// Traffic is moving to the new colour. Then baking or the end; undoing when not shown.
        case switching(Passage)
        /// Traffic is being brought back because the switch could not be shown. Then the end.
        case undoing(Passage)
        /// Nobody can say where traffic is; that is being written down. Then the end.
        case unsettling
        /// Watching the new colour is being announced. Then baking.
        case beginningBake
        /// The new colour is live and watched. Then the end, or asking the old colour.
        case baking
        /// The old colour is being asked whether it is healthier. Then rolling back, or the end.
        case askingWayBack
        /// Rollback by a person: the target is looked at. Then rolling back.
        case preflightingRollback
        /// Traffic is going back. Then the end.
        case rollingBack(Passage)
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
            .baking, .beginningBake, .retiringStep, .preflightingRollback:
            true
        case .switching, .undoing, .unsettling, .askingWayBack, .rollingBack, .retiring, .closing,
            .ended:
            false
        }
    }

    /// Whether the run goes on when an event cannot be written down: once traffic may have moved,
    /// bringing it to a known place matters more than the record.
    package var goesOnUnrecorded: Bool {
        if plan.isLenient { return true }
        switch state {
        case .switching(let passage): return passage != .intending
        case .undoing, .unsettling, .rollingBack, .askingWayBack, .closing, .ended: return true
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .beginningBake, .baking, .preflightingRollback, .retiring, .retiringStep:
            return false
        }
    }

    /// Takes the result of the last action, answers with the next one.
    package mutating func handle(_ event: RunEvent) -> RunAction {
        switch Turn(event) {
        case .aside: preconditionFailure("'\(event)' is evidence, not the result of an action.")
        case .interrupted(let interruption): stop(interruption)
        case .failed(let failure): fail(failure)
        case .unknown(let failure): loseSight(failure)
        case .judged(let verdict): judge(verdict)
        case .wayBack(let wayBack): decideWayBack(wayBack)
        case .advanced: advance()
        }
    }
}

// MARK: - The ordinary path

extension RunMachine {
    private mutating func advance() -> RunAction {
        switch state {
        case .starting: enter()
        case .claiming(let passage): claim(after: passage)
        case .deploying(let index): deployStep(index + 1)
        case .sealing: check(0)
        case .checking(let index): check(index + 1)
        case .passing: readied()
        case .preflighting: intend(.switching)
        case .switching(let passage): switchTraffic(after: passage)
        case .undoing(let passage): undo(after: passage)
        case .unsettling: close(.unsettled)
        case .beginningBake: go(.baking, .bake)
        case .baking, .askingWayBack: inconclusive("The watch ended without a verdict.")
        case .preflightingRollback: intend(.rollback)
        case .rollingBack(let passage): rollBack(after: passage)
        case .retiring(let passage): retire(after: passage)
        case .retiringStep(let index): retireStep(index + 1)
        case .closing(let outcome): go(.ended(outcome), .finish(outcome))
        case .ended(let outcome): .finish(outcome)
        }
    }

    private mutating func enter() -> RunAction {
        switch plan.entry {
        case .deploying: intend(.claim)
        case .checking: check(0)
        case .switching: preflight()
        case .confirming: confirmOpen()
        case .baking: beginBakeOrClose()
        case .rollingBack: go(.preflightingRollback, .preflight(.rollback, plan.to))
        case .retiring: intend(.retire)
        case .adopting: close(.succeeded)
        }
    }

    private mutating func confirmOpen() -> RunAction {
        guard let token = plan.openToken else {
            preconditionFailure("Only an open intent can be confirmed.")
        }
        return go(
            .switching(.confirming), .confirm(Datum(live: plan.to, token: token)))
    }

    private mutating func claim(after passage: Passage) -> RunAction {
        switch passage {
        case .intending: go(.claiming(.writing), .write(.claim, datum))
        case .writing: go(.claiming(.confirming), .confirm(datum))
        case .confirming, .proving: go(.claiming(.completing), .record(.claimed))
        case .completing: deployStep(0)
        }
    }

    private mutating func deployStep(_ index: Int) -> RunAction {
        guard index < plan.deploySteps.count else { return go(.sealing, .seal) }
        return go(
            .deploying(index), .perform(StepMark(.deploy, index, plan.deploySteps[index])))
    }

    private mutating func check(_ index: Int) -> RunAction {
        guard index < plan.checks.count else { return go(.passing, .record(.checksPassed)) }
        return go(.checking(index), .perform(StepMark(.check, index, plan.checks[index])))
    }

    private mutating func readied() -> RunAction {
        plan.destination == .ready ? close(.stoppedAsAsked) : preflight()
    }

    private mutating func preflight() -> RunAction {
        go(.preflighting, .preflight(.switching, plan.to))
    }

    private mutating func switchTraffic(after passage: Passage) -> RunAction {
        switch passage {
        case .intending: return go(.switching(.writing), .write(.switching, datum))
        case .writing: return go(.switching(.confirming), .confirm(datum))
        case .confirming where plan.isProvenByProbes:
            return go(.switching(.proving), .prove(plan.to))
        case .confirming, .proving:
            production = shown(plan.to)
            return go(
                .switching(.completing),
                .record(.switched(live: plan.to, previous: plan.to.other)))
        case .completing:
            return plan.destination == .switched ? close(.stoppedAsAsked) : beginBakeOrClose()
        }
    }

    private mutating func beginBakeOrClose() -> RunAction {
        production = plan.entry == .baking ? .readBack(plan.to) : production
        return plan.hasBake ? go(.beginningBake, .beginBake) : close(.succeeded)
    }

    private mutating func retire(after passage: Passage) -> RunAction {
        switch passage {
        case .intending: go(.retiring(.writing), .write(.retire, datum))
        case .writing: go(.retiring(.confirming), .confirm(datum))
        case .confirming, .proving: retireStep(0)
        case .completing: close(.succeeded)
        }
    }

    private mutating func retireStep(_ index: Int) -> RunAction {
        guard index < plan.retireSteps.count else {
            return go(.retiring(.completing), .record(.retired(plan.to.other)))
        }
        return go(
            .retiringStep(index), .perform(StepMark(.retire, index, plan.retireSteps[index])))
    }
}

// MARK: - The ways back

extension RunMachine {
    private mutating func undo(after passage: Passage) -> RunAction {
        switch passage {
        case .intending: return go(.undoing(.writing), .write(.undo, datum))
        case .writing: return go(.undoing(.confirming), .confirm(datum))
        case .confirming where plan.isProvenByProbes:
            return go(.undoing(.proving), .prove(plan.to.other))
        case .confirming, .proving:
            production = shown(plan.to.other)
            return go(.undoing(.completing), .record(.undone))
        case .completing: return close(.undone)
        }
    }

    private var rollbackTarget: Color {
        plan.entry == .rollingBack ? plan.to : plan.to.other
    }

    private mutating func rollBack(after passage: Passage) -> RunAction {
        switch passage {
        case .intending: return go(.rollingBack(.writing), .write(.rollback, datum))
        case .writing: return go(.rollingBack(.confirming), .confirm(datum))
        case .confirming where plan.isProvenByProbes:
            return go(.rollingBack(.proving), .prove(rollbackTarget))
        case .confirming, .proving:
            production = shown(rollbackTarget)
            return go(.rollingBack(.completing), .record(.rolledBack(live: rollbackTarget)))
        case .completing:
            return close(plan.entry == .rollingBack ? .succeeded : .rolledBackAutomatically)
        }
    }

    private mutating func judge(_ verdict: BakeVerdict) -> RunAction {
        switch verdict.judgement {
        case .passed: return close(.succeeded)
        case .inconclusive: return inconclusive(verdict.why)
        case .failed:
            reason = Failure(.checkFailed, "The bake failed: \(verdict.why).")
            guard plan.rollsBackAutomatically else { return close(.keptUnhealthy) }
            return go(.askingWayBack, .probeWayBack(plan.to.other))
        }
    }

    private mutating func decideWayBack(_ wayBack: WayBack) -> RunAction {
        guard wayBack.isBetter else {
            reason?.evidence.append(wayBack.evidence)
            return close(.keptUnhealthy)
        }
        return intend(.rollback)
    }

    private mutating func inconclusive(_ why: String) -> RunAction {
        reason = reason ?? Failure(.metricUnreadable, why)
        return close(.inconclusive)
    }
}

// MARK: - Trouble

extension RunMachine {
    /// Something certainly did not work.
    private mutating func fail(_ failure: Failure) -> RunAction {
        if failure.code == .superseded { return stop(.superseded(by: epoch + 1)) }
        reason = reason ?? failure
        switch state {
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .retiring, .retiringStep:
            return close(.failedBeforeSwitch)
        case .switching(.intending): return close(.failedBeforeSwitch)
        case .switching(.writing): return nothingWritten()
        case .switching: return intend(.undo)
        case .undoing, .unsettling: return unsettle()
        case .rollingBack(.confirming), .rollingBack(.proving), .rollingBack(.completing):
            return unsettle()
        case .rollingBack, .preflightingRollback: return close(.rollbackImpossible)
        case .beginningBake, .baking: return inconclusive(failure.message)
        case .askingWayBack: return close(.keptUnhealthy)
        case .closing(let outcome), .ended(let outcome):
            return go(.ended(outcome), .finish(outcome))
        }
    }

    /// Every router certainly refused the switch: there is nothing to undo, only to show.
    private mutating func nothingWritten() -> RunAction {
        guard plan.isProvenByProbes else {
            production = .readBack(plan.to.other)
            return go(.undoing(.completing), .record(.undone))
        }
        return go(.undoing(.proving), .prove(plan.to.other))
    }

    /// At least one router could not be read.
    private mutating func loseSight(_ failure: Failure) -> RunAction {
        switch state {
        case .switching:
            reason = reason ?? failure
            return intend(.undo)
        case .undoing, .rollingBack:
            reason = reason ?? failure
            return unsettle()
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .unsettling, .beginningBake, .baking, .askingWayBack, .preflightingRollback,
            .retiring, .retiringStep, .closing, .ended:
            return fail(failure)
        }
    }

    private mutating func unsettle() -> RunAction {
        production = .unknown
        let failure = reason ?? Failure(.notProven, "Nobody can say where traffic is.")
        return go(.unsettling, .record(.unsettled(failure)))
    }

    private mutating func stop(_ interruption: Interruption) -> RunAction {
        switch state {
        case .closing(let outcome), .ended(let outcome):
            return go(.ended(outcome), .finish(outcome))
        case .switching, .undoing, .rollingBack, .unsettling, .retiring:
            // Only a newer owner, or a record that cannot announce the write, stops these.
            if state.isMoving { production = .unknown }
            return close(.interrupted(interruption))
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .beginningBake, .baking, .askingWayBack, .preflightingRollback, .retiringStep:
            return close(.interrupted(interruption))
        }
    }

    private mutating func close(_ ending: Outcome.Ending) -> RunAction {
        let outcome = Outcome(ending, production: production, failure: reason)
        return go(.closing(outcome), .record(.ended(outcome)))
    }
}

// MARK: - Steps of the machine

extension RunMachine {
    private mutating func go(_ next: State, _ action: RunAction) -> RunAction {
        state = next
        return action
    }

    private mutating func intend(_ purpose: RunAction.Purpose) -> RunAction {
        round += 1
        switch purpose {
        case .claim: state = .claiming(.intending)
        case .switching: state = .switching(.intending)
        case .undo: state = .undoing(.intending)
        case .rollback: state = .rollingBack(.intending)
        case .retire: state = .retiring(.intending)
        }
        return .intend(purpose, datum)
    }

    /// The value that the present state puts into the routers.
    private var datum: Datum {
        let token = Token(epoch: epoch, round: round)
        return switch state {
        case .switching: Datum(live: plan.to, token: token)
        case .undoing: Datum(live: plan.to.other, isIdleClaimed: true, token: token)
        case .rollingBack: Datum(live: rollbackTarget, isIdleClaimed: true, token: token)
        case .retiring: Datum(live: plan.to, isIdleClaimed: true, token: token)
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .unsettling, .beginningBake, .baking, .askingWayBack, .preflightingRollback,
            .retiringStep, .closing, .ended:
            Datum(live: plan.from, isIdleClaimed: true, token: token)
        }
    }

    private func shown(_ color: Color) -> Production {
        plan.isProvenByProbes ? .proven(color) : .readBack(color)
    }
}

extension RunMachine.State {
    /// Traffic may be moving while this state lasts.
    fileprivate var isMoving: Bool {
        switch self {
        case .switching(let passage), .undoing(let passage), .rollingBack(let passage):
            passage != .intending
        case .unsettling: true
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .beginningBake, .baking, .askingWayBack, .preflightingRollback, .retiring,
            .retiringStep, .closing, .ended:
            false
        }
    }
}
