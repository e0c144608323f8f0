import Contracts

/// What an event means to the machine: did the action do what it was for?
enum Turn {
    case advanced
    case failed(Failure)
    /// Nobody knows whether it worked.
    case unknown(Failure)
    case judged(BakeVerdict)
    case wayBack(WayBack)
    case interrupted(Interruption)
    /// Evidence along the way, not a result.
    case aside

    init(_ event: RunEvent) {
        switch event {
        case .began, .adopted, .adoptIntended, .claimIntended, .claimed, .sealed, .checksPassed,
            .preflightPassed,
            .canaryIntended, .switchIntended, .undoIntended, .rollbackIntended, .levelIntended,
            .retireIntended,
            .written, .levelled,
            .confirmed, .proved, .switched, .undone, .rolledBack, .tunnelsClosed, .unsettled,
            .bakeBegan,
            .retired, .ended:
            self = .advanced
        case .stepEnded(_, .succeeded), .stepEnded(_, .skipped): self = .advanced
        case .stepEnded(_, .failed(let failure, _)): self = .failed(failure)
        case .failed(let failure), .contradicted(let failure): self = .failed(failure)
        case .notProved(_, let failure): self = .failed(failure)
        case .unreadable(let failure): self = .unknown(failure)
        case .bakeJudged(let verdict), .canaryJudged(let verdict): self = .judged(verdict)
        case .wayBackProbed(let wayBack): self = .wayBack(wayBack)
        case .stopRequested(let interruption): self = .interrupted(interruption)
        case .stepBegan, .stepSpawned, .surveyed, .tested: self = .aside
        }
    }
}
