import Contracts
import PipelineModel

/// May traffic go to that environment in a hurry? Pure.
struct RollbackRules {
    let situation: Situation
    let target: Color
    /// Only these are to be written; empty: all.
    var only: Set<RouterID> = []
    /// Whether the routers were asked as a rollback would ask them; the record may know them by other
    /// names than the pipeline does now.
    var isAskedAlike = true

    func judge() throws(Failure) {
        let record = situation.record
        if record.spoiled == target, situation.liveColor != target {
            throw refusal(
                record.releases[target] == nil
                    ? "\(target) was claimed, and this record does not know by whom:"
                        + " it may be half deployed, and is no way back."
                    : "\(target) is half deployed by run \(run); it is no way back.")
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
        if isAskedAlike, let lacking { throw refusal(lacking) }
        let empty = self.empty
        guard !empty.isEmpty, empty.count == asked.count else { return }
        let names = empty.map(\.name).joined(separator: ", ")
        var failure = refusal("\(target) has no server up on \(names).")
        if let hint = wayAround { failure.hint = hint }
        if situation.observations.contains(where: {
            asked[$0.key] == nil && $0.value.pools[target]?.serversUp != 0
        }) {
            failure.hint =
                "Go back on the others (without --only \(names)), or there all the same:"
                + " --break-glass --reason TEXT."
        }
        throw failure
    }

    /// Why routers are left out on which nothing of the target serves: their users keep what they have.
    var barren: [RouterID: String] {
        let left = empty.filter { situation.observations[$0]?.color != target }
        return left.reduce(into: [:]) { $0[$1] = "\(target) has no server up there" }
    }

    /// Why none of the routers could send traffic there.
    private var lacking: String? {
        let failures = asked.compactMapValues { $0.missing?[target] }
        guard failures.count == asked.count else { return nil }
        return failures.min { $0.key < $1.key }?.value.message
    }

    private var empty: [RouterID] {
        asked.filter { $0.value.pools[target]?.serversUp == 0 }.keys.sorted()
    }

    private var asked: [RouterID: Observation] {
        situation.observations.filter { only.isEmpty || only.contains($0.key) }
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
