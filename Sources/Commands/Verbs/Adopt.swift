import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen adopt`: accepts what the router shows as the truth.
struct Adopt: Subcommand {
    static let configuration = CommandConfiguration(
        abstract: "Accept the colour that the router shows as the truth.",
        discussion: """
            EXAMPLES
              bluegreen adopt --reason "switched by hand during the incident"

            For after a switch by hand, a lost state folder, or one from a backup.
            """)

    @OptionGroup(title: "Run") var run: RunOptions
    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let workplace = try Workplace.open(place, in: session)
        let situation = try await workplace.situation()
        if situation.isRunAlive, let open = situation.openRun {
            throw Failure(
                .lockHeld,
                RunWords.holder(
                    open, bake: situation.record.bake, now: session.world.time.wall()),
                hint: "Adopt when it has ended.")
        }
        guard let live = situation.liveColor else {
            if case .unreadable(let failure) = situation.live { throw failure }
            throw Failure(
                .drift, situation.drift.first.map(StatusWords.drift) ?? "No colour is live.",
                hint: "Only blue or green can be adopted.")
        }
        let plan = RunPlan(verb: .adopt, entry: .adopting, from: live, to: live)
        guard !run.dryRun else {
            return AnswerView(session).say(
                .wouldDo, "Would accept \(live) as live.", live: live)
        }
        let equipment = workplace.equipment(for: situation, release: nil, target: live)
        var launch = RunLaunch(workplace, run)
        launch.supersedes = situation.openRun?.beginning.run
        let journal = try await launch.begin(plan, above: situation)
        return await launch.perform(
            journal, with: equipment,
            adopting: Adoption(
                live: live, token: situation.highestToken, why: run.reason ?? "bluegreen adopt"))
    }
}
