import Contracts
import PipelineModel

/// One rule of what is frozen, without the nesting of its file.
extension StatusReport {
    struct Freeze: Codable, Sendable {
        /// `everything`, `version` or `release`
        var scope: String
        /// Absent where it is about everything.
        var version: String?
        /// With its digests, where only exactly this one is frozen.
        var release: Release?
        var reason: String
        var by: String
        var since: WallTime
        /// Absent: until somebody ends it.
        var until: WallTime?
    }
}

extension StatusReport.Freeze {
    init(_ freeze: FreezeRecord) {
        switch freeze.scope {
        case .everything: scope = "everything"
        case .version: scope = "version"
        case .release(let exact):
            scope = "release"
            release = exact
        }
        version = freeze.version
        (reason, by, since, until) = (freeze.reason, freeze.by, freeze.since, freeze.until)
    }
}
