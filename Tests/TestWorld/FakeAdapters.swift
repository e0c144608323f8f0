package import Contracts
package import PipelineModel

/// A deploy step that does what the test says.
package struct FakeDeployer: Deployer {
    package static let description = AdapterDescription("fake", .anything, summary: "A double.")

    private let work: @Sendable (StepContext) async throws(Failure) -> String

    package init(_ work: @escaping @Sendable (StepContext) async throws(Failure) -> String) {
        self.work = work
    }

    package init?(_ step: Section, world: World) { nil }

    package func perform(_ context: StepContext) async throws(Failure) -> String {
        try await work(context)
    }
}

/// A check that answers what the test says.
package struct FakeCheck: Check {
    package static let description = AdapterDescription("fake", .anything, summary: "A double.")

    private let answer: @Sendable (StepContext) async -> CheckAnswer

    package init(_ answer: @escaping @Sendable (StepContext) async -> CheckAnswer) {
        self.answer = answer
    }

    package init?(_ step: Section, world: World) { nil }

    package func ask(_ context: StepContext) async -> CheckAnswer { await answer(context) }
}

/// A metric that measures what the test says.
package struct FakeMetric: MetricSource {
    package static let description = AdapterDescription("fake", .anything, summary: "A double.")

    package let needs: Set<TrafficNeed>
    private let sample: @Sendable (MetricContext) async -> Measurement

    package init(
        needs: Set<TrafficNeed> = [],
        _ sample: @escaping @Sendable (MetricContext) async -> Measurement
    ) {
        self.needs = needs
        self.sample = sample
    }

    package init?(_ metric: Section, world: World) { nil }

    package func measure(_ context: MetricContext) async -> Measurement { await sample(context) }
}

extension Section {
    /// A mapping without keys.
    package static var empty: Section {
        Section(
            Node(.mapping([]), at: Position(file: "bluegreen.yaml", line: 1, column: 1)),
            constants: Constants(), report: Report())
    }
}
