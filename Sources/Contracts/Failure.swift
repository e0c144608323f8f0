/// The outside refused, failed or timed out.
///
/// Whoever prints it adds where production traffic is; `message` says what happened, `evidence` shows
/// it, `hint` is the next thing to do.
package struct Failure: Error, Sendable, Hashable, Codable {
    /// Stable, kebab-case, each with a heading in `docs/errors.md`, which is `bluegreen explain`.
    package enum Code: String, Sendable, Codable, CaseIterable {
        case artifactUnresolved = "artifact-unresolved"
        case capacityMissing = "capacity-missing"
        case checkFailed = "check-failed"
        case commandFailed = "command-failed"
        case commandKilled = "command-killed"
        case commandTimedOut = "command-timed-out"
        case commandNotFound = "command-not-found"
        case drift = "drift"
        case httpFailed = "http-failed"
        case identityAlike = "identity-alike"
        case identityMissing = "identity-missing"
        case idleClaimed = "idle-claimed"
        case interrupted = "interrupted"
        case lockHeld = "lock-held"
        case metricUnreadable = "metric-unreadable"
        case notProven = "not-proven"
        case nothingToRollBackTo = "nothing-to-roll-back-to"
        case pipelineMissing = "pipeline-missing"
        case portTaken = "port-taken"
        case proxyNotStarted = "proxy-not-started"
        case recordCorrupt = "record-corrupt"
        case recordStale = "record-stale"
        case recordUnwritable = "record-unwritable"
        case refused = "refused"
        case routerGarbled = "router-garbled"
        case routerNotDurable = "router-not-durable"
        case routerRefused = "router-refused"
        case routerTargetMissing = "router-target-missing"
        case routerUnreachable = "router-unreachable"
        case substituteMissing = "substitute-missing"
        case superseded = "superseded"
        case targetDown = "target-down"
        case wayBackConsumed = "way-back-consumed"
    }

    package var code: Code
    package var message: String
    package var evidence: [String]
    package var hint: String?

    package init(
        _ code: Code, _ message: String, evidence: [String] = [], hint: String? = nil
    ) {
        self.code = code
        self.message = message
        self.evidence = evidence
        self.hint = hint
    }
}
