import Contracts
import PipelineModel

/// What a run does when something failed, cannot be seen, or is told to stop.
extension RunMachine {
    /// Something certainly did not work.
    mutating func fail(_ failure: Failure) -> RunAction {
        if failure.code == .superseded { return stop(.superseded(by: epoch + 1)) }
        blame(failure)
        if case .preflighting = state, case .untouched(let color) = production, let found,
            found.color != color
        {
            production = found
        }
        switch state {
        case .preflighting(.rollback), .rollingBack(.intending): return close(.rollbackImpossible)
        case .rollingBack(.writing):
            leftOut = leftBehind ?? leftOut
            return close(.rollbackImpossible)
        case .switching(.intending) where isShared: return intend(.undo)
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .sharing(0, .intending), .switching(.intending), .levelling(.intending), .retiring,
            .retiringStep:
            return close(.failedBeforeSwitch)
        // An open intent that is written again was written once already.
        case .switching(.writing) where plan.entry != .confirming && plan.canary == nil:
            return nothingWritten()
        case .sharing(0, .writing): return nothingWritten()
        case .sharing, .switching: return intend(.undo)
        case .watchingShare, .undoing, .unsettling, .beginningBake, .baking, .rollingBack,
            .levelling:
            return unsettle()
        case .askingWayBack: return close(.keptUnhealthy)
        case .closingTunnels(let ending): return close(ending)
        case .closing(let outcome), .ended(let outcome):
            return go(.ended(outcome), .finish(outcome))
        }
    }

    /// Every router certainly refused the switch: there is nothing to undo, only to show.
    private mutating func nothingWritten() -> RunAction {
        guard plan.isProvenByProbes else { return go(.undoing(.completing), .record(.undone)) }
        return go(.undoing(.proving), .prove(plan.to.other))
    }

    /// At least one router could not be read.
    mutating func loseSight(_ failure: Failure) -> RunAction {
        switch state {
        case .sharing, .switching:
            blame(failure)
            return intend(.undo)
        case .undoing, .rollingBack, .levelling:
            blame(failure)
            return unsettle()
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .watchingShare, .unsettling, .beginningBake, .baking, .askingWayBack, .closingTunnels,
            .retiring, .retiringStep, .closing, .ended:
            return fail(failure)
        }
    }

    /// What went wrong first is the reason; what followed is evidence.
    mutating func blame(_ failure: Failure) {
        if reason == nil {
            reason = failure
        } else {
            reason?.evidence.append(failure.message)
        }
    }

    private mutating func unsettle() -> RunAction {
        production = .unknown
        let failure = reason ?? Failure(.notProven, "Nobody can say where traffic is.")
        return go(.unsettling, .record(.unsettled(failure)))
    }

    /// A share is taken back first. Only a newer run, or a record that cannot announce a write, stops a run that moves traffic.
    mutating func stop(_ interruption: Interruption) -> RunAction {
        let isSuperseded = if case .superseded = interruption { true } else { false }
        if isShared, !isSuperseded {
            stopped = interruption
            return intend(.undo)
        }
        if isSuperseded || state.isMoving { production = .unknown }
        guard case .closing(var outcome) = state else { return close(.interrupted(interruption)) }
        // The end could not be written down because another run owns the service: it decides now.
        if isSuperseded {
            outcome.ending = .interrupted(interruption)
            outcome.production = .unknown
        }
        return go(.ended(outcome), .finish(outcome))
    }

    mutating func close(_ ending: Outcome.Ending) -> RunAction {
        var outcome = Outcome(
            ending, production: production, failure: reason, leftOut: leftOut)
        if ending == .failedBeforeSwitch, hasClaimedIdle { outcome.hasClaimedIdle = true }
        return go(.closing(outcome), .record(.ended(outcome)))
    }

    private var hasClaimedIdle: Bool {
        switch state {
        case .starting, .preflighting(.claim), .claiming(.intending), .preflighting(.retire),
            .retiring(.intending), .levelling:
            false
        case .claiming(.writing), .retiring(.writing): mayHaveWritten
        case .claiming, .deploying, .retiring, .retiringStep: true
        case .sealing, .checking, .passing, .preflighting, .sharing, .watchingShare, .switching,
            .undoing, .unsettling, .beginningBake, .baking, .askingWayBack, .rollingBack,
            .closingTunnels, .closing, .ended:
            plan.entry == .deploying
        }
    }
}
