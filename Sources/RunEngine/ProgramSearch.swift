package import Contracts
import PipelineModel

/// Looks for the programs that a run starts before its switch, while nothing is changed yet.
package struct ProgramSearch {
    /// One that is not there now.
    package struct Absence: Hashable, Sendable {
        package let step: StepMark
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

    /// In the order in which the steps run.
    package func absent() -> [Absence] {
        var isPreceded = false
        var found: [Absence] = []
        for (index, item) in equipment.deploy.enumerated() {
            guard let call = item.call else { continue }
            let mark = StepMark(.deploy, index, item.step.name)
            found += absence(of: call, item.step, mark, isPreceded: isPreceded).map { [$0] } ?? []
            isPreceded = true
        }
        for (index, item) in equipment.checks.enumerated() where item.skipReason == nil {
            guard let call = (item.check as? any ProgramStarting)?.call else { continue }
            let step = item.settings.step
            let mark = StepMark(.check, index, step.name)
            found += absence(of: call, step, mark, isPreceded: isPreceded).map { [$0] } ?? []
        }
        return found
    }

    private func absence(
        of call: CommandCall, _ step: Step, _ mark: StepMark, isPreceded: Bool
    ) -> Absence? {
        let context = context(of: step)
        guard let program = call.program(context.substitutes) else { return nil }
        do throws(Failure) {
            try call.requireProgram(context)
            return nil
        } catch {
            let isInstalled = !program.utf8.contains(UInt8(ascii: "/")) && !setsPath(step)
            return Absence(
                step: mark, program: program, mayBeMade: isPreceded && !isInstalled,
                failure: worded(error, mark, isPreceded: isPreceded && isInstalled))
        }
    }

    private func worded(_ failure: Failure, _ mark: StepMark, isPreceded: Bool) -> Failure {
        var failure = failure
        let kind = mark.phase == .check ? "check" : "step"
        let why = failure.message.prefix(1).lowercased() + failure.message.dropFirst()
        failure.message = "The \(kind) '\(mark.name)' cannot run: \(why)"
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
        let substitutes = equipment.substitutes(for: plan.to, plan, equipment.releases)
        var environment: [String: String] = [:]
        environment["PATH"] = equipment.world.host.environment("PATH")
        for (name, value) in step.environment where name == "PATH" {
            // What has no value yet leaves the usual one: the step itself will say so.
            environment[name] = (try? value.filled(substitutes)) ?? environment[name]
        }
        var context = StepContext(
            color: plan.to, url: equipment.colors[plan.to] ?? "", substitutes: substitutes,
            environment: environment)
        context.directory = step.directory ?? equipment.directory
        return context
    }
}
