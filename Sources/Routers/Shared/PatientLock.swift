import Contracts

/// Waits a moment for a kernel lock that another process holds.
enum PatientLock {
    private static let attempts = 20

    /// `nil` where the lock is still held after half a second.
    static func take(_ path: String, _ world: World) async throws(FileFailure) -> HeldLock? {
        for attempt in 1...attempts {
            if let lock = try world.locks.take(path) { return lock }
            if attempt < attempts { await world.time.sleep(.milliseconds(25)) }
        }
        return nil
    }
}
