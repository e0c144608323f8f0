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

    /// A way back to that colour was begun, and routers show it: only the proof is missing.
    func isArriving(on color: Color) -> Bool {
        liveColor == color && record.openIntent?.isWayBack == true
            && record.openIntent?.datum.live == color
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
    func rollbackCommand(to target: Color, isDead: Bool = false) -> String {
        let command = "bluegreen rollback --to \(target)"
        do throws(Failure) {
            try RollbackRules(situation: self, target: target).judge()
            if !isDead { return command }
        } catch {
            // What refuses it is said by whoever goes there.
        }
        return "\(command) --break-glass --reason TEXT"
    }

    /// The colour that is idle because it was retired.
    var retiredIdle: Color? {
        guard let retired = record.retired, retired == liveColor?.other else { return nil }
        return retired
    }

    /// `green 2.7`, as far as it is known.
    func named(_ color: Color) -> String {
        "\(color)" + (record.releases[color].map { " \($0.version)" } ?? "")
    }

    /// Why traffic left that colour last, where nothing was done with it since.
    func whyLeft(_ color: Color) -> String? {
        guard let run = record.run, record.live?.run == run.beginning.run, !isRecordOlder,
            liveColor == color.other, record.live?.color == liveColor
        else { return nil }
        return RunWords.whyLeft(run)
    }

    /// The one command that resolves it; `isServed`: that colour answers on its own address.
    func mend(_ drift: Drift, isServed: (Color) -> Bool) -> String {
        let mend = StatusWords.mend(drift)
        if case .notDurable(let id, _) = drift, let place = inMemory[id] {
            return "move what is in \(place) to a disk, below /var/lib, and name that place in the"
                + " proxy's configuration and in the pipeline"
        }
        switch drift {
        case .openIntent:
            // Nobody resumes what somebody else has overtaken.
            if isRecordOlder { return "bluegreen adopt" }
            return isBackAlready && liveColor.map(isServed) == false ? commandAway : mend
        case .recordDiffers(let recorded, _):
            return commandBack(to: recorded, isServed).map { "\(mend), or '\($0)'" } ?? mend
        case .split, .leftOut, .foreignValue, .strayShare, .valueAbsent, .foreignWriter,
            .notDurable, .markNotDurable, .recordMissing, .recordDamaged, .recordTooNew:
            guard let recorded = recordedBesideForeign else { return mend }
            return commandBack(to: recorded, isServed) ?? "bluegreen rollback --to COLOR"
        }
    }

    /// What was live before the routers showed what is no colour, and cannot be adopted.
    var recordedBesideForeign: Color? {
        if case .foreign = live { record.live?.color } else { nil }
    }

    /// Where nothing is known that would refuse it.
    func commandBack(
        to color: Color, _ isServed: (Color) -> Bool = { _ in true }
    ) -> String? {
        let command = "bluegreen rollback --to \(color)"
        return rollbackCommand(to: color, isDead: !isServed(color)) == command ? command : nil
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
            RunWords.whyLeft(run) != nil, record.openIntent == nil, lagging.isEmpty, !isRecordOlder,
            let outcome = run.outcome, outcome.leftOut == nil, !outcome.isUnrecorded,
            let color = outcome.production.color, record.live?.color == color, liveColor == color
        else { return nil }
        return color
    }

    /// Why there is no environment to go back to.
    var whyNowhere: String {
        guard stored.condition != .absent else {
            return "There is no record of what was live before."
        }
        if case .foreign = live, let drift = drift.first { return StatusWords.drift(drift) }
        if let retired = retiredIdle {
            return "\(named(retired)) was retired: there is no environment to go back to."
        }
        if let live = liveColor, record.spoiled == live.other {
            guard record.releases[live.other] != nil else {
                return "\(live) is live; who has claimed \(live.other), this record does not know."
            }
            return "\(live) is live and untouched; \(live.other) is only half deployed."
        }
        return "The record knows no environment to go back to."
    }

    /// What to do then. Only where nothing is recorded may a person know better than the record.
    func insteadOfGoingBack(isOtherDead: Bool = false) -> String {
        guard stored.condition != .absent else {
            let command = liveColor.map { rollbackCommand(to: $0.other, isDead: isOtherDead) }
            return "If you know what was live before: "
                + (command ?? "bluegreen rollback --to COLOR")
        }
        if let recorded = recordedBesideForeign {
            return "'\(rollbackCommand(to: recorded))' brings it to what the record knows."
        }
        if let open = openRun {
            return displacement?.hint
                ?? "\(RunWords.next(afterDeathOf: open)).\(throughTheGlass)"
        }
        guard throughTheGlass.isEmpty else {
            return "'\(deployCommand)' replaces it.\(throughTheGlass)"
        }
        if retiredIdle != nil { return "'\(deployCommand)' puts a release there." }
        if isRecordOlder, let live = liveColor {
            let command = rollbackCommand(to: live.other, isDead: isOtherDead)
            return "This record is older than what the routers hold. If \(live.other) was live"
                + " before: '\(command)'."
        }
        return "There is nothing to undo; '\(deployCommand)' replaces the idle release."
    }

    /// Where idle is half deployed: how to go there all the same.
    private var throughTheGlass: String {
        guard let live = liveColor, record.spoiled == live.other else { return "" }
        return " Where \(live) is worse than that:"
            + " 'bluegreen rollback --to \(live.other) --break-glass --reason TEXT'."
    }
}
