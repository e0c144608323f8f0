import Contracts
import PipelineModel

/// `probe:` takes a number from our own requests through the public address.
struct ProbeMetric: MetricSource {
    private enum Quantity: String, CaseIterable {
        case errorRate
        case p50
        case p95
        case p99
        case count

        var unit: MetricUnit? {
            switch self {
            case .errorRate: .share
            case .p50, .p95, .p99: .length
            case .count: nil
            }
        }
    }

    private static let standardRate = 20.0
    private static let highestRate = 1000.0
    private static let lowestRate = 0.01

    static let description = AdapterDescription(
        "probe", .choice(Quantity.allCases.map(\.rawValue)),
        companions: SettingsDescription([
            Setting("rate", .rate, .standard("20/s"), "How many requests to send, 1000/s at most.")
        ]),
        summary: "What our own requests through the public address see: errors, latencies, count.")

    private let quantity: Quantity
    private let rate: Double

    init?(_ metric: Section, world: World) {
        guard let quantity = metric.text("probe").flatMap(Quantity.init) else { return nil }
        quantity.unit?.check(metric)
        let rate = metric.rate("rate") ?? Self.standardRate
        guard rate <= Self.highestRate else {
            metric.report.error(
                at: metric.position(of: "rate"), "'rate' is more than 1000/s",
                hint: "probes watch a service; they do not load it")
            return nil
        }
        guard rate >= Self.lowestRate else {
            metric.report.error(
                at: metric.position(of: "rate"), "'rate' is less than 0.01/s",
                hint: "a bake without probes shows nothing")
            return nil
        }
        self.quantity = quantity
        self.rate = rate
    }

    var needs: Set<TrafficNeed> { [.probes(perSecond: rate)] }

    var unit: MetricUnit? { quantity.unit }

    func measure(_ context: MetricContext) async -> Measurement {
        guard let probes = context.probes else {
            return .noData("no probes are sent: the pipeline names no public address")
        }
        switch quantity {
        case .count:
            return .value(Double(probes.count))
        case .errorRate:
            guard probes.count > 0 else { return .noData("no probe was sent") }
            return .value(Double(probes.errors) / Double(probes.count))
        case .p50:
            return percentile(0.5, of: probes)
        case .p95:
            return percentile(0.95, of: probes)
        case .p99:
            return percentile(0.99, of: probes)
        }
    }

    private func percentile(_ share: Double, of probes: ProbeWindow) -> Measurement {
        guard let latency = probes.percentile(share) else {
            let why = probes.trouble.map { ": \($0)" } ?? ""
            return .noData("none of \(probes.count) probes was answered\(why)")
        }
        return .value(latency.inSeconds)
    }
}
