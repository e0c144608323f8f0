import Contracts
import PipelineModel

/// May a router be given what another one holds, and what is that? Pure.
struct SyncRules {
    let stored: StoredRecord
    /// The router that is believed.
    let source: RouterID
    /// What each router shows; for one whose proxy does not run, what it will start with.
    let seen: [RouterID: Result<Observation, Failure>]
    let now: WallTime

    enum Verdict: Hashable {
        case level
        case behind(Observation)
        case refused(Failure)
    }

    /// What the source holds. Throws where traffic is moving, or where something is newer than that.
    func datum(for targets: Set<RouterID>) throws(Failure) -> Datum {
        try judgeRecord()
        guard let shown = seen[source] else {
            throw Failure(.routerUnreachable, "\(source) was not asked.")
        }
        let observation: Observation
        do throws(Failure) {
            observation = try shown.get()
        } catch {
            throw Failure(
                error.code, "\(source): \(error.message)", evidence: error.evidence,
                hint: error.hint)
        }
        let datum = Datum(
            live: try color(of: observation), isIdleClaimed: observation.isIdleClaimed,
            token: observation.token ?? Token(number: 0))
        try judgeAge(of: datum)
        try judgeOthers(datum, targets)
        return datum
    }

    func verdict(on target: RouterID, _ datum: Datum) -> Verdict {
        let observation: Observation
        do throws(Failure) {
            guard let shown = seen[target] else { throw Failure(.routerUnreachable, "Not asked.") }
            observation = try shown.get()
        } catch {
            return .refused(error)
        }
        if let token = observation.token, token > datum.token {
            return .refused(
                Failure(
                    .drift,
                    "\(target) holds the newer token \(token), \(source) only \(datum.token).",
                    hint: "See 'bluegreen status': 'bluegreen resume' finishes what was left; if"
                        + " \(target) is right, take it as the source: --from \(target)."))
        }
        if case .foreign(let text) = observation.effective {
            return .refused(
                Failure(
                    .drift, "\(target) shows '\(text)' where blue or green is expected.",
                    hint: "Check its settings in the pipeline: this may belong to another service."
                ))
        }
        return isLevel(observation, datum) ? .level : .behind(observation)
    }

    private func isLevel(_ seen: Observation, _ datum: Datum) -> Bool {
        if case .differs = seen.durable { return false }
        return seen.color == datum.live && seen.isIdleClaimed == datum.isIdleClaimed
            && (seen.token ?? datum.token) == datum.token
    }

    /// While traffic moves, nobody can say what is right.
    private func judgeRecord() throws(Failure) {
        let situation = Situation(stored: stored, seen: [:])
        try situation.requireSoundRecord()
        guard let intent = stored.record.openIntent else { return }
        try situation.refuseLivingRun(now: now, hint: "Wait for it (--lock-timeout 10m).")
        throw Failure(
            .drift, StatusWords.drift(.openIntent(intent)),
            hint: "Finish or undo it: 'bluegreen resume', or go back: 'bluegreen rollback'.")
    }

    private func color(of observation: Observation) throws(Failure) -> Color {
        switch observation.effective {
        case .color(let color): return color
        case .shared(let color, let percent):
            throw Failure(
                .drift,
                "\(source) gives \(percent)% of the requests to \(color.other): it is on no single"
                    + " colour.",
                hint: "See 'bluegreen status', or name another router with --from.")
        case .foreign(let text):
            throw Failure(
                .drift, "\(source) shows '\(text)' where blue or green is expected.",
                hint: "Name another router with --from.")
        case .absent:
            throw Failure(
                .drift, "\(source) has no value for this service.",
                hint: "Name another router with --from.")
        }
    }

    /// What was left out of the last move itself must not be copied.
    private func judgeAge(of datum: Datum) throws(Failure) {
        let record = stored.record
        guard let live = record.live, datum.token.epoch <= record.epoch else { return }
        if let token = live.token, datum.token < token {
            throw Failure(
                .drift,
                "\(source) holds the token \(datum.token), and the last move of traffic had \(token).",
                hint: "It is not level itself: 'bluegreen status' shows which one is; name that"
                    + " one with --from.")
        }
        guard live.color == datum.live else {
            throw Failure(
                .drift,
                "The record says \(live.color) is live, \(source) says \(datum.live).",
                hint: "If \(datum.live) is right, say so: 'bluegreen adopt'.")
        }
    }

    private func judgeOthers(_ datum: Datum, _ targets: Set<RouterID>) throws(Failure) {
        for (id, shown) in seen.sorted(by: { $0.key < $1.key }) where !targets.contains(id) {
            guard case .success(let other) = shown, let token = other.token, token > datum.token
            else { continue }
            throw Failure(
                .drift, "\(id) holds the newer token \(token), \(source) only \(datum.token).",
                hint: "See 'bluegreen status'; if \(id) is right, take it: --from \(id).")
        }
    }
}
