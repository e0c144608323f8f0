import Glibc
import Synchronization

/// Whether the system gives this program the threads and the memory without which nothing of it moves.
///
/// The libraries below wait for ever for a thread that they are refused, and end the program where they
/// are refused memory.
package enum ThreadRoom {
    /// For the tasks, their timers, HTTP, signals, and one call that blocks: what a rollback cannot do
    /// without.
    private static var needed: Int { min(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 4) + 5 }

    /// Asks for all of them at once, for up to two seconds: a crowd may be about to leave.
    package static func isThere() -> Bool {
        shareHeap()
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
            return hasHeap()
        }
    }

    /// Far more than any command was seen to take.
    private static func hasHeap() -> Bool {
        let size = 64 << 20
        let room = mmap(nil, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let room, room != MAP_FAILED else { return false }
        munmap(room, size)
        return true
    }

    /// A thread reserves 128 MiB for a heap of its own (mallopt(3), `M_ARENA_MAX`): under a limit of
    /// addresses that leaves nothing for the next one.
    private static func shareHeap() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
            limit.rlim_cur != .max, let symbol = dlsym(nil, "mallopt")
        else { return }
        let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
        let arenaMaximum: Int32 = -8
        _ = mallopt(arenaMaximum, 1)
    }

    /// Nobody passes while somebody else is in it.
    private final class Gate: Sendable {
        let isClosed = Mutex(())
    }
}
