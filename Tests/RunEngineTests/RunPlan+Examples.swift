import Contracts
import PipelineModel
import TestWorld

@testable import RunEngine

extension RunPlan {
    /// Blue is live, green gets 2.8.0.
    static func deploy(
        steps: [String] = [], checks: [String] = [], hasBake: Bool = false,
        rollsBackAutomatically: Bool = true
    ) -> RunPlan {
        RunPlan(
            verb: .deploy, entry: .deploying, from: .blue, to: .green,
            release: Release(version: "2.8.0"), deploySteps: steps, checks: checks,
            hasBake: hasBake, rollsBackAutomatically: rollsBackAutomatically)
    }

    static func switching(hasBake: Bool = false, isProvenByProbes: Bool = true) -> RunPlan {
        RunPlan(
            verb: .switch, entry: .switching, from: .blue, to: .green, hasBake: hasBake,
            isProvenByProbes: isProvenByProbes)
    }

    /// Green is live and a person wants blue back.
    static func rollback(isLenient: Bool = true) -> RunPlan {
        RunPlan(
            verb: .rollback, entry: .rollingBack, from: .green, to: .blue, isLenient: isLenient)
    }
}

extension RunEquipment {
    mutating func addStep(
        retries: Retries = Retries(),
        _ work: @escaping @Sendable (StepContext) async throws(Failure) -> String
    ) {
        var step = Step(name: "up", kind: "fake", section: .empty)
        step.retries = retries
        deploy.append(DeployStep(step: step, deployer: FakeDeployer(work)))
    }

    mutating func addCheck(
        consecutive: Int = 1, timeout: Duration = .seconds(10),
        _ answer: @escaping @Sendable (StepContext) async -> CheckAnswer
    ) {
        var step = Step(name: "healthy", kind: "fake", section: .empty)
        step.timeout = timeout
        let settings = CheckStep(step: step, consecutive: consecutive)
        checks.append(CheckedStep(settings: settings, check: FakeCheck(answer)))
    }

    /// Ten intervals of a second, in which one metric must stay below 1%; 3 of 5 bad ones fail.
    mutating func addBake(
        pass: String = "< 1%", needs: Set<TrafficNeed> = [],
        _ sample: @escaping @Sendable (MetricContext) async -> Measurement
    ) {
        let metric = MetricSettings(
            name: "errors", kind: "fake", section: .empty,
            pass: [Threshold(written: pass)].compactMap(\.self))
        bake = BakeSettings(duration: .seconds(10), metrics: [metric])
        metrics = [Metric(settings: metric, source: FakeMetric(needs: needs, sample))]
    }
}

extension CheckAnswer {
    static let good = CheckAnswer(isGood: true, evidence: "status 200")
    static let bad = CheckAnswer(isGood: false, evidence: "status 503, expected 200")
}
