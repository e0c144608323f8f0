package import PipelineModel
import Synchronization

/// Counts what each colour answers. Every event loop writes into a shard of its own, so that counting
/// never makes one wait for another.
package final class TrafficMeter: Sendable {
    private let shards: [[Color: ColorMeter]]
    private let waiting = Atomic(0)

    /// - Parameter shards: about one per event loop.
    package init(shards: Int = ProxySettings.defaultThreads) {
        self.shards = (0..<max(1, shards)).map { _ in
            [.blue: ColorMeter(), .green: ColorMeter()]
        }
    }

    /// Not one instant for all counters, but each counter is whole. Has no side effect.
    package func snapshot() -> [Color: TrafficSnapshot] {
        var all: [Color: TrafficSnapshot] = [.blue: TrafficSnapshot(), .green: TrafficSnapshot()]
        for shard in shards {
            for (color, meter) in shard { meter.add(to: &all[color, default: TrafficSnapshot()]) }
        }
        return all
    }

    /// Requests that a pause holds.
    package var held: Int { waiting.load(ordering: .relaxed) }

    /// Whether one more request may be held; a yes is followed by one `release()`.
    func hold(atMost limit: Int) -> Bool {
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue > limit else { return true }
        release()
        return false
    }

    func release() { waiting.wrappingSubtract(1, ordering: .relaxed) }

    func shard(_ index: Int, _ color: Color) -> ColorMeter {
        guard let meter = shards[index % shards.count][color] else {
            preconditionFailure("every shard has both colours")
        }
        return meter
    }
}

/// How an exchange with an upstream ended.
enum ExchangeEnd: Sendable {
    case answered(status: Int)
    case unanswered
    case abandoned
}

/// The counters of one colour on one event loop.
final class ColorMeter: Sendable {
    private let requests = Atomic(0)
    private let successes = Atomic(0)
    private let redirections = Atomic(0)
    private let clientErrors = Atomic(0)
    private let serverErrors = Atomic(0)
    private let unanswered = Atomic(0)
    private let abandoned = Atomic(0)
    private let requestsInFlight = Atomic(0)
    private let tunnels = Atomic(0)
    private let latency = LatencyHistogram()

    func begin() {
        requestsInFlight.wrappingAdd(1, ordering: .relaxed)
    }

    func finish(_ end: ExchangeEnd, microseconds: Int) {
        requestsInFlight.wrappingSubtract(1, ordering: .relaxed)
        requests.wrappingAdd(1, ordering: .relaxed)
        switch end {
        case .answered(let status):
            count(status)
            latency.record(microseconds: microseconds)
        case .unanswered: unanswered.wrappingAdd(1, ordering: .relaxed)
        case .abandoned: abandoned.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// The request has been answered with 101 and lives on as a tunnel.
    func openTunnel() {
        tunnels.wrappingAdd(1, ordering: .relaxed)
        requestsInFlight.wrappingSubtract(1, ordering: .relaxed)
        requests.wrappingAdd(1, ordering: .relaxed)
    }

    func closeTunnel() {
        tunnels.wrappingSubtract(1, ordering: .relaxed)
    }

    func add(to snapshot: inout TrafficSnapshot) {
        snapshot.requests += requests.load(ordering: .relaxed)
        snapshot.successes += successes.load(ordering: .relaxed)
        snapshot.redirections += redirections.load(ordering: .relaxed)
        snapshot.clientErrors += clientErrors.load(ordering: .relaxed)
        snapshot.serverErrors += serverErrors.load(ordering: .relaxed)
        snapshot.unanswered += unanswered.load(ordering: .relaxed)
        snapshot.abandoned += abandoned.load(ordering: .relaxed)
        snapshot.requestsInFlight += requestsInFlight.load(ordering: .relaxed)
        snapshot.tunnels += tunnels.load(ordering: .relaxed)
        latency.add(to: &snapshot.latency)
    }

    private func count(_ status: Int) {
        switch status {
        case ..<300: successes.wrappingAdd(1, ordering: .relaxed)
        case ..<400: redirections.wrappingAdd(1, ordering: .relaxed)
        case ..<500: clientErrors.wrappingAdd(1, ordering: .relaxed)
        default: serverErrors.wrappingAdd(1, ordering: .relaxed)
        }
    }
}
