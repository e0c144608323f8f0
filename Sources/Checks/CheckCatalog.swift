package import Contracts
package import PipelineModel

/// Every question that can be asked about an environment.
package enum CheckCatalog {
    package static let all: [any Check.Type] = [
        HTTPCheck.self,
        RunCheck.self,
        TransactionCheck.self,
    ]

    package static var descriptions: [AdapterDescription] { all.map { $0.description } + [cases] }

    /// `nil` where no check is called `kind` or the step was reported as wrong.
    package static func make(_ kind: String, _ step: Section, world: World) -> (any Check)? {
        all.first { $0.description.kind == kind }?.init(step, world: world)
    }

    private static let cases = AdapterDescription(
        "cases", .text(.template),
        companions: SettingsDescription([
            Setting("concurrency", .integer(1...1000), .notBuiltYet, "How many cases at a time."),
            Setting("pass", .anything, .notBuiltYet, "The pass rate and latency to reach."),
        ]),
        summary: "Puts a file of cases to the service and asks for a pass rate.", isBuilt: false)
}
