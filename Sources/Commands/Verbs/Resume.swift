import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen resume`: finishes or undoes what a dead run left.
struct Resume: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Finish or undo what a run that died left behind.",
        usage: "bluegreen resume [<options>]",
        discussion: """
            EXAMPLES
              bluegreen resume
              bluegreen resume --dry-run    show what it would do

            Asks the router first. Traffic that was moving is moved on only if the checks of that \
            release are still fresh, else back; a bake is watched again for its full length. A bake \
            that had failed goes back only if the old colour answers now, or fails far less. Routers \
            that were left out of a move get what the others show. A step with 'idempotent: false' that \
            had begun is run again only after a yes (-y).

            \(RunOptions.jsonLines)
            """)

    @OptionGroup(title: "Run") var run: RunOptions
    @OptionGroup(title: "Run") var waiting: WaitOptions
    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let workplace = try Workplace.open(place, in: session)
        let situation = try await Waiting(
            session: session, limit: waiting.lockTimeout?.duration
        ).untilFree {
            let situation = try await workplace.situation()
            try situation.refuseLivingRun(
                now: session.world.time.wall(),
                hint: "It is not dead: wait for it (--lock-timeout 10m).")
            return situation
        }
        let decision = ResumeDecision(
            situation: situation, readyFor: workplace.pipeline.switching.readyFor,
            hasBake: workplace.pipeline.bake != nil, now: session.world.time.wall())
        guard let found = try decision.next() else {
            return AnswerView(session).nothingToResume(situation)
        }
        try situation.refuseLivingSteps(workplace.world.processes)
        let release = found.release
        let isForward = found.goesForward(situation.record)
        if isForward { try workplace.refuseFrozen(release) }
        var equipment = workplace.equipment(
            for: situation, release: release, target: found.to)
        equipment.baseline = found.baseline ?? [:]
        let plan = plan(found, with: equipment, workplace.pipeline)
        let begun = try BegunSteps(store: workplace.store).unrepeatable(
            found.entry, after: situation.openRun?.beginning.run, equipment)
        let refusal = begun.flatMap { self.refusal(of: $0.step, $0.run, found.entry, session) }
        guard !run.dryRun else {
            return PlanView(session).show(plan, equipment, refusal: refusal)
        }
        if let refusal { throw refusal }
        if let begun {
            let question: Text =
                "Run the step '\(begun.step)' again? \(begun.run.text) had begun it before it died."
            guard try await session.isAgreed(question, yes: run.yes) else {
                return AnswerView(session).say(
                    .declined, "Nothing was repeated: you said no.", live: situation.liveColor)
            }
        }
        workplace.sayIfEdited(since: situation.record.run)
        var launch = RunLaunch(workplace, run)
        if isForward {
            launch.mustHold = { () throws(Failure) in try workplace.refuseFrozen(release) }
        }
        launch.supersedes = situation.record.run?.beginning.run
        let journal = try await launch.begin(plan, above: situation)
        return await launch.perform(journal, with: equipment)
    }

    /// Where there is nobody to ask.
    private func refusal(
        of step: String, _ dead: RunID, _ entry: RunPlan.Entry, _ session: Session
    ) -> Failure? {
        guard !run.yes, !session.terminal.canPrompt else { return nil }
        let other = entry == .deploying ? ", or give the run up: 'bluegreen abort'" : ""
        return Failure(
            .refused,
            "\(dead) had begun the step '\(step)' before it died, and the step is not idempotent.",
            hint: "Look at what it has done. Then run it again: 'bluegreen resume -y'\(other).")
    }

    private func plan(
        _ found: ResumeDecision.Next, with equipment: RunEquipment, _ pipeline: Pipeline
    ) -> RunPlan {
        var plan = RunPlan(
            verb: .resume, entry: found.entry, from: found.from, to: found.to,
            release: found.release, deploySteps: equipment.deploy.map(\.step.name),
            checks: equipment.checks.map(\.settings.step.name),
            retireSteps: equipment.retire.map(\.step.name),
            hasBake: found.entry != .levelling && pipeline.bake != nil,
            isProvenByProbes: equipment.entrance != nil,
            rollsBackAutomatically: pipeline.rollsBackAutomatically, openToken: found.openToken,
            openVerdict: found.openVerdict, isIdleClaimed: found.isIdleClaimed,
            isSplit: found.isSplit)
        plan.closesTunnels = pipeline.closesTunnels
        switch found.entry {
        case .deploying, .checking, .switching: plan.canary = pipeline.canary
        case .confirming, .baking, .rollingBack, .retiring, .adopting, .levelling: break
        }
        return plan
    }
}
