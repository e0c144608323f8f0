package import Contracts

/// What the process tells its caller: the state that production is in now.
package enum ExitStatus: Int32, Sendable {
    case done = 0
    case internalError = 1
    case differences = 2
    case failedBeforeSwitch = 10
    case undone = 11
    case stopped = 12
    case unknown = 20
    case rollbackImpossible = 21
    case unhealthy = 22
    case lockHeld = 30
    case waiting = 31
    case refused = 32
    case stale = 33
    case unreachable = 40
    case usage = 64
    case unrecorded = 74
    case invalidPipeline = 78
    case timedOut = 124
    case interrupted = 130
    case terminated = 143
}

extension ExitStatus {
    /// How a run ended. Whatever else it is: production that nobody can name is 20, and so is a forward
    /// run that moved traffic and could not record it: the next command finds it unfinished.
    package init(_ outcome: Outcome, isRollback: Bool) {
        if outcome.production == .unknown {
            self = .unknown
            return
        }
        switch outcome.ending {
        case .succeeded, .stoppedAsAsked:
            // A quorum may leave routers out; a way back is for all of them.
            guard outcome.leftOut == nil || !isRollback else {
                self = .unknown
                return
            }
            guard outcome.isUnrecorded else {
                self = .done
                return
            }
            let isUntouched = if case .untouched = outcome.production { true } else { false }
            self = isRollback || isUntouched ? .unrecorded : .unknown
        case .failedBeforeSwitch:
            let status = outcome.failure.map { ExitStatus(untouched: $0.code) }
            let isLate = status == .unreachable && outcome.hasClaimedIdle == true
            self = isLate ? .failedBeforeSwitch : status ?? .failedBeforeSwitch
        case .undone, .rolledBackAutomatically:
            self = outcome.leftOut == nil ? .undone : .unknown
        case .keptUnhealthy, .inconclusive: self = .unhealthy
        case .interrupted(let interruption): self.init(interruption)
        case .rollbackImpossible: self = .rollbackImpossible
        case .unsettled: self = .unknown
        }
    }

    init(_ interruption: Interruption) {
        switch interruption {
        case .signal(15): self = .terminated
        case .signal: self = .interrupted
        case .aborted, .superseded: self = .stopped
        case .timedOut: self = .timedOut
        case .unrecorded: self = .unrecorded
        }
    }

    /// A failure that came before anything was changed.
    package init(untouched code: Failure.Code) {
        switch code {
        case .lockHeld: self = .lockHeld
        case .refused, .wayBackConsumed, .idleClaimed, .identityAlike, .identityMissing:
            self = .refused
        case .drift, .recordCorrupt, .recordStale, .superseded: self = .stale
        case .proxyNotStarted, .routerUnreachable, .routerGarbled, .commandNotFound:
            self = .unreachable
        case .nothingToRollBackTo: self = .rollbackImpossible
        case .pipelineMissing: self = .invalidPipeline
        case .recordUnwritable: self = .unrecorded
        case .interrupted: self = .interrupted
        case .routerNotDurable, .artifactUnresolved, .capacityMissing, .checkFailed, .commandFailed,
            .commandKilled, .commandTimedOut,
            .httpFailed, .metricUnreadable, .notProven, .portTaken, .routerRefused,
            .routerTargetMissing,
            .substituteMissing, .targetDown:
            self = .failedBeforeSwitch
        }
    }
}
