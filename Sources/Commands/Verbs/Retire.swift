import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen retire`: stops the old environment once it is not needed as a way back.
struct Retire: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Stop the old environment; after that rollback needs a new deploy.",
        usage: "bluegreen retire [<options>]",
        discussion: """
            EXAMPLES
              bluegreen retire
              bluegreen retire --now --reason "out of memory"

            Asks first, on a terminal. While the old environment is the way back it is refused (32) \
            until retire.after has passed since the switch, and for as long as the bake of the live \
            release was not passed; what is ready to switch is refused, too.

            \(RunOptions.jsonLines)
            """)

    @Flag(help: "In spite of these rules, and of what is under way there; needs --reason.")
    var now = false

    @OptionGroup(title: "Run") var run: RunOptions
    @OptionGroup(title: "Run") var forward: ForwardOptions
    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        guard !now || run.reason != nil else {
            throw UsageRefusal(message: "--now needs --reason TEXT: it is recorded.")
        }
        let workplace = try Workplace.open(place, in: session)
        let (situation, live) = try await Waiting(
            session: session, limit: forward.lockTimeout?.duration
        ).untilFree {
            let situation = try await workplace.situation()
            let rules = ForwardRules(
                situation: situation, adopts: forward.adopt, now: session.world.time.wall())
            return (situation, try rules.judge())
        }
        guard situation.record.retired != live.other else {
            return AnswerView(session).say(
                .nothingToDo, "Nothing to do: \(live.other) is retired already.", live: live)
        }
        try RetireRules(
            situation: situation, live: live, after: workplace.pipeline.retire.after, isForced: now,
            liveFor: situation.liveAge(in: workplace.store, session.world)
        ).judge()
        let equipment = workplace.equipment(for: situation, release: nil, target: live)
        let plan = RunPlan(
            verb: .retire, entry: .retiring, from: live, to: live,
            retireSteps: equipment.retire.map(\.step.name))
        if plan.hasSteps { try situation.refuseLivingSteps(workplace.world.processes) }
        let absent = Inventory(plan, equipment).absent()
        guard !run.dryRun else {
            return PlanView(session, absent).show(plan, equipment, refusal: absent.failure)
        }
        if let failure = absent.failure { throw failure }
        guard
            try await isAgreed(
                plan, isWayBack: situation.record.wayBack == live.other, session)
        else {
            return AnswerView(session).say(
                .declined, "Nothing was stopped: you said no.", live: live)
        }
        workplace.sayIfEdited(since: situation.record.run)
        var launch = RunLaunch(workplace, run, forward)
        if now { launch.overrides.append("--now") }
        let journal = try await launch.begin(plan, above: situation)
        return await launch.perform(
            journal, with: equipment, adopting: Adoption(situation, live, adopts: forward.adopt))
    }

    private func isAgreed(
        _ plan: RunPlan, isWayBack: Bool, _ session: Session
    ) async throws(Failure) -> Bool {
        let color = plan.to.other.rawValue
        let now = isWayBack ? "It is the way back until now." : "It is no way back already."
        let question: Text =
            plan.retireSteps.isEmpty
            ? "Retire \(color)? \(now) The pipeline has no retire.steps: nothing stops."
            : "Stop \(color)? \(now)"
        return try await session.isAgreed(question, yes: run.yes)
    }
}
