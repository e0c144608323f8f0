import Contracts
import Testing

@testable import Checks

/// One sample of the metric that is written in `metric`.
func measure(
    _ kind: String, _ metric: Written, world: World, traffic: TrafficWindow? = nil,
    probes: ProbeWindow? = nil
) async throws -> Measurement {
    let source = try #require(MetricCatalog.make(kind, metric.section(), world: world))
    return await source.measure(
        MetricContext(traffic: traffic, probes: probes, step: moment()))
}
