import Contracts
import PipelineModel
import RunEngine

/// What a dead run had begun and says of itself that it may not simply be repeated.
struct BegunSteps {
    let store: any StateStore

    /// The step that `next` would begin a second time, and who had begun it; `nil` where repeating is
    /// harmless. A `resume` that died goes on where the run before it stood.
    func unrepeatable(
        _ next: RunPlan.Entry, after dead: RunID?, _ equipment: RunEquipment
    ) throws(Failure) -> (step: String, run: RunID)? {
        let (phase, steps): (StepMark.Phase, [RunEquipment.DeployStep])
        switch next {
        case .deploying: (phase, steps) = (.deploy, equipment.deploy)
        case .retiring: (phase, steps) = (.retire, equipment.retire)
        case .checking, .switching, .confirming, .baking, .rollingBack, .adopting, .levelling:
            return nil
        }
        let names = Set(steps.filter { !$0.step.isIdempotent }.map(\.step.name))
        var earlier = names.isEmpty ? nil : dead
        while let run = earlier {
            earlier = nil
            for entry in try store.entries(of: run) ?? [] {
                if case .began(let beginning) = entry.event, beginning.plan.verb == .resume {
                    earlier = beginning.supersedes
                }
                if case .stepBegan(let mark) = entry.event, mark.phase == phase,
                    names.contains(mark.name)
                {
                    return (mark.name, run)
                }
            }
        }
        return nil
    }
}
