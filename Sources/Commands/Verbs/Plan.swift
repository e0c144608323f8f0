import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen plan`: what a deploy would do, in order, touching nothing.
struct Plan: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what 'deploy' would do, step by step.",
        usage: "bluegreen plan [<version>] [<options>]",
        discussion: """
            EXAMPLES
              bluegreen plan 2.8.0
              bluegreen plan 2.8.0 --detailed-exitcode    2: there is something to do

            Asks the routers and the public address, changes nothing, and says what would refuse the \
            deploy now: then it ends as that deploy would (32 where the release is frozen).
            """)

    @Argument(help: "The version; default as in 'deploy'.")
    var version: String?

    @Flag(help: "Exit 2 where a deploy would change something.")
    var detailedExitcode = false

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let workplace = try Workplace.open(place, in: session)
        let release = try ReleaseReader(workplace).release(version: version)
        let situation = try await workplace.situation()
        let (live, unfinished) = try Self.judge(situation, at: session.world.time.wall())
        try situation.refuseLivingSteps(workplace.world.processes)
        if unfinished == nil, situation.serves(release, on: live) {
            return AnswerView(session).already(live, situation)
        }
        let equipment = workplace.equipment(for: situation, release: release, target: live.other)
        let plan = RunPlan(
            .deploy, .deploying, to: release, from: live, destination: .committed,
            with: equipment, workplace.pipeline)
        let unprovable = await workplace.switchFailure(live, situation)
        if !output.quiet, let words = await workplace.misplaced(live) { session.warn(words) }
        let absent = Inventory(plan, equipment).absent()
        let status = PlanView(session, absent).show(
            plan, equipment, without: situation.unreadable,
            isFirst: await equipment.isBare(live, situation),
            refusal: unfinished ?? workplace.refusal(of: release) ?? unprovable ?? absent.failure)
        return detailedExitcode && status == .done ? .differences : status
    }

    /// The live colour, and the refusal that leaves something to plan: a bake that nobody finished.
    private static func judge(
        _ situation: Situation, at now: WallTime
    ) throws(Failure) -> (Color, Failure?) {
        var rules = ForwardRules(situation: situation, changesIdle: true, now: now)
        do throws(Failure) {
            return (try rules.judge(), nil)
        } catch {
            guard error.code == .wayBackConsumed else { throw error }
            rules.consumesWayBack = true
            return (try rules.judge(), error)
        }
    }
}
