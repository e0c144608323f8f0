import Synchronization

/// Everything one example backend remembers while it runs.
final class BackendMemory: Sendable {
    private struct State {
        var version: String
        var faults: Faults
        var applicationRequests = 0
        var orders: [String: Int] = [:]
        var carts = 0
        var statistics = BackendStatistics()
    }

    private let state: Mutex<State>

    init(version: String, faults: Faults) {
        state = Mutex(State(version: version, faults: faults))
    }

    var version: String {
        get { state.withLock { $0.version } }
        set { state.withLock { $0.version = newValue } }
    }

    var faults: Faults {
        get { state.withLock { $0.faults } }
        set { state.withLock { $0.faults = newValue } }
    }

    var statistics: BackendStatistics {
        state.withLock { $0.statistics }
    }

    func count(path: String, isLoad: Bool, isProbe: Bool) {
        state.withLock { $0.statistics.count(path: path, isLoad: isLoad, isProbe: isProbe) }
    }

    /// Counts one application request and says whether it is one of those that must fail.
    func nextRequestFails() -> Bool {
        state.withLock { state in
            let before = state.applicationRequests * state.faults.errors / 100
            state.applicationRequests += 1
            return state.applicationRequests * state.faults.errors / 100 > before
        }
    }

    /// The side effect of an order. Repeating an id is counted, that is the point.
    func placeOrder(_ id: String) {
        state.withLock { $0.orders[id, default: 0] += 1 }
    }

    var orders: BackendOrders {
        BackendOrders(state.withLock { $0.orders })
    }

    func openCart() -> String {
        state.withLock { state in
            state.carts += 1
            return "c\(state.carts)"
        }
    }

    func hasCart(_ id: String) -> Bool {
        guard let number = Int(id.dropFirst()), id.hasPrefix("c") else { return false }
        return state.withLock { (1...max($0.carts, 1)).contains(number) && $0.carts > 0 }
    }
}

/// What `GET /stats` answers: how many requests have reached this backend, and from whom.
package struct BackendStatistics: Codable, Hashable, Sendable {
    package struct Count: Codable, Hashable, Sendable {
        package var total = 0
        /// Requests with `X-Load`: production traffic of the load client.
        package var load = 0
        /// Requests with `X-Probe`: questions of checks and probes.
        package var probe = 0
    }

    package var all = Count()
    /// By the first component of the path, `/carts/c1` counts as `/carts`.
    package var paths: [String: Count] = [:]

    mutating func count(path: String, isLoad: Bool, isProbe: Bool) {
        func add(to count: inout Count) {
            count.total += 1
            count.load += isLoad ? 1 : 0
            count.probe += isProbe ? 1 : 0
        }
        add(to: &all)
        add(to: &paths[path, default: Count()])
    }
}

/// What `GET /orders` answers: which side effects happened, and which more than once.
package struct BackendOrders: Codable, Hashable, Sendable {
    /// Every distinct id, sorted.
    package let ids: [String]
    /// The ids that arrived more than once, sorted.
    package let duplicates: [String]

    init(_ counts: [String: Int]) {
        ids = counts.keys.sorted()
        duplicates = counts.filter { $0.value > 1 }.keys.sorted()
    }
}
