import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Checks

private func window(
    requests: Int, errors: Int = 0, time: Duration? = nil, length: Duration = .seconds(2),
    own: (requests: Int, errors: Int) = (0, 0)
) -> TrafficWindow {
    var window = TrafficWindow(
        requests: requests, errors: errors, averageResponseTime: time, length: length)
    (window.ownRequests, window.ownErrors) = own
    return window
}

/// Answers that took 1 to 100 ms.
private var hundred: TrafficWindow {
    var traffic = window(requests: 100)
    for time in 1...100 { traffic.responseTimes.note(milliseconds: time) }
    return traffic
}

@Suite struct RouterMetricTests {
    @Test(
        arguments: [
            ("errorRate", window(requests: 200, errors: 3), Measurement.value(0.015)),
            ("errorRate", window(requests: 5), .value(0)),
            ("errorRate", window(requests: 0), .noData("no request reached green in 2 s")),
            // Our own good answers do not thin out the errors of users.
            ("errorRate", window(requests: 50, errors: 3, own: (20, 0)), .value(0.1)),
            ("errorRate", window(requests: 50, errors: 13, own: (20, 10)), .value(0.1)),
            // Counted at two places: never more errors than requests, nor less than none.
            ("errorRate", window(requests: 21, errors: 2, own: (20, 0)), .value(1)),
            ("errorRate", window(requests: 30, errors: 1, own: (20, 2)), .value(0)),
            // Without users our own requests speak for the colour.
            ("errorRate", window(requests: 20, errors: 5, own: (20, 5)), .value(0.25)),
            ("requestRate", window(requests: 30), .value(15)),
            ("requestRate", window(requests: 30, own: (20, 0)), .value(5)),
            ("requestRate", window(requests: 19, own: (20, 0)), .value(0)),
            ("requestRate", window(requests: 0), .value(0)),
            (
                "requestRate", window(requests: 0, length: .zero),
                .noData("the routers have counted for no time yet")
            ),
            (
                "averageResponseTime", window(requests: 9, time: .milliseconds(250)), .value(0.25)
            ),
            (
                "averageResponseTime", window(requests: 9),
                .noData("the router does not say how long answers took")
            ),
            (
                "averageResponseTime", window(requests: 0),
                .noData("no request reached green in 2 s")
            ),
            ("p50", hundred, .value(0.05)),
            ("p95", hundred, .value(0.095)),
            ("p99", hundred, .value(0.099)),
            ("p95", window(requests: 9), .noData("the router does not say how long answers took")),
            ("p95", window(requests: 0), .noData("no request reached green in 2 s")),
            ("errorRate", nil, .noData("no router counts requests on green")),
            ("requestRate", nil, .noData("no router counts requests on green")),
        ] as [(String, TrafficWindow?, Measurement)])
    func `what the routers count is measured in base units`(
        quantity: String, traffic: TrafficWindow?, expected: Measurement
    ) async throws {
        let measured = try await measure(
            "router", ["router": .plain(quantity)], world: .offLimits, traffic: traffic)
        #expect(measured == expected)
    }

    @Test func `it needs the routers' counters`() {
        let metric: Written = ["router": "errorRate"]
        let source = RouterMetric(metric.section(), world: .offLimits)
        #expect(source?.needs == [.routerCounters])
    }

    private static let all =
        "they count errorRate, requestRate, averageResponseTime, p50, p95, p99; "
        + "other numbers come from 'probe:'; 'prometheus:' is not built yet"

    @Test(arguments: [
        ("median", all), ("p90", all), ("errorrate", "did you mean 'errorRate'?"),
        ("", all),
    ])
    func `what routers do not count is a mistake that names who does`(word: String, hint: String) {
        let report = Report()
        let metric: Written = ["router": .plain(word)]
        let section = metric.section(report)
        #expect(RouterMetric(section, world: .offLimits) == nil)
        #expect(
            report.diagnostics == [
                Diagnostic(
                    at: section.position(of: "router"), "routers do not count '\(word)'",
                    hint: hint)
            ])
    }
}
