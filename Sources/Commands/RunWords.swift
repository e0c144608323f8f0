import Console
import Contracts
import PipelineModel

/// Words for runs, phases and outcomes, the same in every verb.
enum RunWords {
    /// `r-000041-7k3q9x (deploy, ana@ci-7, pid 4711) is baking, for 3m more`
    static func holder(_ run: RunRecord, bake: BakeRecord?, now: WallTime) -> String {
        var text = "Run \(run.beginning.run) (\(run.beginning.plan.verb.rawValue), "
        text += owner(run.beginning.owner) + ") is \(phase(run.phase))"
        if run.phase == .baking, let bake, bake.run == run.beginning.run {
            let rest = bake.length - now.elapsed(since: bake.began)
            text += rest > .zero ? ", for about \(rest.worded) more" : ", about to end"
        }
        return text + "."
    }

    static func owner(_ owner: Owner) -> String {
        "\(owner.user)@\(owner.host), pid \(owner.process.pid)"
    }

    static func phase(_ phase: RunPhase) -> String {
        switch phase {
        case .starting: "starting"
        case .deploying: "deploying"
        case .checking: "checking"
        case .ready: "ready to switch"
        case .switching: "moving traffic"
        case .undoing: "undoing its switch"
        case .unsettled: "unsettled"
        case .baking: "baking"
        case .judged: "acting on its bake's verdict"
        case .rollingBack: "rolling back"
        case .retiring: "retiring"
        case .ended: "ended"
        }
    }

    /// Where this run leaves production; one that was outrun does not know what comes next.
    static func production(of outcome: Outcome) -> String {
        guard case .interrupted(.superseded) = outcome.ending, let color = outcome.production.color
        else { return production(outcome.production) }
        return "on \(color) as this run leaves it; the newer run decides now ('bluegreen status')"
    }

    static func production(_ production: Production) -> String {
        switch production {
        case .untouched(let color): "on \(color), not touched"
        case .proven(let color): "on \(color), proven from outside"
        case .readBack(let color): "on \(color), confirmed by the router"
        case .unknown: "UNKNOWN: look at it now ('bluegreen status')"
        }
    }

    /// One sentence for the end of a run.
    static func ending(_ outcome: Outcome, of plan: RunPlan) -> String {
        let release = plan.release.map { " " + $0.version } ?? ""
        switch outcome.ending {
        case .succeeded: return succeeded(plan, release)
        case .stoppedAsAsked:
            return plan.destination == .ready
                ? "\(plan.to)\(release) is ready; switch with 'bluegreen switch'"
                : "\(plan.to)\(release) is live; nobody watches it"
        case .failedBeforeSwitch: return "\(plan.verb.rawValue) failed; production was not touched"
        case .undone: return "the switch to \(plan.to)\(release) was undone"
        case .rolledBackAutomatically:
            return "\(plan.to)\(release) was bad; traffic went back to \(plan.to.other)"
        case .keptUnhealthy:
            return "\(plan.to)\(release) is UNHEALTHY and stays live: going back would not help"
        case .inconclusive:
            return "\(plan.to)\(release) is live, but its bake is INCONCLUSIVE"
        case .interrupted(let interruption): return words(interruption)
        case .rollbackImpossible: return "rollback to \(plan.to) is NOT POSSIBLE now"
        case .unsettled: return "NOBODY KNOWS where traffic is"
        }
    }

    private static func succeeded(_ plan: RunPlan, _ release: String) -> String {
        switch plan.verb {
        case .deploy, .switch, .resume:
            plan.entry == .rollingBack
                ? "traffic is back on \(plan.to)" : "\(plan.to)\(release) is live"
        case .rollback: "traffic is back on \(plan.to)"
        case .retire: "\(plan.to.other) is retired"
        case .adopt: "\(plan.to) is accepted as live"
        case .abort: "the run was stopped; production was not touched"
        }
    }

    private static func words(_ interruption: Interruption) -> String {
        switch interruption {
        case .signal(let number): "stopped by signal \(number)"
        case .aborted: "stopped by 'bluegreen abort'"
        case .superseded(let epoch): "stopped: run \(epoch) owns the service now"
        case .timedOut: "stopped: --timeout passed"
        case .unrecorded: "stopped: the record cannot be written"
        }
    }
}
