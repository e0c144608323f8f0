import Contracts
import PipelineModel
import RunEngine

/// What goes on from here, where nothing has to be looked at first.
extension StatusReport {
    /// What a person left unfinished: a release that waits for its switch, a deploy that was stopped.
    static func next(_ findings: StatusFindings) -> String? {
        let situation = findings.situation
        guard situation.openRun == nil, let idle = situation.liveColor?.other,
            let run = situation.record.run, let outcome = run.outcome
        else { return nil }
        if let ready = situation.record.ready, ready.color == idle {
            guard findings.isServed(idle) else { return nil }
            let command = "bluegreen switch"
            return findings.isFrozen(ready.release)
                ? findings.wayOutOfFreeze(run, ready.release, command) : command
        }
        let plan = run.beginning.plan
        if plan.verb == .abort, situation.record.spoiled == idle { return situation.deployCommand }
        guard plan.to == idle else { return nil }
        guard !findings.isFrozen(plan.release) else {
            return findings.wayOutOfFreeze(run, plan.release, run.beginning.command)
        }
        switch outcome.ending {
        case .interrupted(.aborted): return situation.deployCommand
        case .failedBeforeSwitch, .interrupted:
            return RunWords.next(after: outcome, of: run.beginning)
        case .succeeded, .stoppedAsAsked, .undone, .rolledBackAutomatically, .keptUnhealthy,
            .inconclusive, .rollbackImpossible, .unsettled:
            return nil
        }
    }
}

extension StatusReport {
    /// The same, with commands that can be typed as they stand.
    func advised(_ advice: Advice) -> StatusReport {
        var advised = self
        advised.next = next.map { advice($0) }
        advised.run?.ending = run?.ending.map { advice($0) }
        for index in problems.indices {
            advised.problems[index].next = problems[index].next.map { advice($0) }
        }
        return advised
    }
}

extension StatusFindings {
    /// What is not known may be frozen.
    func isFrozen(_ release: Release?) -> Bool {
        do throws(Failure) {
            try FreezeRules(freezes: try freezes.get(), now: now).judge(release)
            return false
        } catch {
            return true
        }
    }

    /// How `release` goes on by `command` after all, where a freeze has stopped its run; whoever has
    /// frozen what only waits need not be told.
    func wayOutOfFreeze(
        _ run: RunRecord, _ release: Release?, _ command: String
    ) -> String? {
        // A list that cannot be read is a problem of its own.
        guard run.outcome?.ending == .failedBeforeSwitch, run.outcome?.failure?.code == .refused,
            let freezes = try? freezes.get(),
            let freeze = FreezeRules(freezes: freezes, now: now).holding(release)
        else { return nil }
        return "to go on all the same: '\(FreezeRules.command(freeze))', then '\(command)'"
    }

    var wayBack: Prober.Answer? { situation.wayHome.flatMap { direct[$0] } }

    /// What cannot be asked, or only is slow, may serve.
    func isServed(_ color: Color) -> Bool {
        direct[color]?.maybeServes != false
    }

    /// Whether it is known what the live colour answers.
    var isLiveRecognisable: Bool {
        situation.mainColor.flatMap { place.prober?.entrance.expected[$0] } != nil
    }
}
