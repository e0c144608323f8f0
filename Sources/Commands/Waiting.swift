import Console
import Contracts
import RunEngine

/// Waits for another run to end, and says so as soon as it takes longer than a person notices.
struct Waiting {
    let session: Session
    let limit: Duration?

    /// Repeats `attempt` while it fails because another run is alive and time is left.
    func untilFree<Answer>(
        _ attempt: () async throws -> Answer
    ) async throws -> Answer {
        let start = session.world.time.now()
        let progress = Progress(on: session.terminal.error)
        defer { progress.close() }
        while true {
            do {
                return try await attempt()
            } catch let failure as Failure where failure.code == .lockHeld {
                let waited = session.world.time.now() - start
                guard let limit, waited < limit else { throw failure }
                guard session.stop.interruption == nil else { throw Failure.stoppedBeforehand }
                if waited > .milliseconds(400), !session.output.quiet {
                    progress.update(
                        "waiting", "waiting",
                        detail: EventWords.waiting(failure, for: waited), at: start + waited)
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
