/// A rule of a person, or of a rollback: until it ends, nothing of its scope goes forward.
package struct FreezeRecord: Hashable, Codable, Sendable {
    package enum Scope: Hashable, Codable, Sendable {
        case everything
        /// Whatever carries this version.
        case version(String)
        /// Exactly this release, digests included.
        case release(Release)
    }

    package var scope: Scope
    package var reason: String
    /// `ana@ci-7`
    package var by: String
    package var since: WallTime
    /// `nil`: until somebody ends it.
    package var until: WallTime?

    package init(
        _ scope: Scope, reason: String, by: String, since: WallTime, until: WallTime? = nil
    ) {
        self.scope = scope
        self.reason = reason
        self.by = by
        self.since = since
        self.until = until
    }

    package func isOver(at now: WallTime) -> Bool { until.map { $0 <= now } ?? false }

    /// The version that it is about; `nil` where it is about all of them.
    package var version: String? {
        switch scope {
        case .everything: nil
        case .version(let version): version
        case .release(let release): release.version
        }
    }
}

extension FreezeRecord.Scope {
    enum VersionCodingKeys: String, CodingKey { case _0 = "version" }
    enum ReleaseCodingKeys: String, CodingKey { case _0 = "release" }
}
