import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen switch`: moves traffic to an environment that is deployed already.
struct Switch: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "switch",
        abstract: "Move traffic to the idle environment, which is deployed already.",
        usage: "bluegreen switch [<color>] [<options>]",
        discussion: """
            EXAMPLES
              bluegreen switch             to the idle colour
              bluegreen switch green       does nothing where green is live already
              bluegreen switch --no-bake

            Uses the checks of 'deploy --until ready' while they are younger than \
            switch.readyFor (30m), else runs them again first.

            \(RunOptions.jsonLines)
            """,
        aliases: ["promote"])

    @Argument(help: "The colour to make live; default the idle one.")
    var color: Color?

    /// As `rollback` has it, and as people type it.
    @Option(help: .hidden)
    var to: Color?

    @Flag(help: "End after the proof, without watching.")
    var noBake = false

    @Option(
        help: ArgumentHelp(
            "Leave out the check of this name; needs --reason; repeatable.", valueName: "name"))
    var skipCheck: [String] = []

    @Flag(help: "Return only when the old colour has drained, or switch.drain.timeout has passed.")
    var waitDrain = false

    @OptionGroup(title: "Run") var run: RunOptions
    @OptionGroup(title: "Run") var forward: ForwardOptions
    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        guard skipCheck.isEmpty || run.reason != nil else {
            throw UsageRefusal(message: "--skip-check needs --reason TEXT: it is recorded.")
        }
        guard color == nil || to == nil || color == to else {
            throw UsageRefusal(message: "Two colours to switch to: name one.")
        }
        let workplace = try Workplace.open(place, in: session)
        let (situation, live) = try await Waiting(
            session: session, limit: forward.lockTimeout?.duration
        ).untilFree {
            let situation = try await workplace.situation()
            var rules = ForwardRules(
                situation: situation, adopts: forward.adopt, now: session.world.time.wall())
            rules.movesTraffic = wanted == nil || wanted != situation.liveColor
            return (situation, try rules.judge())
        }
        let target = wanted ?? live.other
        guard target != live else { return try await level(live, situation, workplace) }
        try refuseSpoiled(target, situation)
        let ready = freshReady(target, situation, workplace)
        let release = ready?.release ?? situation.record.releases[target]
        try workplace.refuseFrozen(release)
        if let failure = workplace.shareFailure(situation) { throw failure }
        var equipment = workplace.equipment(for: situation, release: release, target: target)
        try Skipping(names: skipCheck, reason: run.reason).apply(to: &equipment)
        let plan = RunPlan(
            .switch, ready == nil ? .checking : .switching, to: release, from: live,
            destination: noBake ? .switched : .committed, with: equipment, workplace.pipeline)
        if plan.hasSteps { try situation.refuseLivingSteps(workplace.world.processes) }
        let absent = Inventory(plan, equipment).absent()
        guard !run.dryRun else {
            return PlanView(session, absent).show(
                plan, equipment, without: situation.unreadable,
                isFirst: await equipment.isBare(live, situation), refusal: absent.failure)
        }
        if let failure = absent.failure { throw failure }
        var launch = RunLaunch(workplace, run, forward)
        launch.mustHold = { () throws(Failure) in try workplace.refuseFrozen(release) }
        launch.drainLimit = waitDrain ? workplace.pipeline.switching.drainTimeout : nil
        launch.overrides += skipCheck.map { "--skip-check \($0)" }
        let journal = try await launch.begin(plan, above: situation)
        return await launch.perform(
            journal, with: equipment, adopting: Adoption(situation, live, adopts: forward.adopt))
    }

    private var wanted: Color? { color ?? to }

    /// Nothing moves, but routers that the last move left out.
    private func level(
        _ live: Color, _ situation: Situation, _ workplace: Workplace
    ) async throws -> ExitStatus {
        let session = workplace.session
        guard situation.lagging.contains(where: { $0.shows != nil }) else {
            return AnswerView(session).already(live, situation)
        }
        let release = situation.record.releases[live]
        let equipment = workplace.equipment(for: situation, release: release, target: live)
        let plan = RunPlan(
            verb: .switch, entry: .levelling, from: live, to: live, release: release,
            isProvenByProbes: equipment.entrance != nil,
            isIdleClaimed: situation.isIdleClaimed(by: live))
        guard !run.dryRun else { return PlanView(session).show(plan, equipment) }
        let launch = RunLaunch(workplace, run, forward)
        let journal = try await launch.begin(plan, above: situation)
        return await launch.perform(journal, with: equipment)
    }

    /// Half a deployment must never receive traffic.
    private func refuseSpoiled(_ target: Color, _ situation: Situation) throws(Failure) {
        let why: String
        var release: Release?
        if situation.record.retired == target {
            why = "retired"
            release = situation.record.releases[target]
        } else if situation.record.spoiled == target, situation.record.releases[target] != nil {
            why = "only half deployed"
            release = situation.record.run?.beginning.plan.release
        } else if situation.record.spoiled == target || situation.unexplainedClaim == target {
            why = "claimed, and this record does not know by whom"
        } else {
            return
        }
        throw Failure(
            .idleClaimed, "\(target) is \(why).",
            hint: "Deploy to it first: 'bluegreen deploy \(release?.version ?? "VERSION")'.")
    }

    private func freshReady(
        _ target: Color, _ situation: Situation, _ workplace: Workplace
    ) -> ReadyRecord? {
        guard let ready = situation.record.ready, ready.color == target else { return nil }
        let isFresh = ready.isFresh(
            at: workplace.world.time.wall(), for: workplace.pipeline.switching.readyFor)
        return isFresh ? ready : nil
    }
}
