import PipelineModel
import Synchronization

/// How long answers took on average during the last half minute.
final class RecentLatency: Sendable {
    static let interval = Duration.seconds(5)
    private static let intervals = 6

    private typealias Sums = [Color: LatencySum]

    private let meter: TrafficMeter
    /// Oldest first.
    private let past: Mutex<[Sums]>

    init(_ meter: TrafficMeter) {
        self.meter = meter
        past = Mutex([Self.sums(meter)])
    }

    /// To be called once every `interval`.
    func tick() {
        let now = Self.sums(meter)
        past.withLock { past in
            past.append(now)
            if past.count > Self.intervals { past.removeFirst() }
        }
    }

    /// A colour that answered nothing has none.
    var averages: [Color: Duration] {
        let now = Self.sums(meter)
        let then = past.withLock { $0.first ?? [:] }
        return now.reduce(into: [:]) { averages, entry in
            averages[entry.key] = entry.value.average(since: then[entry.key])
        }
    }

    private static func sums(_ meter: TrafficMeter) -> Sums {
        meter.snapshot().mapValues { LatencySum($0.latency) }
    }
}

private struct LatencySum {
    let count: Int
    let microseconds: Int

    init(_ latency: LatencySnapshot) {
        count = latency.count
        microseconds = latency.microseconds
    }

    func average(since former: LatencySum?) -> Duration? {
        let answers = count - (former?.count ?? 0)
        guard answers > 0 else { return nil }
        return .microseconds((microseconds - (former?.microseconds ?? 0)) / answers)
    }
}

extension LatencySnapshot {
    /// The sum of all durations. Each counts as the middle of its bucket: 3% wrong at most.
    var microseconds: Int {
        buckets.enumerated().reduce(0) { sum, entry in
            let low =
                entry.offset == 0 ? 0 : LatencyHistogram.upperBound(of: entry.offset - 1) + 1
            let high = LatencyHistogram.upperBound(of: entry.offset)
            return sum + entry.element * ((low + high) / 2)
        }
    }

    /// How many durations were no longer than `bound` microseconds, as far as the buckets tell.
    func count(upTo bound: Int) -> Int {
        buckets.enumerated().reduce(0) { sum, entry in
            LatencyHistogram.upperBound(of: entry.offset) <= bound ? sum + entry.element : sum
        }
    }
}
