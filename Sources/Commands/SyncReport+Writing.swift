import Contracts
import PipelineModel

/// What is known of each router after a write, and after a new look at it. Pure.
extension SyncReport {
    /// `shown` is what that look says; absent where there was none. What was written and is not seen
    /// yet stays behind.
    func after(_ results: [RouterID: WriteResult], shown: SyncReport? = nil) -> SyncReport {
        var next = self
        next.datum = shown?.datum ?? datum
        for index in rows.indices where rows[index].state.isBehind {
            let row = rows[index]
            let seen = shown?.rows.first { $0.router == row.router }
            next.rows[index].isDown = seen?.isDown ?? row.isDown
            next.rows[index].state = row.state(after: results[row.router], seen?.state, datum)
            if case .appliedNotDurable(let why) = results[row.router] {
                next.rows[index].shortcoming = why
            }
        }
        return next
    }

    /// What is behind was perhaps written, and `failure` kept it from being seen.
    func doubted(_ failure: Failure) -> SyncReport {
        var next = self
        for index in rows.indices where rows[index].state.isBehind {
            next.rows[index].state = .unproven(failure)
        }
        return next
    }

    /// What was written should have been seen by now.
    func givenUp(_ results: [RouterID: WriteResult]) -> SyncReport {
        var next = self
        for index in rows.indices {
            guard case .behind(let seen) = rows[index].state,
                let result = results[rows[index].router]
            else { continue }
            next.rows[index].state = .unproven(
                result.trouble
                    ?? Failure(
                        .notProven,
                        "\(rows[index].router) was written, and still shows"
                            + " \(StatusWords.sighting(seen.effective)).",
                        hint: "See 'bluegreen status', then repeat the command."))
        }
        return next
    }
}

extension SyncReport.Row {
    fileprivate func state(
        after result: WriteResult?, _ seen: SyncReport.State?, _ datum: Datum
    ) -> SyncReport.State {
        switch result {
        case nil: return seen ?? state
        case .notApplied(let failure): return .refused(failure)
        case .refusedStale(let token):
            // Traffic moved meanwhile: it may be level by now, or behind what moved it.
            if case .level? = seen { return .level }
            return .refused(
                Failure(
                    .drift, "\(router) holds the newer token \(token).",
                    hint: "See 'bluegreen status', then repeat the command."))
        case .applied, .appliedNotDurable, .unknown: break
        }
        switch seen {
        case .level, .written: return .written
        // A restart may show something else: what was written may be no better than that.
        case .behind(let shown) where shown.color == datum.live && result.isForgetful:
            return .written
        case .behind(let shown): return .behind(shown)
        case .refused(let failure), .unproven(let failure): return .unproven(failure)
        case nil: return state
        }
    }
}

extension WriteResult? {
    fileprivate var isForgetful: Bool {
        if case .appliedNotDurable = self { true } else { false }
    }
}

extension WriteResult {
    fileprivate var trouble: Failure? {
        switch self {
        case .applied, .refusedStale: nil
        case .appliedNotDurable(let failure), .notApplied(let failure), .unknown(let failure):
            failure
        }
    }
}
