import Contracts
import PipelineModel

/// `router:` takes a number from what the routers count anyway.
struct RouterMetric: MetricSource {
    private enum Quantity: String, CaseIterable {
        case errorRate
        case requestRate
        case averageResponseTime

        var unit: BoundUnit? {
            switch self {
            case .errorRate: .share
            case .averageResponseTime: .length
            case .requestRate: nil
            }
        }
    }

    static let description = AdapterDescription(
        "router", .text(.literal),
        summary: "What the routers count of real requests: errorRate, requestRate or "
            + "averageResponseTime.")

    private let quantity: Quantity

    init?(_ metric: Section, world: World) {
        guard let word = metric.node["router"]?.text else { return nil }
        guard let quantity = Quantity(rawValue: word) else {
            let known = Quantity.allCases.map(\.rawValue).joined(separator: ", ")
            metric.report.error(
                at: metric.position(of: "router"), "routers do not count '\(word)'",
                hint: "they count \(known); percentiles come from 'probe: p95' or 'prometheus:'")
            return nil
        }
        quantity.unit?.check(metric)
        self.quantity = quantity
    }

    var needs: Set<TrafficNeed> { [.routerCounters] }

    func measure(_ context: MetricContext) async -> Measurement {
        guard let traffic = context.traffic else {
            return .noData("no router counts requests on \(context.step.color)")
        }
        switch quantity {
        case .errorRate:
            guard traffic.requests > 0 else { return .noData(nothing(traffic, context)) }
            return .value(Double(traffic.errors) / Double(traffic.requests))
        case .requestRate:
            guard traffic.length > .zero else {
                return .noData("the routers have counted for no time yet")
            }
            return .value(Double(traffic.requests) / traffic.length.inSeconds)
        case .averageResponseTime:
            guard let time = traffic.averageResponseTime else {
                return .noData(
                    traffic.requests > 0
                        ? "the router does not say how long answers took"
                        : nothing(traffic, context))
            }
            return .value(time.inSeconds)
        }
    }

    private func nothing(_ traffic: TrafficWindow, _ context: MetricContext) -> String {
        "no request reached \(context.step.color) in \(Wording.length(traffic.length))"
    }
}
