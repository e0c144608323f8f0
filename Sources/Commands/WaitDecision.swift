import Console
import Contracts
import PipelineModel

/// Is what somebody waits for true, still to come, or will it never be? Pure.
struct WaitDecision {
    let situation: Situation
    let now: WallTime

    enum Answer: Hashable {
        case met(String)
        case pending(String)
        case never(String, ExitStatus)
    }

    func answer(to wish: Wait.Wish) -> Answer {
        switch wish {
        case .free: free()
        case .blue: live(.blue)
        case .green: live(.green)
        case .healthy: healthy()
        }
    }

    private func free() -> Answer {
        holder.map(Answer.pending) ?? .met("Nobody works on this service.")
    }

    private func live(_ color: Color) -> Answer {
        if situation.liveColor == color { return .met("\(color) is live\(version(color)).") }
        return lost ?? .pending(elsewhere)
    }

    /// What is live instead, as far as anybody knows.
    private var elsewhere: String {
        switch situation.live {
        case .color(let other): holder ?? "\(other) is live\(version(other))."
        case .unreadable(let failure): failure.message
        case .shared(let main, _): holder ?? "Most requests go to \(main)."
        case .split, .foreign, .absent:
            situation.drift.first.map(StatusWords.drift) ?? "No colour is live."
        }
    }

    /// A run that is alive may still bring what is asked for.
    private func healthy() -> Answer {
        if let holder { return .pending(holder) }
        if let lost { return lost }
        let release = situation.record.live.map { "\($0.color)\(version($0.color))" } ?? "It"
        switch situation.bake {
        case .judged(_, let verdict) where verdict.judgement == .passed:
            // Only of what is live, and a router may come back.
            guard situation.liveColor != nil else { return .pending(elsewhere) }
            // A quorum is enough to be live; whoever comes through this one gets the other colour.
            guard let astray = situation.lagging.first(where: { $0.shows != nil }) else {
                return .met("\(release) has passed its bake.")
            }
            return .pending(StatusWords.drift(.leftOut(astray.id, astray.shows)))
        case .judged(_, let verdict):
            return .never(
                "The bake of \(release) was \(verdict.judgement.rawValue): \(verdict.why).",
                .unhealthy)
        case .orphaned, .watched:
            return .never("Nobody watches the bake of \(release): 'bluegreen resume'.", .unhealthy)
        case .none: return unwatched(release)
        }
    }

    private func unwatched(_ release: String) -> Answer {
        if situation.isElsewhere, let drift = situation.drift.first {
            return .never(StatusWords.drift(drift) + " Next: 'bluegreen adopt'.", .stale)
        }
        if let run = situation.record.run, let outcome = run.outcome {
            let plan = run.beginning.plan
            let status = ExitStatus(outcome, isRollback: plan.isLenient)
            if status != .done { return .never(RunWords.ending(outcome, of: plan) + ".", status) }
            if situation.returned != nil {
                return .never(
                    "Traffic was taken back to \(release), and what is gone back to is not baked:"
                        + " only a release that is switched to becomes 'healthy'.", .refused)
            }
        }
        return .never("\(release) is not baked: there is nothing to wait for.", .refused)
    }

    private var holder: String? {
        guard situation.isRunAlive, let run = situation.openRun else { return nil }
        return RunWords.holder(run, bake: situation.record.bake, now: now)
    }

    /// Traffic was moving when its run ended; nobody moves it on.
    private var lost: Answer? {
        guard let intent = situation.record.openIntent, !situation.isRunAlive else { return nil }
        return .never(
            StatusWords.drift(.openIntent(intent)) + " Next: 'bluegreen resume'.", .unknown)
    }

    private func version(_ color: Color) -> String {
        situation.record.releases[color].map { " with " + $0.version } ?? ""
    }
}
