import Contracts
import PipelineModel

/// Where a dead run is taken up again. Pure; the crash table of `docs/state.md`.
struct ResumeDecision {
    let situation: Situation
    let readyFor: Duration
    let hasBake: Bool
    let now: WallTime

    struct Next: Hashable {
        var entry: RunPlan.Entry
        var from: Color
        var to: Color
        var release: Release?
        var openToken: Token?
        var openVerdict: BakeVerdict?
        var isIdleClaimed: Bool?
        /// What a bake compares with; absent where the old colour can be measured still.
        var baseline: [String: Double]?
        /// Absent where the routers agree, and on `from`.
        var isSplit: Bool?

        /// Nothing has moved yet, and this would move it.
        func goesForward(_ record: Record) -> Bool {
            switch entry {
            case .deploying, .checking, .switching: record.openIntent == nil
            case .confirming, .baking, .rollingBack, .retiring, .adopting, .levelling: false
            }
        }
    }

    /// `nil` where nothing is left to do.
    func next() throws(Failure) -> Next? {
        if let failure = situation.shortage { throw failure }
        try situation.requireSoundRecord()
        let isUnfinished = situation.openRun != nil || situation.record.openIntent != nil
        guard !situation.isRecordOlder || !isUnfinished else {
            throw Failure(
                .recordStale, "The routers were written after what this record knows.",
                hint: "Accept what they show with 'bluegreen adopt', or go back:"
                    + " 'bluegreen rollback --to COLOR'.")
        }
        if let intent = situation.record.openIntent { return intended(intent) }
        if let levelling = try levelling() { return levelling }
        let live = try knownLive()
        if let watched = try watched() { return watched }
        guard let open = situation.openRun else {
            return try unfinishedBake()
        }
        return try unstarted(open, live)
    }

    /// Routers that the last move left out get what the others show. Where that can wait, what a dead
    /// run left comes first.
    private func levelling() throws(Failure) -> Next? {
        guard let live = situation.record.live?.color, !situation.lagging.isEmpty else {
            return nil
        }
        if situation.liveColor != nil {
            if situation.openRun != nil { return nil }
            if case .orphaned = situation.bake { return nil }
        }
        guard !situation.drift.contains(where: \.isSplit) else { return nil }
        guard situation.lagging.contains(where: { $0.shows != nil }) else {
            throw situation.firstFailure
                ?? Failure(.routerUnreachable, "What was left out cannot be read.")
        }
        return level(live, isIdleClaimed: situation.isIdleClaimed(by: live))
    }

    private func level(_ live: Color, isIdleClaimed: Bool) -> Next {
        Next(
            entry: .levelling, from: live, to: live, release: release(on: live),
            isIdleClaimed: isIdleClaimed)
    }

    /// A bake whose question is still open. A later claim or retirement has closed it: then there is
    /// no way back that it could be about.
    private func watched() throws(Failure) -> Next? {
        guard let baked = situation.record.live?.color,
            situation.openRun == nil || situation.record.wayBack == baked.other
        else { return nil }
        // Of one that never began, and a pipeline that has none any more, only the switch is ended.
        if case .orphaned(let bake) = situation.bake,
            hasBake || bake.hasBegun || situation.openRun == nil
        {
            return try baking()
        }
        guard case .judged(_, let verdict) = situation.bake, verdict.judgement == .failed,
            situation.openRun != nil
        else { return nil }
        // The old colour was healthy when the bake began; whether it still is has to be asked again.
        var next = try baking()
        next.openVerdict = verdict
        return next
    }

    private func knownLive() throws(Failure) -> Color {
        guard let live = situation.liveColor else {
            throw Failure(
                .drift, situation.drift.first.map(StatusWords.drift) ?? "No colour is live.",
                hint: "Choose one yourself: 'bluegreen rollback --to COLOR'.")
        }
        return live
    }

    /// Traffic was moving: on, back, or only to be written down.
    private func intended(_ intent: Intent) -> Next {
        let to = intent.datum.live
        if intent.isLevelling == true {
            return level(to, isIdleClaimed: intent.datum.isIdleClaimed)
        }
        // A share that nobody watched any more has shown nothing: it begins anew, from none.
        if intent.isWayBack || intent.isCanary {
            return back(to)
        }
        let written = situation.observations.filter { intent.leftOut?[$0.key] == nil }
        let shows = written.values.filter {
            $0.color == to && ($0.token.map { $0 == intent.datum.token } ?? true)
        }
        if shows.count == written.count {
            return Next(
                entry: .confirming, from: intent.from, to: to, release: intent.release,
                openToken: isWhole(shows.count) && !situation.isForgetful
                    ? intent.datum.token : nil,
                baseline: intent.baseline)
        }
        guard isFresh(to), situation.liveColor == intent.from else {
            return back(intent.from)
        }
        return Next(entry: .switching, from: intent.from, to: to, release: intent.release)
    }

    private func back(_ to: Color) -> Next {
        Next(
            entry: .rollingBack, from: to.other, to: to, release: release(on: to),
            isSplit: situation.liveColor == to.other ? nil : true)
    }

    /// Every router of the fleet, none left out; else it is written again, to those that were not too.
    private func isWhole(_ showing: Int) -> Bool { showing == situation.seen.count }

    private func isFresh(_ color: Color) -> Bool {
        guard let ready = situation.record.ready, ready.color == color else { return false }
        return ready.isFresh(at: now, for: readyFor)
    }

    /// A bake is about the colour that the record says it switched to, and no other.
    private func baking() throws(Failure) -> Next {
        let live = try knownLive()
        guard hasBake else {
            throw Failure(
                .refused, "The bake of \(live) was never finished, and the pipeline has none now.",
                hint: "Put 'bake' back, then 'bluegreen resume'; or go on without:"
                    + " 'bluegreen deploy VERSION --consume-rollback --reason TEXT'.")
        }
        guard let baked = situation.record.live?.color, baked == live else {
            throw Failure(
                .drift, "\(live) is live, but the bake was of \(live.other).",
                hint: "Accept what the routers show with 'bluegreen adopt', or choose:"
                    + " 'bluegreen rollback --to COLOR'.")
        }
        return Next(
            entry: .baking, from: live.other, to: live, release: release(on: live),
            baseline: situation.record.baseline)
    }

    /// A bake that was interrupted has ended its run but not its question.
    private func unfinishedBake() throws(Failure) -> Next? {
        guard let outcome = situation.record.run?.outcome, hasBake else { return nil }
        switch outcome.ending {
        case .inconclusive: return try baking()
        case .interrupted
        where situation.record.bake?.verdict == nil && situation.record.bake != nil:
            return try baking()
        case .interrupted, .succeeded, .stoppedAsAsked, .failedBeforeSwitch, .undone,
            .rolledBackAutomatically, .keptUnhealthy, .rollbackImpossible, .unsettled:
            return nil
        }
    }

    private func unstarted(_ open: RunRecord, _ live: Color) throws(Failure) -> Next? {
        if let failure = situation.displacement { throw failure }
        let plan = open.beginning.plan
        switch open.phase {
        case .starting, .deploying, .checking:
            switch plan.entry {
            case .deploying, .checking, .switching:
                let entry = open.phase == .checking ? .checking : begun(plan, live)
                return Next(entry: entry, from: live, to: live.other, release: plan.release)
            case .rollingBack:
                return Next(
                    entry: .rollingBack, from: plan.from, to: plan.to, release: plan.release,
                    isSplit: live == plan.from ? nil : true)
            case .retiring: return Next(entry: .retiring, from: live, to: live)
            case .baking: return try baking()
            case .adopting:
                throw Failure(
                    .refused,
                    "Run \(open.beginning.run) was an '\(plan.verb.rawValue)'; traffic was not moved.",
                    hint: "Type it again: 'bluegreen \(plan.verb.rawValue)'.")
            case .confirming, .levelling: return nil
            }
        case .ready:
            return Next(
                entry: isFresh(live.other) ? .switching : .checking, from: live, to: live.other,
                release: plan.release)
        case .retiring: return Next(entry: .retiring, from: live, to: live)
        case .canary, .switching, .switched, .undoing, .unsettled, .baking, .judged, .rollingBack,
            .levelling:
            return try settled(plan, live)
        case .ended: return nil
        }
    }

    /// What it moved is written down, only its end never was: what is live is proven once more.
    private func settled(_ plan: RunPlan, _ live: Color) throws(Failure) -> Next {
        let recorded = situation.record.live?.color
        switch plan.entry {
        case .levelling: return level(live, isIdleClaimed: situation.isIdleClaimed(by: live))
        case .deploying, .checking, .switching, .confirming, .baking:
            if recorded == plan.to, hasBake { return try baking() }
        case .rollingBack, .retiring, .adopting: break
        }
        guard recorded == live else {
            throw Failure(
                .drift, "\(live) is live, and the record says \(recorded?.rawValue ?? "nothing").",
                hint: "Accept what the routers show with 'bluegreen adopt', or choose:"
                    + " 'bluegreen rollback --to COLOR'.")
        }
        guard plan.entry != .rollingBack, live == plan.to else { return back(live) }
        return Next(
            entry: .confirming, from: live.other, to: live, release: release(on: live),
            openToken: situation.record.live?.token)
    }

    /// Checks that were passed for a switch may be stale by now.
    private func begun(_ plan: RunPlan, _ live: Color) -> RunPlan.Entry {
        guard plan.entry == .switching else { return plan.entry }
        return plan.to == live.other && isFresh(plan.to) ? .switching : .checking
    }

    private func release(on color: Color) -> Release? { situation.record.releases[color] }
}
