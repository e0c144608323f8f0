import Contracts
import PipelineModel

/// What nobody does although its time has come. Pure.
struct WatchDecision {
    let situation: Situation
    let retireAfter: Duration
    /// The pipeline says how to stop an environment; else there is nothing to gain by giving it up.
    let canRetire: Bool
    /// How long the live colour has been live.
    let liveFor: Duration?

    enum Due: Hashable {
        case bake
        /// The environment that is not needed as a way back any more.
        case retire(Color)
    }

    /// Only where record and routers agree: everything else is for a person.
    var due: Due? {
        guard !situation.isRunAlive, situation.isRecordSound, !situation.isRecordOlder,
            situation.record.openIntent == nil, let live = situation.record.live,
            situation.liveColor == live.color
        else { return nil }
        if isBakeOrphaned { return .bake }
        guard canRetire, isBakeOver, situation.openRun == nil,
            situation.record.wayBack == live.color.other,
            situation.record.retired != live.color.other,
            let liveFor, liveFor >= retireAfter
        else { return nil }
        return .retire(live.color.other)
    }

    /// What nobody does and only a person can decide, with what helps.
    var left: String? {
        guard !situation.isRunAlive, due == nil else { return nil }
        if let drift = situation.drift.first {
            let first = drift == .valueAbsent ? situation.firstValue : nil
            let next = first ?? situation.mend(drift, isServed: { _ in true })
            return "\(StatusWords.drift(drift)) Next: \(next)"
        }
        if let run = StatusWords.orphanedRun(situation) { return "\(run.what) Next: \(run.next)" }
        return situation.badVerdict.map { "\(StatusWords.bake($0)) Next: bluegreen status" }
    }

    /// Without a verdict, or with one on which nobody has acted.
    private var isBakeOrphaned: Bool {
        switch situation.bake {
        case .orphaned: situation.record.wayBack != nil
        case .judged(_, let verdict): verdict.judgement == .failed && situation.openRun != nil
        case .none, .watched: false
        }
    }

    /// What is bad, or was not judged, may still need its way back.
    private var isBakeOver: Bool {
        switch situation.bake {
        case .none: true
        case .judged(_, let verdict): verdict.judgement == .passed
        case .watched, .orphaned: false
        }
    }
}
