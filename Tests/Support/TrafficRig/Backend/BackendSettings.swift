/// How one example backend is started.
package struct BackendSettings: Sendable {
    /// 0 takes a free one.
    package var port: Int
    /// What the backend says it is, in `X-Color` and in its answers.
    package var color: String
    package var version: String
    package var faults: Faults
    /// While this file exists, the database is gone: a fault that both colours share.
    package var brokenWhen: String?

    package init(
        port: Int = 0, color: String, version: String, faults: Faults = Faults(),
        brokenWhen: String? = nil
    ) {
        self.port = port
        self.color = color
        self.version = version
        self.faults = faults
        self.brokenWhen = brokenWhen
    }
}

/// How badly a release behaves; can be changed while it runs.
package struct Faults: Codable, Hashable, Sendable {
    /// Percent of the application requests that are answered 500, evenly spread, never by chance.
    package var errors: Int
    /// Milliseconds that every answer waits, except those of checks and of the rig itself.
    package var latency: Int

    package init(errors: Int = 0, latency: Int = 0) {
        self.errors = errors
        self.latency = latency
    }
}
