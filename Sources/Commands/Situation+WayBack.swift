import Contracts
import PipelineModel

/// What a rollback has to know of where it could go.
extension Situation {
    /// Nothing was ever deployed there, as far as a whole record tells: what does not serve there is
    /// no release that is down.
    func isBlank(_ color: Color) -> Bool {
        guard case .sound = stored.condition, !isRecordOlder else { return false }
        return record.live?.color == color.other && record.releases[color] == nil
    }

    /// What a person types for a new release, in this situation.
    var deployCommand: String {
        let isUnwatched = if case .orphaned = bake { true } else { false }
        return "bluegreen deploy VERSION"
            + (isUnwatched ? " --consume-rollback --reason TEXT" : "")
    }

    /// Nothing is left to write for a rollback to `color`, nor to be written down.
    func isBack(on color: Color) -> Bool {
        liveColor == color && !isForgetful && !isUnrecordedWayBack && record.openIntent == nil
            && !isRunAlive
    }

    /// Whether a rollback that nobody has finished, or shown to have worked, wrote what routers show.
    var isBackAlready: Bool {
        guard record.run?.beginning.plan.entry == .rollingBack, let intent = record.openIntent,
            intent.isWayBack
        else { return false }
        return liveColor == intent.datum.live
    }

    /// The rollback that goes back from here. One that died is finished by the plain one; after one that
    /// ended, the plain one would go once more to where traffic is already.
    var rollbackCommand: String {
        let hasDied = isBackAlready && record.run?.outcome == nil && !isRunAlive
        guard let liveColor, !hasDied,
            isBackAlready || arrived == liveColor || returned == liveColor
        else { return "bluegreen rollback" }
        return rollbackCommand(to: liveColor.other)
    }

    /// The rollback that leaves a live colour that does not serve.
    var commandAway: String {
        guard let liveColor, isBackAlready else { return rollbackCommand }
        return rollbackCommand(to: liveColor.other)
    }

    /// The command that goes there, with what it takes where a rule would refuse it.
    func rollbackCommand(to target: Color) -> String {
        let command = "bluegreen rollback --to \(target)"
        do throws(Failure) {
            try RollbackRules(situation: self, target: target).judge()
            return command
        } catch {
            return "\(command) --break-glass --reason TEXT"
        }
    }

    /// The one command that resolves it; `isServed`: the live colour answers on its own address.
    func mend(_ drift: Drift, isServed: Bool) -> String {
        guard case .openIntent = drift else { return StatusWords.mend(drift) }
        // Nobody resumes what somebody else has overtaken.
        if isRecordOlder { return "bluegreen adopt" }
        return isBackAlready && !isServed ? commandAway : StatusWords.mend(drift)
    }

    /// How long the write that made the live colour live took to be proven; `nil` where that is not
    /// known, or where errors made it longer.
    func lastProof(in store: any StateStore) -> Duration? {
        // Losing the error is right: what is not known is estimated.
        guard let run = record.live?.run, let entries = (try? store.entries(of: run)) ?? nil else {
            return nil
        }
        let proofs = entries.compactMap { entry -> ProofEvidence? in
            guard case .proved(let evidence) = entry.event, evidence.probes > 0 else { return nil }
            return evidence
        }
        return proofs.last.flatMap { $0.errors == 0 && $0.unserved == nil ? $0.elapsed : nil }
    }

    /// Where a rollback brought traffic to that has not ended yet, or was killed after that.
    var arrived: Color? {
        guard let run = openRun, run.beginning.plan.entry == .rollingBack,
            record.openIntent == nil, record.live?.run == run.beginning.run
        else { return nil }
        return record.live?.color
    }

    /// Where the newest run took traffic back to, and showed that it is there.
    var returned: Color? {
        guard let run = record.run, record.live?.run == run.beginning.run,
            RunWords.whyLeft(run) != nil, record.openIntent == nil, lagging.isEmpty,
            let outcome = run.outcome, outcome.leftOut == nil, !outcome.isUnrecorded,
            let color = outcome.production.color, record.live?.color == color, liveColor == color
        else { return nil }
        return color
    }
}
