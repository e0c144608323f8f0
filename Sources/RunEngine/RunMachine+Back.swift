import Contracts
import PipelineModel

/// How traffic goes back: undo, rollback, and what a bake says about it.
extension RunMachine {
    mutating func undo(after passage: Passage) -> RunAction {
        switch passage {
        case .intending: return go(.undoing(.writing), .write(.undo, datum))
        case .writing: return go(.undoing(.confirming), .confirm(datum))
        case .confirming where plan.isProvenByProbes:
            return go(.undoing(.proving), .prove(plan.to.other))
        case .confirming, .proving:
            production = shown(plan.to.other)
            return go(.undoing(.completing), .record(.undone))
        case .completing:
            return leave(plan.to, stopped.map(Outcome.Ending.interrupted) ?? .undone)
        }
    }

    var rollbackTarget: Color {
        plan.entry == .rollingBack ? plan.to : plan.to.other
    }

    mutating func rollBack(after passage: Passage) -> RunAction {
        switch passage {
        case .intending: return go(.rollingBack(.writing), .write(.rollback, datum))
        case .writing: return go(.rollingBack(.confirming), .confirm(datum))
        case .confirming where plan.isProvenByProbes:
            return go(.rollingBack(.proving), .prove(rollbackTarget))
        case .confirming, .proving:
            production = shown(rollbackTarget)
            return go(.rollingBack(.completing), .record(.rolledBack(live: rollbackTarget)))
        case .completing:
            return leave(
                rollbackTarget.other,
                plan.entry == .rollingBack ? .succeeded : .rolledBackAutomatically)
        }
    }

    /// Traffic is where it belongs: whatever becomes of the tunnels changes nothing about the end.
    private mutating func leave(_ color: Color, _ ending: Outcome.Ending) -> RunAction {
        guard plan.closesTunnels == true else { return close(ending) }
        return go(.closingTunnels(ending), .closeTunnels(color))
    }

    mutating func judge(_ verdict: BakeVerdict) -> RunAction {
        if case .watchingShare(let index) = state { return judgeShare(index, verdict) }
        switch verdict.judgement {
        case .passed: return close(.succeeded)
        case .inconclusive:
            return inconclusive(
                "The bake was inconclusive: \(verdict.why).", hint: verdict.remedyOfBake)
        case .failed:
            reason = Failure(.checkFailed, "The bake failed: \(verdict.why).")
            guard plan.rollsBackAutomatically else { return close(.keptUnhealthy) }
            return go(.askingWayBack, .probeWayBack(plan.to.other))
        }
    }

    mutating func decideWayBack(_ wayBack: WayBack) -> RunAction {
        guard wayBack.isBetter else {
            reason?.evidence.append(wayBack.evidence)
            return close(.keptUnhealthy)
        }
        return intend(.rollback)
    }

    mutating func inconclusive(_ why: String, hint: String? = nil) -> RunAction {
        reason = reason ?? Failure(.metricUnreadable, why, hint: hint)
        return close(.inconclusive)
    }
}
