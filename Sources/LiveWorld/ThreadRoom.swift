import Glibc
import Synchronization

/// Whether the system gives this program the threads without which nothing of it moves.
///
/// The libraries below wait for ever for a thread that they are refused.
package enum ThreadRoom {
    /// For the tasks, their timers, HTTP, and one call that blocks: what a rollback cannot do without.
    private static var needed: Int { min(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 4) + 4 }

    /// Asks for all of them at once, for up to two seconds: a crowd may be about to leave.
    package static func isThere() -> Bool {
        let deadline = KernelClock.sinceBoot + .seconds(2)
        while !starts(needed) {
            guard KernelClock.sinceBoot < deadline else { return false }
            poll(nil, 0, 100)
        }
        return true
    }

    /// Returns when all that were started have ended.
    private static func starts(_ number: Int) -> Bool {
        let gate = Gate()
        var threads: [pthread_t] = []
        defer { for thread in threads { pthread_join(thread, nil) } }
        return gate.isClosed.withLock { _ in
            while threads.count < number {
                guard let thread = PlainThread.create({ gate.isClosed.withLock { _ in } }) else {
                    return false
                }
                threads.append(thread)
            }
            return true
        }
    }

    /// Nobody passes while somebody else is in it.
    private final class Gate: Sendable {
        let isClosed = Mutex(())
    }
}
