import Atomics
import Glibc

/// Counts the descriptors of one kind against their limit; the same for all event loops.
final class Places: Sendable {
    let limit: Int
    private let taken = ManagedAtomic(0)

    init(_ limit: Int) {
        self.limit = limit
    }

    var areTaken: Bool { taken.load(ordering: .relaxed) >= limit }

    /// For what is open already; followed by one `giveBack()`.
    func take() { taken.wrappingIncrement(ordering: .relaxed) }

    /// A yes is followed by one `giveBack()`.
    func takeIfFree() -> Bool {
        guard taken.wrappingIncrementThenLoad(ordering: .relaxed) > limit else { return true }
        giveBack()
        return false
    }

    func giveBack() { taken.wrappingDecrement(ordering: .relaxed) }
}

/// How the file descriptors of this process are shared out. What is neither the clients' nor the
/// upstreams' is left to the register, the admin socket and everything else: no flood reaches it.
struct DescriptorShares: Equatable {
    /// Without these the proxy would serve nobody to speak of.
    private static let fewest = 64
    /// Open connections to the admin socket, and as many to the metrics: who asks next waits.
    static let askers = 8

    let clients: Int
    /// Those that wait in a pool, and those whose client has gone, count too.
    let upstreams: Int

    /// - Throws: how many are needed, where `limit` is too low.
    init(limit: Int, threads: Int) throws(Shortage) {
        let reserved = 96 + 4 * threads
        let free = limit - reserved
        guard free >= Self.fewest else {
            throw Shortage(limit: limit, needed: reserved + Self.fewest)
        }
        // A client that waits needs no upstream: 20,000 descriptors are enough for 10,000 clients.
        clients = free * 51 / 100
        upstreams = free - clients
    }

    struct Shortage: Error, Equatable {
        let limit: Int
        let needed: Int
    }

    /// Asks for as many descriptors as this process may have; returns how many it has now.
    static func raiseLimit() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        var raised = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
        guard setrlimit(resource, &raised) == 0 else { return Int(clamping: limit.rlim_cur) }
        return Int(clamping: raised.rlim_cur)
    }
}
