import Contracts
import PipelineModel

/// May a verb that moves things forward begin in this situation? Pure.
struct ForwardRules {
    let situation: Situation
    /// `--adopt`: take the observed colour as the truth.
    var adopts = false
    /// `--consume-rollback`, with a reason.
    var consumesWayBack = false
    /// To the other colour; what stays where it is gives up no way back.
    var movesTraffic = true
    /// What looks idle is deployed to.
    var changesIdle = false
    let now: WallTime

    /// The live colour, or why nothing may begin.
    func judge() throws(Failure) -> Color {
        try situation.requireSoundRecord()
        let live = try liveColor()
        try judgeRun()
        try judgeBake()
        try judgeDrift(live)
        if changesIdle { try judgeLagging() }
        return live
    }

    /// A router that was left out may still send its users to what looks idle.
    private func judgeLagging() throws(Failure) {
        guard let lagging = situation.lagging.first else { return }
        throw Failure(
            .drift, StatusWords.drift(.leftOut(lagging.id, lagging.shows)),
            hint: "Bring it level ('bluegreen resume'), or take it out of the pipeline.")
    }

    private func liveColor() throws(Failure) -> Color {
        switch situation.live {
        case .color(let color): return color
        case .unreadable(let failure): throw failure
        case .shared(let color, let percent):
            // Somebody's canary is waited for as any run is.
            try judgeRun()
            throw Failure(
                .drift, StatusWords.drift(.strayShare(color, idlePercent: percent)),
                hint: "Bring all of them to one colour: 'bluegreen rollback --to \(color)'.")
        case .split(let sightings):
            throw Failure(
                .drift, "The routers disagree about which colour is live.",
                evidence: sightings.sorted { $0.key < $1.key }.map {
                    "\($0.key): \(StatusWords.sighting($0.value))"
                },
                hint: situation.drift.contains(.split(sightings))
                    ? "Bring them together with 'bluegreen rollback --to COLOR'."
                    : "Bring the rest level with 'bluegreen resume'.")
        case .foreign(let text):
            throw Failure(
                .drift, "The router shows '\(text)' where blue or green is expected.",
                hint: "Check the router's key in the pipeline: it may belong to another service."
                    + (situation.recordedBesideForeign.map {
                        " Where it does not: '\(situation.rollbackCommand(to: $0))'."
                    } ?? ""))
        case .absent:
            throw Failure(
                .routerTargetMissing, StatusWords.valueAbsent,
                evidence: situation.places.map { "asked " + $0 },
                hint: situation.firstValue)
        }
    }

    private func judgeRun() throws(Failure) {
        try situation.refuseLivingRun(
            now: now,
            hint: "Wait for it (--lock-timeout 10m)\(otherThanWaiting).")
        try judgeIntent()
    }

    private var otherThanWaiting: String {
        switch situation.openRun?.phase {
        case .starting, .deploying, .checking, .ready, nil: ", or stop it (bluegreen abort)"
        case .canary, .switching, .switched, .unsettled, .baking, .judged:
            ", or go back (\(situation.rollbackCommand))"
        case .undoing, .rollingBack, .levelling, .retiring, .ended: ""
        }
    }

    /// A run that died, or could not show where it left traffic, may be replaced unless traffic was
    /// moving: what looks idle may serve.
    private func judgeIntent() throws(Failure) {
        guard let run = situation.record.run, situation.record.openIntent != nil else { return }
        let how = run.outcome == nil ? "died while it moved" : "could not show where it left"
        throw Failure(
            .drift, "Run \(run.beginning.run) \(how) traffic; nobody finished that.",
            hint: "Finish or undo it: 'bluegreen resume', or go back:"
                + " '\(situation.rollbackCommand)'.")
    }

    private func judgeBake() throws(Failure) {
        guard case .orphaned(let bake) = situation.bake, movesTraffic, !consumesWayBack
        else { return }
        throw Failure(
            .wayBackConsumed, "The bake of run \(bake.run) was never finished\(loss).",
            hint: changesIdle
                ? "Finish it with 'bluegreen resume'; only '\(situation.deployCommand)'"
                    + " goes on without."
                : "Finish it with 'bluegreen resume'\(alternative).")
    }

    /// Where it leads somewhere.
    private var alternative: String {
        guard let wayBack = situation.record.wayBack else { return "" }
        do throws(Failure) {
            try RollbackRules(situation: situation, target: wayBack).judge()
            return ", or go back: '\(situation.rollbackCommand)'"
        } catch {
            return ""
        }
    }

    /// What no record knows may run there all the same.
    private var loss: String {
        guard let wayBack = situation.record.wayBack else { return "" }
        let words = "; going on would give up the way back to \(wayBack)"
        guard situation.isBlank(wayBack) else { return words }
        let counts = situation.observations.values.compactMap { $0.pools[wayBack]?.serversUp }
        guard !counts.isEmpty else { return "\(words), if anything serves there" }
        return counts.contains(0) ? "" : words
    }

    /// Which of several routers hold the newest token.
    private var holders: [String] {
        guard situation.seen.count > 1, let token = situation.highestToken else { return [] }
        let names = situation.observations.filter { $0.value.token == token }.keys.sorted()
        return ["token \(token) is on \(names.map(\.name).joined(separator: ", "))"]
    }

    private func back(from drift: Drift) -> String? {
        guard case .recordDiffers(let recorded, _) = drift else { return nil }
        return situation.commandBack(to: recorded)
    }

    private func judgeDrift(_ live: Color) throws(Failure) {
        guard !adopts, !situation.isFirst else { return }
        for drift in situation.drift {
            switch drift {
            case .recordDiffers, .foreignWriter, .recordMissing:
                throw Failure(
                    .drift, StatusWords.drift(drift), evidence: holders,
                    hint: "If \(live) is right, say so: 'bluegreen adopt', or pass --adopt."
                        + (back(from: drift).map { " If not: '\($0)'." } ?? ""))
            case .split, .leftOut, .foreignValue, .strayShare, .valueAbsent, .notDurable,
                .markNotDurable,
                .openIntent,
                .recordDamaged,
                .recordTooNew:
                continue
            }
        }
    }
}
