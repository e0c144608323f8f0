import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen check`: asks the checks of idle, or of live, without a run.
struct Check: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask the pipeline's checks now, without deploying or recording.",
        usage: "bluegreen check [<color>] [<options>]",
        discussion: """
            EXAMPLES
              bluegreen check               the idle colour
              bluegreen check blue

            Exit 0 when every check passes, 10 when one does not.
            """)

    @Argument(help: "The colour to ask; default the idle one.")
    var color: Color?

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let workplace = try Workplace.open(place, in: session)
        let situation = try await workplace.situation()
        guard let target = color ?? situation.liveColor?.other else {
            if case .unreadable(let failure) = situation.live { throw failure }
            throw Failure(
                .drift, "Which colour is idle is not known.", hint: "Name one: 'check green'.")
        }
        let release = situation.record.releases[target]
        let equipment = workplace.equipment(for: situation, release: release, target: target)
        let view = CheckView(session, target)
        let runner = Runner(
            equipment: equipment, journal: UnrecordedJournal(inspecting: target, release, session),
            stop: session.stop, report: { view.show($0) })
        let isGood = await view.whileMoving { await runner.askChecks { view.show($0, $1) } }
        guard let isGood else { throw Failure(.interrupted, "You stopped the checks.") }
        return isGood ? .done : .failedBeforeSwitch
    }
}

extension UnrecordedJournal {
    /// For asking checks outside of a run: nothing is written down.
    init(inspecting color: Color, _ release: Release?, _ session: Session) {
        let plan = RunPlan(
            verb: .deploy, entry: .checking, from: color.other, to: color, release: release,
            isProvenByProbes: false)
        self.init(
            beginning: RunBeginning(
                run: RunID("check"), epoch: 0, service: "", stage: nil, plan: plan,
                owner: Owner(session.world.host)))
    }
}
