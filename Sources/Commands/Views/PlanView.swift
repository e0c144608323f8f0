import Console
import Contracts
import PipelineModel
import RunEngine

/// Shows a run before it happens.
struct PlanView {
    private let session: Session
    private let absent: [Inventory.Absence]

    /// `absent` are programs that are not there yet.
    init(_ session: Session, _ absent: [Inventory.Absence] = []) {
        self.session = session
        self.absent = absent
    }

    private struct Document: Encodable {
        var schemaVersion = 1
        var type = "plan"
        var plan: RunPlan
        var routers: [String]
        var steps: [String]
        /// Why this would be refused now.
        var refusal: Failure?
    }

    /// `unreadable` are routers that would be left out now, and why; `isFirst` where what is live has
    /// nothing to go back to; `refusal` is why it would not begin, and decides the status.
    func show(
        _ plan: RunPlan, _ equipment: RunEquipment, without unreadable: [RouterID: String] = [:],
        isFirst: Bool = false, refusal: Failure? = nil
    ) -> ExitStatus {
        let steps =
            unreadable.sorted { $0.key < $1.key }.map {
                "leave out \($0.key), unless it can be read by then: \($0.value)"
            } + steps(plan, equipment.without(unreadable), isFirst)
        let status = refusal.map { ExitStatus(untouched: $0.code) } ?? .done
        let refusal = refusal?.advised(session.advice)
        guard !session.isJSON else {
            session.terminal.output.print(
                json: JSONOut.document(
                    Document(
                        plan: plan, routers: equipment.routers.values.map(\.address).sorted(),
                        steps: steps, refusal: refusal)))
            return status
        }
        guard !session.output.quiet else { return status }
        let out = session.terminal.output
        out.print("\(plan.verb.rawValue, .bold) would do this; nothing was changed:")
        for (number, step) in steps.enumerated() { out.print("\("\(number + 1)"). \(step)") }
        if let refusal {
            out.print("\("It would be refused now:", .warning) \(refusal.message)")
            if let hint = refusal.hint { out.print("  \("next:", .bold) \(hint)") }
        }
        return status
    }

    private func steps(
        _ plan: RunPlan, _ equipment: RunEquipment, _ isFirst: Bool
    ) -> [String] {
        switch plan.entry {
        case .deploying:
            return ["claim \(plan.to): until the switch it is no way back"]
                + equipment.deploy.enumerated().map {
                    "on \(plan.to): \($1.step.name)" + note(.step, $0)
                }
                + checks(plan, equipment) + forward(plan, equipment, isFirst)
        case .checking: return checks(plan, equipment) + forward(plan, equipment, isFirst)
        case .switching: return forward(plan, equipment, isFirst)
        case .confirming:
            return ["ask every router for the switch that was begun", proof(equipment)]
                + bake(plan, equipment)
        case .baking where plan.openVerdict != nil:
            return ["its bake has failed: ask both colours; back to \(plan.from) if that is better"]
        case .baking: return bake(plan, equipment)
        case .rollingBack:
            return ["bring traffic back to \(plan.to)\(inOneStep(equipment))"] + risks(equipment)
                + [proof(equipment)]
        case .retiring:
            let steps = equipment.retire.map { "on \(plan.to.other): \($0.step.name)" }
            return ["from then on \(plan.to.other) is no way back"]
                + (steps.isEmpty ? ["stop nothing: the pipeline has no retire.steps"] : steps)
        case .adopting: return ["accept \(plan.to) as live"]
        case .levelling:
            let names = equipment.behind.sorted().map(\.name).joined(separator: ", ")
            return ["bring \(names) to \(plan.to), which the others show", proof(equipment)]
        }
    }

    private func forward(
        _ plan: RunPlan, _ equipment: RunEquipment, _ isFirst: Bool
    ) -> [String] {
        guard plan.destination != .ready else { return ["stop: ready to switch"] }
        let name = "\(plan.to)" + (plan.release.map { " \($0.version)" } ?? "")
        let routers = equipment.routers.values.map(\.address).sorted().joined(separator: ", ")
        return preview(plan, equipment) + canary(plan, equipment) + [
            "switch \(routers) from \(plan.to.other) to \(name)\(inOneStep(equipment))"
        ] + risks(equipment) + [
            proof(equipment),
            isFirst
                ? "nothing serves on \(plan.to.other): there is no way back to it yet"
                : "on failure: back to \(plan.to.other), proven the same way",
        ] + bake(plan, equipment)
    }

    private func preview(_ plan: RunPlan, _ equipment: RunEquipment) -> [String] {
        guard let preview = equipment.switching.preview, plan.isProvenByProbes else { return [] }
        return ["ask the public address as a tester (\(preview)): \(plan.to) must answer"]
    }

    private func canary(_ plan: RunPlan, _ equipment: RunEquipment) -> [String] {
        guard plan.canary != nil else { return [] }
        let names = (equipment.bake?.metrics ?? []).map(\.name).joined(separator: ", ")
        return equipment.switching.canary.map {
            "send \($0.percent)% of the requests to \(plan.to), watch \(names) for"
                + " \($0.duration.worded); on failure: back to 0%"
        }
    }

    private func inOneStep(_ equipment: RunEquipment) -> String {
        equipment.routers.values.allSatisfy { $0.abilities.isAtomic == true } ? ", in one step" : ""
    }

    /// What the chosen mechanisms can break, one line for each that can.
    private func risks(_ equipment: RunEquipment) -> [String] {
        equipment.routers.sorted { $0.key < $1.key }.compactMap { id, router in
            let ability = AbilityWords(fencing: router.fencing, abilities: router.abilities)
            guard !ability.risks.isEmpty else { return nil }
            return "what that can break with \(id): \(ability.risks.joined(separator: "; "))"
        }
    }

    private func bake(_ plan: RunPlan, _ equipment: RunEquipment) -> [String] {
        guard plan.hasBake, plan.destination == .committed, let bake = equipment.bake else {
            return []
        }
        let names = bake.metrics.map(\.name).joined(separator: ", ")
        return ["watch \(names) for \(bake.duration.worded)"]
    }

    private func checks(_ plan: RunPlan, _ equipment: RunEquipment) -> [String] {
        equipment.checks.enumerated().map {
            "ask \(plan.to): \($1.settings.step.name)" + note(.check, $0)
        }
    }

    /// Where the program is not there yet, and may be by then.
    private func note(_ starter: Inventory.Absence.Starter, _ index: Int) -> String {
        let absence = absent.first { ($0.starter, $0.index) == (starter, index) }
        guard let program = absence?.awaited else { return "" }
        return "; there is no '\(program)' yet: a step before it has to make it"
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

extension RunEquipment {
    fileprivate func without(_ routers: [RouterID: String]) -> RunEquipment {
        var equipment = self
        equipment.routers = equipment.routers.filter { routers[$0.key] == nil }
        return equipment
    }
}

extension [Inventory.Absence] {
    /// Why the run would certainly fail before its switch; all that is missing is named.
    var failure: Failure? {
        let certain = filter { $0.awaited == nil }
        guard var failure = certain.first?.failure else { return nil }
        failure.evidence += certain.dropFirst().map(\.failure.message)
        return failure
    }
}
