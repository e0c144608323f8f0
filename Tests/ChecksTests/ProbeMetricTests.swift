import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Checks

private let hundred = ProbeWindow(
    count: 104, errors: 4, latencies: (1...100).map { .milliseconds($0) })
private let unanswered = ProbeWindow(count: 3, errors: 3, latencies: [])
private let refused = ProbeWindow(
    count: 3, errors: 3, latencies: [], trouble: "connection refused")
private let none = ProbeWindow(count: 0, errors: 0, latencies: [])

@Suite struct ProbeMetricTests {
    @Test(
        arguments: [
            ("errorRate", hundred, Measurement.value(4.0 / 104)),
            ("errorRate", unanswered, .value(1)),
            ("errorRate", none, .noData("no probe was sent")),
            ("count", hundred, .value(104)),
            ("count", none, .value(0)),
            ("p50", hundred, .value(0.050)),
            ("p95", hundred, .value(0.095)),
            ("p99", hundred, .value(0.099)),
            ("p95", unanswered, .noData("none of 3 probes was answered")),
            ("p95", refused, .noData("none of 3 probes was answered: connection refused")),
            ("p50", none, .noData("none of 0 probes was answered")),
            ("p99", nil, .noData("no probes are sent: the pipeline names no public address")),
            ("errorRate", nil, .noData("no probes are sent: the pipeline names no public address")),
        ] as [(String, ProbeWindow?, Measurement)])
    func `what probes see is measured in base units`(
        quantity: String, probes: ProbeWindow?, expected: Measurement
    ) async throws {
        let measured = try await measure(
            "probe", ["probe": .plain(quantity)], world: .offLimits, probes: probes)
        #expect(measured == expected)
    }

    @Test(arguments: [(nil, 20), ("50/s", 50), ("0.01/s", 0.01), ("1000/s", 1000)])
    func `it needs probes at the written rate, else 20 a second`(
        rate: String?, perSecond: Double
    ) {
        let written = rate.map { [("rate", Written.plain($0))] } ?? []
        let metric = Written.mapping([("probe", "p95")] + written)
        let source = ProbeMetric(metric.section(), world: .offLimits)
        #expect(source?.needs == [.probes(perSecond: perSecond)])
    }

    @Test(arguments: [
        ("1001/s", "'rate' is more than 1000/s"),
        ("0.0000000000000000000001/s", "'rate' is less than 0.01/s"),
    ])
    func `a rate that loads the service, or shows nothing, is a mistake`(
        rate: String, message: String
    ) {
        let report = Report()
        let metric: Written = ["probe": "p95", "rate": .plain(rate)]
        #expect(ProbeMetric(metric.section(report), world: .offLimits) == nil)
        #expect(report.messages == [message])
    }

    @Test(arguments: [
        ("probe", "p95", "< 500"), ("probe", "p99", "< 5%"), ("probe", "errorRate", "< 1"),
        ("probe", "errorRate", "< 5ms"), ("router", "averageResponseTime", "< 200"),
        ("router", "errorRate", "< 3"),
    ])
    func `a bound in another unit than what is measured is a mistake with an example`(
        kind: String, quantity: String, bound: String
    ) throws {
        let report = Report()
        let metric: Written = .mapping([(kind, .plain(quantity)), ("pass", .quoted(bound))])
        _ = MetricCatalog.make(kind, metric.section(report), world: .offLimits)
        let mistake = try #require(report.diagnostics.first)
        #expect(mistake.message.hasPrefix("'\(bound)' is no "))
        #expect(mistake.position.line == 5)
        #expect(mistake.hint?.contains("\"< ") == true)
    }

    @Test(arguments: [
        ("probe", "p95", "< 500ms"), ("probe", "p95", "<= 1.2x baseline"),
        ("probe", "count", "> 100"), ("probe", "errorRate", "< 1%"),
        ("probe", "errorRate", "< 0.01"), ("router", "requestRate", "> 5"),
    ])
    func `a bound in the unit of what is measured is none`(
        kind: String, quantity: String, bound: String
    ) {
        let report = Report()
        let metric: Written = .mapping([(kind, .plain(quantity)), ("pass", .quoted(bound))])
        _ = MetricCatalog.make(kind, metric.section(report), world: .offLimits)
        #expect(report.messages.isEmpty)
    }
}
