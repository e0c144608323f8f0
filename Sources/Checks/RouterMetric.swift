import Contracts
import PipelineModel

/// `router:` takes a number from what the routers count anyway.
struct RouterMetric: MetricSource {
    static let description = AdapterDescription(
        "router", .text(.literal),
        summary: "What the routers count: errorRate and requestRate of your users' requests, not "
            + "of our probes (where nobody else comes, errorRate of these); averageResponseTime, "
            + "p50, p95 or p99 of all.")

    private let quantity: RouterMetricName

    init?(_ metric: Section, world: World) {
        guard let word = metric.node["router"]?.text else { return nil }
        guard let quantity = RouterMetricName(rawValue: word) else {
            let known = RouterMetricName.allCases.map(\.rawValue)
            let meant = Suggestion.nearest(to: word, among: known.filter { $0.count > 3 })
            metric.report.error(
                at: metric.position(of: "router"), "routers do not count '\(word)'",
                hint: meant.map { "did you mean '\($0)'?" }
                    ?? "they count \(known.joined(separator: ", "));"
                    + " other numbers come from 'probe:'; 'prometheus:' is not built yet")
            return nil
        }
        quantity.unit?.check(metric)
        self.quantity = quantity
    }

    var needs: Set<TrafficNeed> { [.routerCounters] }

    var unit: MetricUnit? { quantity.unit }

    func measure(_ context: MetricContext) async -> Measurement {
        guard let traffic = context.traffic else {
            return .noData(
                context.silence ?? "no router counts requests on \(context.step.color)")
        }
        switch quantity {
        case .errorRate:
            // Where nobody else came, our own requests are all that speaks for the colour.
            let users = traffic.foreign
            let (requests, errors) =
                users.requests > 0 ? users : (traffic.requests, traffic.errors)
            guard requests > 0 else { return .noData(nothing(traffic, context)) }
            return .value(Double(errors) / Double(requests))
        case .requestRate:
            guard traffic.length > .zero else {
                return .noData("the routers have counted for no time yet")
            }
            return .value(Double(traffic.foreign.requests) / traffic.length.inSeconds)
        case .averageResponseTime:
            return length(traffic.averageResponseTime, traffic, context)
        case .p50:
            return length(traffic.responseTimes.percentile(0.5), traffic, context)
        case .p95:
            return length(traffic.responseTimes.percentile(0.95), traffic, context)
        case .p99:
            return length(traffic.responseTimes.percentile(0.99), traffic, context)
        }
    }

    private func length(
        _ time: Duration?, _ traffic: TrafficWindow, _ context: MetricContext
    ) -> Measurement {
        if let time { return .value(time.inSeconds) }
        return .noData(
            traffic.requests > 0
                ? "the router does not say how long answers took" : nothing(traffic, context))
    }

    private func nothing(_ traffic: TrafficWindow, _ context: MetricContext) -> String {
        "no request reached \(context.step.color) in \(Wording.length(traffic.length))"
    }
}

extension RouterMetricName {
    fileprivate var unit: MetricUnit? {
        switch self {
        case .errorRate: .share
        case .averageResponseTime, .p50, .p95, .p99: .length
        case .requestRate: nil
        }
    }
}
