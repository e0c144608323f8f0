package import PipelineModel

/// What one router was given last, outside of any run, to be level with another one.
package struct SyncRecord: Hashable, Codable, Sendable {
    package var router: RouterID
    package var from: RouterID
    package var live: Color
    package var token: Token
    /// `root@lb-2`
    package var by: String
    package var at: WallTime
    /// Announced before the write; `true` once it was read back.
    package var isDone: Bool

    package init(
        router: RouterID, from: RouterID, datum: Datum, by: String, at: WallTime,
        isDone: Bool = false
    ) {
        self.router = router
        self.from = from
        live = datum.live
        token = datum.token
        self.by = by
        self.at = at
        self.isDone = isDone
    }
}
