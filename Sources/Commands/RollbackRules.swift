import Contracts
import PipelineModel

/// May traffic go to that environment in a hurry? Pure.
struct RollbackRules {
    let situation: Situation
    let target: Color
    /// Only these are to be written; empty: all.
    var only: Set<RouterID> = []

    func judge() throws(Failure) {
        let record = situation.record
        if record.spoiled == target, situation.liveColor != target {
            throw refusal("\(target) is half deployed by run \(run); it is no way back.")
        }
        if record.retired == target, situation.liveColor != target {
            throw refusal("\(target) was retired.")
        }
        // Idle under a share is what another run is trying out.
        let isShared = situation.idlePercent != nil && situation.mainColor == target.other
        let claimed =
            isShared
            || situation.observations.contains {
                $0.value.isIdleClaimed && $0.value.color == target.other
            }
        // A release that was rolled back, or is ready and checked, is claimed too; the record knows,
        // unless it is older than what the routers hold.
        let isKnown = record.wayBack == target && !situation.isRecordOlder
        if claimed, !isKnown, record.openIntent == nil || situation.isRecordOlder {
            if let failure = left { throw failure }
            throw refusal("The router says that \(target) is claimed: it is no way back.")
        }
        for (id, observation) in situation.observations.sorted(by: { $0.key < $1.key }) {
            guard let pool = observation.pools[target], pool.serversUp == 0,
                only.isEmpty || only.contains(id)
            else { continue }
            var failure = refusal("\(target) has no server up on \(id).")
            if let hint = wayAround { failure.hint = hint }
            if situation.seen.count > 1 {
                failure.hint =
                    "Go back on the others (--only NAME), or there all the same:"
                    + " --break-glass --reason TEXT."
            }
            throw failure
        }
    }

    /// Traffic came back from there, so that its checks are asked again first.
    private var left: Failure? {
        guard let why = situation.whyLeft(target), let release = situation.record.releases[target]
        else { return nil }
        let words = why == StatusReport.failedBake ? why : "was \(why)"
        var failure = refusal("\(situation.named(target)) \(words): it is no way back.")
        failure.hint =
            "'bluegreen switch' asks its checks and goes there; where it is frozen, after"
            + " 'bluegreen unfreeze --release \(release.version)'. Without them:"
            + " --break-glass --reason TEXT."
        return failure
    }

    /// What helps where the target does not serve, if not to start it.
    var wayAround: String? {
        if situation.liveColor == target {
            return "Traffic is there already. To the other one:"
                + " '\(situation.rollbackCommand(to: target.other))'."
        }
        return situation.isBlank(target) ? whereNothingIsKnown : nil
    }

    /// Perhaps nothing ever ran there; perhaps what did is older than the record.
    private var whereNothingIsKnown: String {
        let isUnwatched = if case .orphaned = situation.bake { true } else { false }
        return (isUnwatched ? "'bluegreen resume' watches \(target.other) on. " : "")
            + "No release of \(target) is known. Where nothing ever ran there, a mended release"
            + " replaces \(target.other): '\(situation.deployCommand)'. Else start it, or go there"
            + " all the same: --break-glass --reason TEXT."
    }

    private var run: String { situation.record.run?.beginning.run.text ?? "?" }

    private func refusal(_ message: String) -> Failure {
        Failure(
            .nothingToRollBackTo, message,
            evidence: ["live now: \(situation.liveColor?.rawValue ?? "unknown")"],
            hint: "Deploy to it, or go there all the same: --break-glass --reason TEXT.")
    }
}
