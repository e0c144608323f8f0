import Console
import Contracts
import PipelineModel
import RunEngine

/// Shows a run before it happens.
struct PlanView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    private struct Document: Encodable {
        var schemaVersion = 1
        var type = "plan"
        var plan: RunPlan
        var routers: [String]
        var steps: [String]
    }

    func show(
        _ plan: RunPlan, _ equipment: RunEquipment, _ situation: Situation
    ) -> ExitStatus {
        let steps = steps(plan, equipment, situation)
        guard !session.isJSON else {
            session.terminal.output.print(
                json: JSONOut.document(
                    Document(
                        plan: plan, routers: equipment.routers.values.map(\.address).sorted(),
                        steps: steps)))
            return .done
        }
        let out = session.terminal.output
        out.print("\(plan.verb.rawValue, .bold) would do this; nothing was changed:")
        for (number, step) in steps.enumerated() { out.print("\("\(number + 1)"). \(step)") }
        return .done
    }

    private func steps(
        _ plan: RunPlan, _ equipment: RunEquipment, _ situation: Situation
    ) -> [String] {
        let name = "\(plan.to)" + (plan.release.map { " \($0.version)" } ?? "")
        var steps: [String] = []
        switch plan.entry {
        case .deploying:
            steps.append("claim \(plan.to): until the switch it is no way back")
            steps += equipment.deploy.map { "on \(plan.to): \($0.step.name)" }
            steps += checks(plan, equipment)
        case .checking: steps += checks(plan, equipment)
        case .switching, .confirming, .baking, .rollingBack, .adopting: break
        case .retiring:
            return ["give up \(plan.to.other) as a way back"]
                + equipment.retire.map { "on \(plan.to.other): \($0.step.name)" }
        }
        if plan.destination == .ready { return steps + ["stop: ready to switch"] }
        let routers = equipment.routers.values.map(\.address).sorted().joined(separator: ", ")
        steps.append("switch \(routers) from \(plan.to.other) to \(name), in one step")
        steps.append(proof(equipment))
        steps.append("on failure: back to \(plan.to.other), proven the same way")
        if plan.hasBake, plan.destination == .committed, let bake = equipment.bake {
            let names = bake.metrics.map(\.name).joined(separator: ", ")
            steps.append("watch \(names) for \(bake.duration.worded)")
        }
        return steps
    }

    private func checks(_ plan: RunPlan, _ equipment: RunEquipment) -> [String] {
        equipment.checks.map { "ask \(plan.to): \($0.settings.step.name)" }
    }

    private func proof(_ equipment: RunEquipment) -> String {
        guard let entrance = equipment.entrance else {
            return
                "confirm by reading the router again (no public address: not proven from outside)"
        }
        return "prove it at \(entrance.url): \(entrance.consecutive) answers in a row, each on a"
            + " fresh connection"
    }
}
