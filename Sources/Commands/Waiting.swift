import Console
import Contracts
import RunEngine

/// Waits for another run to end, and says so once it takes longer than a person notices.
struct Waiting {
    let session: Session
    let limit: Duration?

    /// Repeats `attempt` while it fails because another run is alive and time is left.
    func untilFree<Answer>(
        _ attempt: () async throws -> Answer
    ) async throws -> Answer {
        let start = session.world.time.now()
        var hasSaid = false
        while true {
            do {
                return try await attempt()
            } catch let failure as Failure where failure.code == .lockHeld {
                let waited = session.world.time.now() - start
                guard let limit, waited < limit else { throw failure }
                guard session.stop.interruption == nil else { throw Failure.stoppedBeforehand }
                if waited > .milliseconds(400), !hasSaid, !session.output.quiet {
                    session.terminal.error.print("waiting: \(failure.message)")
                    hasSaid = true
                }
                await session.world.time.sleep(.milliseconds(200))
            }
        }
    }
}

extension Failure {
    /// A person or a signal ended a command that had not begun anything.
    static var stoppedBeforehand: Failure {
        Failure(.interrupted, "You stopped this before it began.")
    }
}
