import Contracts
import PipelineModel

/// The ordinary path of a run, from its entry to its destination.
extension RunMachine {
    mutating func advance() -> RunAction {
        switch state {
        case .starting: enter()
        case .claiming(let passage): claim(after: passage)
        case .deploying(let index): deployStep(index + 1)
        case .sealing: check()
        case .checking: pass()
        case .passing: readied()
        case .preflighting(let purpose): intend(opening(purpose))
        case .sharing(let index, let passage): share(index, after: passage)
        case .watchingShare(let index):
            judgeShare(
                index, BakeVerdict(.inconclusive, why: "the watch ended without one", samples: 0))
        case .switching(let passage): switchTraffic(after: passage)
        case .undoing(let passage): undo(after: passage)
        case .unsettling: close(.unsettled)
        case .beginningBake: go(.baking, .bake)
        case .baking, .askingWayBack: inconclusive("The watch ended without a verdict.")
        case .rollingBack(let passage): rollBack(after: passage)
        case .closingTunnels(let ending): close(ending)
        case .levelling(let passage): level(after: passage)
        case .retiring(let passage): retire(after: passage)
        case .retiringStep(let index): retireStep(index + 1)
        case .closing(let outcome): go(.ended(outcome), .finish(outcome))
        case .ended(let outcome): .finish(outcome)
        }
    }

    private mutating func enter() -> RunAction {
        switch plan.entry {
        case .deploying: preflight(.claim, plan.from)
        case .checking: check()
        case .switching: preflight(.switching, plan.to)
        case .confirming: confirmOpen()
        case .baking: watch()
        case .rollingBack: preflight(.rollback, plan.to)
        case .retiring: preflight(.retire, plan.to)
        case .adopting: close(.succeeded)
        case .levelling: preflight(.level, plan.to)
        }
    }

    private mutating func watch() -> RunAction {
        guard let verdict = plan.openVerdict else { return beginBakeOrClose() }
        return judge(verdict)
    }

    /// Without a token the routers show the colour but would forget it: it is written again.
    private mutating func confirmOpen() -> RunAction {
        guard let token = plan.openToken else {
            production = .unknown
            return intend(.switching)
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

    private mutating func check() -> RunAction {
        guard !plan.checks.isEmpty else { return pass() }
        return go(.checking, .check(plan.checks.enumerated().map { StepMark(.check, $0, $1) }))
    }

    private mutating func pass() -> RunAction { go(.passing, .record(.checksPassed)) }

    private mutating func readied() -> RunAction {
        plan.destination == .ready ? close(.stoppedAsAsked) : preflight(.switching, plan.to)
    }

    private mutating func preflight(_ purpose: RunAction.Purpose, _ live: Color) -> RunAction {
        go(.preflighting(purpose), .preflight(purpose, live))
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
        plan.hasBake ? go(.beginningBake, .beginBake) : close(.succeeded)
    }

    private mutating func level(after passage: Passage) -> RunAction {
        switch passage {
        case .intending: return go(.levelling(.writing), .write(.level, datum))
        case .writing: return go(.levelling(.confirming), .confirm(datum))
        case .confirming where plan.isProvenByProbes:
            return go(.levelling(.proving), .prove(plan.to))
        case .confirming, .proving:
            production = shown(plan.to)
            return go(.levelling(.completing), .record(.levelled))
        case .completing: return close(.succeeded)
        }
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
