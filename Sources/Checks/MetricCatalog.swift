package import Contracts
package import PipelineModel

/// Every source of a number about a colour that receives traffic.
package enum MetricCatalog {
    package static let all: [any MetricSource.Type] = [
        HTTPMetric.self,
        ProbeMetric.self,
        RouterMetric.self,
        RunMetric.self,
    ]

    package static var descriptions: [AdapterDescription] {
        all.map { $0.description } + [prometheus]
    }

    /// `nil` where no source is called `kind` or the metric was reported as wrong.
    package static func make(
        _ kind: String, _ metric: Section, world: World
    ) -> (any MetricSource)? {
        all.first { $0.description.kind == kind }?.init(metric, world: world)
    }

    private static let prometheus = AdapterDescription(
        "prometheus",
        .section(
            SettingsDescription([
                Setting("url", .text(.template), .required, "The address of the server."),
                Setting("query", .text(.template), .required, "A query that gives one number."),
            ])),
        summary: "Asks a Prometheus server for one number.", isBuilt: false)
}
