/// What a whole load showed.
package struct LoadSummary: Codable, Hashable, Sendable {
    package let requests: Int
    package let errors: [LoadError: Int]
    package let colors: [String: Int]
    /// From due to end, of complete answers: waiting for a slow predecessor counts.
    package let latency: Latency
    /// The same of the answers that were due or under way while a switch was.
    package let latencyInSwitches: Latency
    /// The same of all others.
    package let latencyOutsideSwitches: Latency
    package let switches: [SwitchEffect]
    /// The ids of the orders that were answered as placed.
    package let placedOrders: [String]
    /// The first lost requests, for whoever looks for the cause.
    package let firstFailures: [LoadRecord]

    private static let shownFailures = 100

    package init(_ records: [LoadRecord], switches: [Switch] = []) {
        let failures = records.filter { $0.error != nil }
        requests = records.count
        errors = Dictionary(failures.compactMap(\.error).map { ($0, 1) }, uniquingKeysWith: +)
        colors = Dictionary(records.compactMap(\.color).map { ($0, 1) }, uniquingKeysWith: +)
        latency = Latency(records.filter { $0.error == nil }.map { $0.end - $0.due })
        let answers = records.filter { $0.error == nil }
        let isInSwitch = answers.map { record in
            switches.contains { record.due <= $0.ended && record.end >= $0.issued }
        }
        let times = zip(isInSwitch, answers.map { $0.end - $0.due })
        latencyInSwitches = Latency(times.filter(\.0).map(\.1))
        latencyOutsideSwitches = Latency(times.filter { !$0.0 }.map(\.1))
        self.switches = SwitchEffect.effects(of: switches, on: records)
        placedOrders = records.filter { $0.error == nil }.compactMap(\.order)
        firstFailures = Array(failures.prefix(Self.shownFailures))
    }

    package var errorCount: Int { errors.values.reduce(0, +) }
    package var stale: Int { switches.map(\.stale).reduce(0, +) }
    package var causal: Int { switches.map(\.causal).reduce(0, +) }
    /// One row of a table: switches, medians of first new and last old, errors, stale, causal, p99 of
    /// the answers outside a switch and of those during one.
    package var row: String {
        let firstNew = Latency(switches.compactMap(\.firstNew)).p50
        let lastOld = Latency(switches.compactMap(\.lastOld)).p50
        let times = [firstNew, lastOld].map(\.milliseconds)
        let counts = [errorCount, stale, causal].map { "\($0)" }
        let tails = [latencyOutsideSwitches.p99, latencyInSwitches.p99].map(\.milliseconds)
        return (["\(switches.count)"] + times + counts + tails).joined(separator: " | ")
    }
    /// No request was lost, none went to the wrong colour.
    package var isClean: Bool { errorCount == 0 && stale == 0 && causal == 0 }
}

/// A router as the page of what each showed under load names it.
package struct MeasuredRouter: Sendable {
    /// What stops a writer that is late.
    package enum Fencing: String, Sendable {
        case token = "T"
        case synchronous = "S"
        case asynchronous = "A"
    }

    package let name: String
    /// What is changed to switch.
    package let mechanism: String
    package let fencing: Fencing

    package init(_ name: String, by mechanism: String, _ fencing: Fencing) {
        (self.name, self.mechanism, self.fencing) = (name, mechanism, fencing)
    }

    /// For `scripts/write-measured`.
    package func line(_ summary: LoadSummary) -> String {
        "measured: \(name) | \(mechanism) | \(fencing.rawValue) | \(summary.row)"
    }
}

/// Percentiles in nanoseconds; 0 where nothing was answered.
package struct Latency: Codable, Hashable, Sendable {
    package let p50: Int64
    package let p95: Int64
    package let p99: Int64

    init(_ durations: [Int64]) {
        let sorted = durations.sorted()
        /// The smallest value that at least `percent` of all values do not exceed.
        func percentile(_ percent: Int) -> Int64 {
            guard !sorted.isEmpty else { return 0 }
            return sorted[max((sorted.count * percent + 99) / 100 - 1, 0)]
        }
        p50 = percentile(50)
        p95 = percentile(95)
        p99 = percentile(99)
    }
}

extension LoadSummary: CustomStringConvertible {
    /// One line: `5,000 requests` without the commas, errors by class, colours, percentiles.
    package var description: String {
        var parts = ["\(requests) requests", "\(errorCount) errors"]
        parts += LoadError.allCases.compactMap { kind in
            errors[kind].map { "\(kind.rawValue) \($0)" }
        }
        parts += colors.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        parts.append(
            "p50 \(latency.p50.milliseconds) p95 \(latency.p95.milliseconds)"
                + " p99 \(latency.p99.milliseconds)")
        if !switches.isEmpty {
            let last = switches.compactMap(\.lastOld).max().map { ", last old \($0.milliseconds)" }
            parts.append(
                "\(switches.count) switches, \(stale) stale, \(causal) causal" + (last ?? ""))
        }
        return parts.joined(separator: ", ")
    }
}

extension Int64 {
    /// `1.2 ms`
    fileprivate var milliseconds: String {
        "\(self / 1_000_000).\(self % 1_000_000 / 100_000) ms"
    }
}
