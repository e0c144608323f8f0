import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen retire`: stops the old environment once it is not needed as a way back.
struct Retire: Subcommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop the old environment; after that rollback needs a new deploy.",
        discussion: """
            EXAMPLES
              bluegreen retire
              bluegreen retire --now --reason "out of memory"

            Refused (32) until retire.after has passed since the switch.
            """)

    @Flag(help: "Before retire.after has passed; needs --reason.")
    var now = false

    @OptionGroup(title: "Run") var run: RunOptions
    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        guard !now || run.reason != nil else {
            throw UsageRefusal(message: "--now needs --reason TEXT: it is recorded.")
        }
        let workplace = try Workplace.open(place, in: session)
        let situation = try await workplace.situation()
        let live = try ForwardRules(
            situation: situation, adopts: run.adopt, now: session.world.time.wall()
        ).judge()
        guard situation.record.retired != live.other else {
            session.terminal.output.print("\(live.other.rawValue) is retired already.")
            return .done
        }
        try RetireRules(
            situation: situation, live: live, after: workplace.pipeline.retire.after, isForced: now,
            now: session.world.time.wall()
        ).judge()
        let equipment = workplace.equipment(for: situation, release: nil, target: live)
        let plan = RunPlan(
            verb: .retire, entry: .retiring, from: live, to: live,
            retireSteps: equipment.retire.map(\.step.name))
        guard !run.dryRun else { return PlanView(session).show(plan, equipment, situation) }
        guard await isAgreed(live.other, session) else { return .refused }
        var launch = RunLaunch(workplace, run)
        launch.supersedes = situation.openRun?.beginning.run
        let journal = try await launch.begin(plan, above: situation)
        return await launch.perform(journal, with: equipment)
    }

    private func isAgreed(_ color: Color, _ session: Session) async -> Bool {
        guard !run.yes, session.terminal.canPrompt else { return true }
        let question: Text = "Stop \(color.rawValue)? It is the way back until now."
        return await Prompt(on: session.terminal).confirm(question) == .yes
    }
}

/// May the idle environment be given up? Pure.
struct RetireRules {
    let situation: Situation
    let live: Color
    let after: Duration
    let isForced: Bool
    let now: WallTime

    func judge() throws(Failure) {
        for (id, observation) in situation.observations {
            guard case .differs(let sighting) = observation.durable else { continue }
            throw Failure(
                .drift,
                "\(id) would show \(StatusWords.sighting(sighting)) after a reload: it must stay.",
                hint: "Mend that first: 'bluegreen adopt'.")
        }
        let underWay = situation.observations.values.reduce(0) {
            $0 + ($1.pools[live.other]?.inFlight ?? 0)
        }
        guard underWay == 0 || isForced else {
            throw Failure(
                .refused,
                "\(underWay) requests or connections are still under way on \(live.other).",
                hint: "Wait for them, or cut them with --now --reason TEXT.")
        }
        guard !isForced, let since = situation.record.live?.since else { return }
        let age = now.elapsed(since: since)
        guard age < after else { return }
        throw Failure(
            .refused,
            "\(live.other) stays a way back for \((after - age).worded) more (retire.after).",
            hint: "Wait, or pass --now --reason TEXT.")
    }
}
