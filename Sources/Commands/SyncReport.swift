import Contracts
import PipelineModel

/// What became of each router that was to be level with another one.
struct SyncReport: Sendable {
    enum State: Hashable {
        /// It was so before.
        case level
        case behind(Observation)
        /// Written, and read back.
        case written
        /// Certainly not written.
        case refused(Failure)
        /// Written, and nobody knows what it shows.
        case unproven(Failure)
    }

    struct Row {
        var router: RouterID
        var state: State
        /// Before anything was written; absent where it could not be read.
        var showed: Observation?
        /// Its proxy does not run: this is about what it starts with.
        var isDown: Bool
        /// Why a restart may forget it.
        var shortcoming: Failure?
    }

    var source: RouterID
    var datum: Datum
    var rows: [Row]
    /// Whether there is a record that keeps switches and this apart.
    var isRecorded: Bool

    var isBehind: Bool { rows.contains(where: \.state.isBehind) }

    /// The worst that is left counts for production; else what kept the first one from being written.
    var status: ExitStatus {
        var refusal: ExitStatus?
        for row in rows {
            switch row.state {
            case .level, .behind, .written: continue
            case .unproven: return .unknown
            case .refused(let failure): refusal = refusal ?? ExitStatus(untouched: failure.code)
            }
        }
        return refusal ?? .done
    }
}

extension SyncReport.State {
    var isBehind: Bool { if case .behind = self { true } else { false } }
}
