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

    /// `r-000041`: the beginning of a run's name, which 'bluegreen show' takes too.
    static func name(_ epoch: Int) -> String {
        let digits = String(epoch)
        return "r-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
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
        case .canary: "in its canary"
        case .switching: "moving traffic"
        case .switched: "finishing its switch"
        case .undoing: "undoing its switch"
        case .unsettled: "unsettled"
        case .baking: "baking"
        case .judged: "acting on its bake's verdict"
        case .rollingBack: "rolling back"
        case .levelling: "bringing routers level"
        case .retiring: "retiring"
        case .ended: "ended"
        }
    }

    /// Where this run leaves production; of one that was outrun, only what it saw last is known, unless
    /// its `successor` moves nothing.
    static func production(
        of outcome: Outcome, by verb: Verb?, successor: RunBeginning? = nil
    ) -> String {
        if let leftOut = outcome.leftOut, let color = outcome.production.color {
            return "on \(color) except \(names(leftOut)), left out and NOT moved"
        }
        // Its outcome has the color that was live before; somebody else may have moved traffic since.
        if outcome.ending == .failedBeforeSwitch, outcome.failure?.code == .drift {
            return "where 'bluegreen status' finds it, not touched by this run"
        }
        guard case .interrupted(.superseded(let epoch)) = outcome.ending,
            successor?.plan.verb != .abort, let color = outcome.production.color
        else {
            // What it takes up is the work of another run, which may have touched it.
            if verb == .resume, case .untouched(let color) = outcome.production {
                return "on \(color), not moved by this run"
            }
            return production(outcome.production)
        }
        return "where run \(name(epoch)) brings it ('bluegreen status'); it was on \(color) when"
            + " this one looked last"
    }

    /// `lb-2: not asked for; lb-3: HAProxy did not answer at /run/lb-3.sock`
    static func list(_ routers: [RouterID: String]) -> String {
        routers.sorted { $0.key < $1.key }.map { id, why in
            let words = why.hasSuffix(".") ? String(why.dropLast()) : why
            return words.hasPrefix("\(id):") ? words : "\(id): \(words)"
        }.joined(separator: "; ")
    }

    /// `lb-2, lb-3`
    static func names(_ routers: [RouterID: String]) -> String {
        routers.keys.sorted().map(\.name).joined(separator: ", ")
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
        let sentence = sentence(outcome, plan)
        guard let leftOut = outcome.leftOut, outcome.production.color != nil else {
            return sentence
        }
        return "\(sentence), except on \(names(leftOut))"
    }

    private static func sentence(_ outcome: Outcome, _ plan: RunPlan) -> String {
        let release = plan.release.map { " " + $0.version } ?? ""
        switch outcome.ending {
        case .succeeded: return succeeded(plan, release)
        case .stoppedAsAsked:
            return plan.destination == .ready
                ? "\(plan.to)\(release) is ready; switch with 'bluegreen switch'"
                : "\(plan.to)\(release) is live; nobody watches it"
        case .failedBeforeSwitch where outcome.failure?.code == .refused:
            return "\(plan.verb.rawValue) was refused"
        case .failedBeforeSwitch: return "\(plan.verb.rawValue) failed"
        case .undone where plan.canary != nil:
            return "\(plan.to)\(release) gets no traffic; it was taken back"
        case .undone: return "the switch to \(plan.to)\(release) was undone"
        case .rolledBackAutomatically:
            return "\(plan.to)\(release) was bad; traffic went back to \(plan.to.other)"
        case .keptUnhealthy:
            let why =
                plan.rollsBackAutomatically
                ? "\(plan.to.other) is no better" : "'rollback.auto' is off"
            return "\(plan.to)\(release) is UNHEALTHY and stays live: \(why)"
        case .inconclusive:
            return "\(plan.to)\(release) is live, but its bake is INCONCLUSIVE"
        case .interrupted(let interruption): return "stopped: \(cause(interruption))"
        case .rollbackImpossible: return "rollback to \(plan.to) is NOT POSSIBLE now"
        case .unsettled: return "NOBODY KNOWS where traffic is"
        }
    }

    /// Why traffic left the other colour, where a run of this kind put traffic where it is.
    static func whyLeft(_ run: RunRecord) -> String? {
        switch run.outcome?.ending {
        case .rolledBackAutomatically: "failed its bake"
        case .succeeded where run.beginning.plan.entry == .rollingBack: "rolled back from"
        case .succeeded, .stoppedAsAsked, .failedBeforeSwitch, .undone, .keptUnhealthy,
            .inconclusive, .interrupted, .rollbackImpossible, .unsettled, nil:
            nil
        }
    }

    private static func succeeded(_ plan: RunPlan, _ release: String) -> String {
        switch plan.verb {
        case .deploy, .switch, .resume:
            switch plan.entry {
            case .rollingBack: "traffic is back on \(plan.to)"
            case .levelling: "every router shows \(plan.to)\(release) again"
            case .baking: "\(plan.to)\(release) is live and has passed its bake"
            case .retiring: retired(plan)
            case .deploying, .checking, .switching, .confirming, .adopting:
                "\(plan.to)\(release) is live"
            }
        case .rollback: "traffic is back on \(plan.to)"
        case .retire: retired(plan)
        case .adopt: "\(plan.to) is accepted as live"
        case .abort: "the run was stopped"
        }
    }

    private static func retired(_ plan: RunPlan) -> String {
        plan.retireSteps.isEmpty
            ? "\(plan.to.other) is no way back any more; nothing was stopped (no retire.steps)"
            : "\(plan.to.other) is retired"
    }

    /// `by 'bluegreen abort' of ana@ci-7, pid 4711: wrong version`
    static func by(_ successor: RunBeginning) -> String {
        "by 'bluegreen \(successor.plan.verb.rawValue)' of \(owner(successor.owner))"
            + (successor.reason.map { ": \($0)" } ?? "")
    }

    static func cause(_ interruption: Interruption) -> String {
        switch interruption {
        case .signal(2): "Ctrl-C"
        case .signal(15): "SIGTERM"
        case .signal(let number): "signal \(number)"
        case .aborted: "an abort"
        case .superseded(let epoch): "run \(name(epoch)) has taken over"
        case .timedOut: "--timeout passed"
        case .unrecorded(let failure):
            failure.message.hasSuffix(".") ? String(failure.message.dropLast()) : failure.message
        }
    }

    /// The next command, where the failure itself does not name it.
    static func next(after outcome: Outcome, of beginning: RunBeginning) -> String? {
        let plan = beginning.plan
        return switch outcome.ending {
        case .succeeded, .stoppedAsAsked:
            outcome.leftOut.map { "'bluegreen resume' brings \(names($0)) level" }
        // Nothing of the release is to be mended.
        case .failedBeforeSwitch where outcome.failure?.code == .refused:
            "'\(beginning.command)' begins again"
        case .failedBeforeSwitch: "mend it, then again: '\(beginning.command)'"
        case .undone, .rolledBackAutomatically:
            outcome.leftOut.map { "'bluegreen resume' brings \(names($0)) level" }
                ?? "mend the release, then 'bluegreen deploy VERSION'"
        case .keptUnhealthy: "decide: a mended release, or go back; \(wayBack)"
        case .inconclusive: "'bluegreen resume' watches again; \(wayBack)"
        case .interrupted(.superseded), .interrupted(.aborted): "'bluegreen status' shows what is"
        // A canary was taken back: nothing is left to watch.
        case .interrupted where outcome.production.color == plan.from && plan.from != plan.to:
            afterInterruption(.untouched(plan.from), beginning)
        case .interrupted: afterInterruption(outcome.production, beginning)
        case .rollbackImpossible, .unsettled: "'bluegreen status' asks every router again"
        }
    }

    /// Of a run whose process is gone. What has not switched is first of all stopped: to go on ships it.
    static func next(afterDeathOf run: RunRecord) -> String {
        let plan = run.beginning.plan
        switch (run.phase, plan.entry) {
        case (_, .adopting): return "bluegreen \(plan.verb.rawValue)"
        case (.starting, .deploying), (.starting, .checking), (.starting, .switching),
            (.deploying, _), (.checking, _), (.ready, _):
            let release = plan.release.map { $0.version } ?? "\(plan.to)"
            return "bluegreen abort, or 'bluegreen resume' to go on and put \(release) live"
        case (.starting, _), (.canary, _), (.switching, _), (.switched, _), (.undoing, _),
            (.unsettled, _), (.baking, _), (.judged, _), (.rollingBack, _), (.levelling, _),
            (.retiring, _), (.ended, _):
            return "bluegreen resume"
        }
    }

    /// Whether there is one is asked at that moment, not remembered from the beginning of the run.
    private static let wayBack = "'bluegreen status' says whether 'bluegreen rollback' is ready"

    private static func afterInterruption(
        _ production: Production, _ beginning: RunBeginning
    ) -> String {
        switch production {
        case .untouched: "'\(beginning.command)' begins again"
        case .proven, .readBack: "'bluegreen resume' watches on; \(wayBack)"
        case .unknown: "'bluegreen status', then 'bluegreen resume' or 'bluegreen rollback'"
        }
    }
}
