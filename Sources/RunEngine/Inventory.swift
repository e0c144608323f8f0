package import Contracts
import PipelineModel

/// Looks for the programs that a run starts, and for the values that its steps name, while nothing is
/// changed yet.
package struct Inventory {
    /// What is not there now.
    package struct Absence: Hashable, Sendable {
        package enum Starter: String, Sendable {
            case step
            case check
            case metric
        }

        package let starter: Starter
        /// 0-based, among the steps, checks or metrics.
        package let index: Int
        /// The program that an earlier step may make; absent where the run would certainly fail.
        package let awaited: String?
        package let failure: Failure
    }

    private let plan: RunPlan
    private let equipment: RunEquipment

    package init(_ plan: RunPlan, _ equipment: RunEquipment) {
        self.plan = plan
        self.equipment = equipment
    }

    /// In the order in which they are started.
    package func absent() -> [Absence] {
        var isPreceded = false
        var found: [Absence] = []
        func look(for call: CommandCall?, of step: Step, _ starter: Absence.Starter, _ index: Int) {
            let name = "\(starter.rawValue) '\(step.name)'"
            for missing in step.section.missingConstants() {
                found.append(
                    Absence(
                        starter: starter, index: index, awaited: nil,
                        failure: worded(Failure(missing), name)))
            }
            guard let call else { return }
            if let (failure, awaited) = absence(of: call, step, name, isPreceded: isPreceded) {
                found.append(
                    Absence(starter: starter, index: index, awaited: awaited, failure: failure))
            }
            isPreceded = isPreceded || starter == .step
        }
        for (index, item) in steps.enumerated() {
            look(for: item.call, of: item.step, .step, index)
        }
        for (index, item) in checks.enumerated() where item.skipReason == nil {
            let call = (item.check as? any ProgramStarting)?.call
            look(for: call, of: item.settings.step, .check, index)
        }
        for (index, item) in metrics.enumerated() {
            let call = (item.source as? any ProgramStarting)?.call
            look(for: call, of: item.settings.step, .metric, index)
        }
        return found
    }

    private var steps: [RunEquipment.DeployStep] {
        switch plan.entry {
        case .deploying: equipment.deploy
        case .retiring: equipment.retire
        case .checking, .switching, .confirming, .baking, .rollingBack, .adopting, .levelling: []
        }
    }

    private var checks: [RunEquipment.CheckedStep] {
        [.deploying, .checking].contains(plan.entry) ? equipment.checks : []
    }

    private var metrics: [RunEquipment.Metric] {
        let isForward = [.deploying, .checking, .switching].contains(plan.entry)
        return isForward && watchesTraffic ? equipment.metrics : []
    }

    private var watchesTraffic: Bool {
        switch plan.destination {
        case .ready: false
        case .switched: plan.canary != nil
        case .committed: plan.canary != nil || plan.hasBake
        }
    }

    private func absence(
        of call: CommandCall, _ step: Step, _ name: String, isPreceded: Bool
    ) -> (Failure, awaited: String?)? {
        let context = context(of: step)
        guard let program = call.program(context.substitutes) else { return nil }
        do throws(Failure) {
            try call.requireProgram(context)
            return nil
        } catch {
            let isInstalled = !program.utf8.contains(UInt8(ascii: "/")) && !setsPath(step)
            var failure = worded(error, name)
            if isPreceded, isInstalled {
                failure.hint? +=
                    " Where an earlier step installs it, set PATH in the 'env' of this one."
            }
            return (failure, isPreceded && !isInstalled ? program : nil)
        }
    }

    private func worded(_ failure: Failure, _ name: String) -> Failure {
        var failure = failure
        let why = failure.message.prefix(1).lowercased() + failure.message.dropFirst()
        failure.message = "The \(name) cannot run: \(why)"
        return failure
    }

    private func setsPath(_ step: Step) -> Bool {
        step.environment.contains { $0.name == "PATH" }
    }

    /// Enough of one to look for a program.
    private func context(of step: Step) -> StepContext {
        let color = plan.entry == .retiring ? plan.to.other : plan.to
        let substitutes = equipment.substitutes(for: color, plan, equipment.releases)
        var environment: [String: String] = [:]
        environment["PATH"] = equipment.world.host.environment("PATH")
        for (name, value) in step.environment where name == "PATH" {
            // What has no value yet leaves the usual one: the step itself will say so.
            environment[name] = (try? value.filled(substitutes)) ?? environment[name]
        }
        var context = StepContext(
            color: color, url: equipment.colors[color] ?? "", substitutes: substitutes,
            environment: environment)
        context.directory = step.directory ?? equipment.directory
        return context
    }
}
