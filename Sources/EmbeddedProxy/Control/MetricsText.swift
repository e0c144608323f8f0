import Contracts
import PipelineModel

/// The counters as Prometheus reads them.
struct MetricsText {
    /// Upper bounds of the histogram, in microseconds.
    private static let bounds = [
        1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
        2_500_000, 5_000_000, 10_000_000,
    ]

    private let route: Route
    private let held: Int
    private let counts: [(color: Color, counts: TrafficSnapshot)]

    init(_ route: Route, _ meter: TrafficMeter) {
        let counts = meter.snapshot()
        self.route = route
        held = meter.held
        self.counts = Color.allCases.map { ($0, counts[$0] ?? TrafficSnapshot()) }
    }

    var text: String {
        [
            family("live", "gauge", "1 for the colour that receives production traffic") {
                color, _ in
                ["": route.datum.live == color ? 1 : 0]
            },
            family("requests_total", "counter", "Requests that have ended") { ["": $1.requests] },
            family("responses_total", "counter", "Answers of the upstream by class") {
                [
                    #",class="2xx""#: $1.successes, #",class="3xx""#: $1.redirections,
                    #",class="4xx""#: $1.clientErrors, #",class="5xx""#: $1.serverErrors,
                ]
            },
            family("unanswered_total", "counter", "Requests without a whole answer") {
                ["": $1.unanswered]
            },
            family("abandoned_total", "counter", "Requests that the client gave up") {
                ["": $1.abandoned]
            },
            family("in_flight", "gauge", "Requests under way") { ["": $1.requestsInFlight] },
            family("tunnels", "gauge", "Open tunnels") { ["": $1.tunnels] },
            durations,
            single(
                "idle_claimed", "1 while a deployment has claimed idle",
                route.datum.isIdleClaimed ? 1 : 0),
            single(
                "idle_percent", "Share of the requests that idle receives",
                route.split?.idlePercent ?? 0),
            single("paused", "1 while requests are held", route.isPaused ? 1 : 0),
            single("held", "Requests that wait for the end of a pause", held),
            single("token", "The number of the last accepted write", route.datum.token.number),
        ].joined()
    }

    private func header(_ name: String, _ type: String, _ help: String) -> String {
        "# HELP bluegreen_proxy_\(name) \(help).\n# TYPE bluegreen_proxy_\(name) \(type)\n"
    }

    private func family(
        _ name: String, _ type: String, _ help: String,
        _ values: (Color, TrafficSnapshot) -> [String: Int]
    ) -> String {
        let lines = counts.flatMap { color, counts in
            values(color, counts).sorted { $0.key < $1.key }.map { labels, value in
                "bluegreen_proxy_\(name){color=\"\(color)\"\(labels)} \(value)\n"
            }
        }
        return header(name, type, help) + lines.joined()
    }

    private func single(_ name: String, _ help: String, _ value: Int) -> String {
        header(name, "gauge", help) + "bluegreen_proxy_\(name) \(value)\n"
    }

    private var durations: String {
        let name = "request_duration_seconds"
        let lines = counts.map { color, counts in
            let label = "color=\"\(color)\""
            let below = Self.bounds.map { bound in
                "bluegreen_proxy_\(name)_bucket{\(label),le=\"\(Double(bound) / 1e6)\"}"
                    + " \(counts.latency.count(upTo: bound))\n"
            }
            let all = counts.latency.count
            let sum = Double(counts.latency.microseconds) / 1e6
            return below.joined()
                + "bluegreen_proxy_\(name)_bucket{\(label),le=\"+Inf\"} \(all)\n"
                + "bluegreen_proxy_\(name)_sum{\(label)} \(sum)\n"
                + "bluegreen_proxy_\(name)_count{\(label)} \(all)\n"
        }
        return header(name, "histogram", "From the head of a request to the end of its answer")
            + lines.joined()
    }
}
