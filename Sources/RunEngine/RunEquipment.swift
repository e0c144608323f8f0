package import Contracts
package import PipelineModel

/// Everything a run works with, made before it begins. The engine never sees an adapter's name.
package struct RunEquipment: Sendable {
    package struct DeployStep: Sendable {
        package var step: Step
        /// The program that it starts, where it starts one.
        var call: CommandCall?
        package var perform: @Sendable (StepContext) async throws(Failure) -> String

        package init(step: Step, deployer: any Deployer) {
            self.step = step
            call = (deployer as? any ProgramStarting)?.call
            perform = { context throws(Failure) in try await deployer.perform(context) }
        }

        /// Ends what the step `step` of a deploy left running.
        package init(ending step: Step, _ host: any Hosting) {
            self.step = step
            self.step.name = "end \(step.name)"
            self.step.isIdempotent = true
            perform = { context throws(Failure) in try await host.end(context) }
        }
    }

    package struct CheckedStep: Sendable {
        package var settings: CheckStep
        package var check: any Check
        /// The reason given with `--skip-check`.
        package var skipReason: String?

        package init(settings: CheckStep, check: any Check, skipReason: String? = nil) {
            self.settings = settings
            self.check = check
            self.skipReason = skipReason
        }
    }

    package struct Metric: Sendable {
        package var settings: MetricSettings
        package var source: any MetricSource

        package init(settings: MetricSettings, source: any MetricSource) {
            self.settings = settings
            self.source = source
        }
    }

    package var world: World
    package var routers: [RouterID: any Router]
    package var recipes: [Recipe]
    package var requirement = FleetRequirement.all
    /// Of `routers`, those that this run neither asks nor writes, and why.
    package var leftOut: [RouterID: String] = [:]
    /// Routers that an earlier move left out: they may show another colour.
    package var behind: Set<RouterID> = []
    package var constants: Constants
    package var entrance: Entrance?
    package var colors: [Color: String]
    /// What is known to be on each colour before the run.
    package var releases: [Color: Release] = [:]
    package var deploy: [DeployStep] = []
    package var checks: [CheckedStep] = []
    package var retire: [DeployStep] = []
    package var switching = SwitchSettings()
    package var bake: BakeSettings?
    package var metrics: [Metric] = []
    /// What they measured on the old colour in a run that this one takes up.
    package var baseline: [String: Double] = [:]
    /// Where relative paths of steps start.
    package var directory: String?
    /// Where steps may keep what they must remember.
    package var stateFolder: String?
    /// What else must hold right before traffic moves forward; throws why it does not.
    package var mustHold: (@Sendable () throws(Failure) -> Void)?
    /// Fixes what was deployed: resolves digests.
    package var seal: @Sendable (Release) async throws(Failure) -> Release = { $0 }

    package init(
        world: World, routers: [RouterID: any Router], recipes: [Recipe], constants: Constants,
        entrance: Entrance? = nil, colors: [Color: String] = [:]
    ) {
        self.world = world
        self.routers = routers
        self.recipes = recipes
        self.constants = constants
        self.entrance = entrance
        self.colors = colors
    }

    /// A plan and its equipment are made from one pipeline; a mismatch would only show after a switch.
    func check(_ plan: RunPlan) {
        precondition(
            plan.deploySteps.isEmpty || plan.deploySteps.count == deploy.count,
            "Every deploy step of the plan has a deployer.")
        precondition(
            plan.checks.isEmpty || plan.checks.count == checks.count,
            "Every check of the plan has an adapter.")
        precondition(
            plan.retireSteps.isEmpty || plan.retireSteps.count == retire.count,
            "Every retire step of the plan has a deployer.")
        precondition(
            !plan.isProvenByProbes || entrance != nil || !plan.entry.movesTraffic,
            "A plan with proof by probes comes with a public address.")
        precondition(!plan.hasBake || bake != nil, "A plan with a bake comes with its settings.")
        precondition(
            plan.canary == nil || (plan.canary == switching.canary.map(\.percent) && bake != nil),
            "A plan with a canary comes with its steps and a bake.")
        precondition(
            !plan.hasBake || bake?.metrics.count == metrics.count,
            "Every metric of the bake has a source.")
    }
}

extension RunPlan.Entry {
    fileprivate var movesTraffic: Bool {
        switch self {
        case .deploying, .checking, .switching, .confirming, .baking, .rollingBack, .levelling:
            true
        case .retiring, .adopting: false
        }
    }
}
