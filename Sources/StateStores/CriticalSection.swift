import Contracts

/// The short time in which one process alone reads and writes a record.
struct CriticalSection: Sendable {
    private static let pollInterval = Duration.milliseconds(2)

    let path: String
    let world: World

    /// `nil` where another process held it all the time. Looks at least once, also in a cancelled task.
    func enter(patience: Duration) async throws(Failure) -> HeldLock? {
        let deadline = world.time.now() + patience
        while true {
            let held = try writing { () throws(FileFailure) in try world.locks.take(path) }
            if let held { return held }
            guard world.time.now() < deadline else { return nil }
            await world.time.sleep(Self.pollInterval)
        }
    }
}
