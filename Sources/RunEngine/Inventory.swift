package import Contracts
import PipelineModel

/// Looks for the programs that a run starts, while nothing is changed yet.
package struct ProgramSearch {
    /// One that is not there now.
    package struct Absence: Hashable, Sendable {
        package enum Starter: String, Sendable {
            case step
            case check
            case metric
        }

        package let starter: Starter
        /// 0-based, among the steps, checks or metrics.
        package let index: Int
        package let program: String
        /// An earlier step may make it; else the run would certainly fail there.
        package let mayBeMade: Bool
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
            guard let call else { return }
            if let absence = absence(of: call, step, starter, index, isPreceded: isPreceded) {
                found.append(absence)
            }
            isPreceded = isPreceded || starter == .step
        }
        let steps = plan.entry == .retiring ? equipment.retire : equipment.deploy
        if !plan.deploySteps.isEmpty || !plan.retireSteps.isEmpty {
            for (index, item) in steps.enumerated() {
                look(for: item.call, of: item.step, .step, index)
            }
        }
        if !plan.checks.isEmpty {
            for (index, item) in equipment.checks.enumerated() where item.skipReason == nil {
                let call = (item.check as? any ProgramStarting)?.call
                look(for: call, of: item.settings.step, .check, index)
            }
        }
        if watchesTraffic {
            for (index, item) in equipment.metrics.enumerated() {
                let call = (item.source as? any ProgramStarting)?.call
                look(for: call, of: item.settings.step, .metric, index)
            }
        }
        return found
    }

    private var watchesTraffic: Bool {
        switch plan.destination {
        case .ready: false
        case .switched: plan.canary != nil
        case .committed: plan.canary != nil || plan.hasBake
        }
    }

    private func absence(
        of call: CommandCall, _ step: Step, _ starter: Absence.Starter, _ index: Int,
        isPreceded: Bool
    ) -> Absence? {
        let context = context(of: step)
        guard let program = call.program(context.substitutes) else { return nil }
        do throws(Failure) {
            try call.requireProgram(context)
            return nil
        } catch {
            let isInstalled = !program.utf8.contains(UInt8(ascii: "/")) && !setsPath(step)
            return Absence(
                starter: starter, index: index, program: program,
                mayBeMade: isPreceded && !isInstalled,
                failure: worded(
                    error, "\(starter.rawValue) '\(step.name)'",
                    isPreceded: isPreceded && isInstalled))
        }
    }

    private func worded(_ failure: Failure, _ name: String, isPreceded: Bool) -> Failure {
        var failure = failure
        let why = failure.message.prefix(1).lowercased() + failure.message.dropFirst()
        failure.message = "The \(name) cannot run: \(why)"
        if isPreceded {
            failure.hint? +=
                " Where an earlier step installs it, set PATH in the 'env' of this one."
        }
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
