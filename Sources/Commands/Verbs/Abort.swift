import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen abort`: stops a run before its switch.
struct Abort: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "abort",
        abstract: "Stop the run under way, before its switch.",
        usage: "bluegreen abort [<run>] [<options>]",
        discussion: """
            EXAMPLES
              bluegreen abort
              bluegreen abort r-000041-7k3q9x --reason "wrong version"

            Waits up to 10 s for that run to end in order, then ends it. After the switch it refuses \
            (32): then the verb is 'bluegreen rollback'.

            \(RunOptions.jsonLines)
            """)

    @Argument(
        help: ArgumentHelp(
            "The run to stop, or its beginning; default the one under way.", valueName: "run"))
    var id: String?

    @OptionGroup(title: "Run") var run: RunOptions
    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        var (situation, launch, equipment) = try await reach(session)
        guard let open = situation.openRun else {
            return AnswerView(session).nothingToStop(situation)
        }
        try Self.check(open, id, in: situation)
        guard !run.dryRun else {
            return AnswerView(session).say(
                .wouldDo,
                "Would stop \(open.beginning.run), which is \(RunWords.phase(open.phase)).")
        }
        let live = Self.live(situation)
        let plan = RunPlan(
            verb: .abort, entry: .adopting, from: live, to: live,
            isSplit: situation.liveColor == nil ? true : nil)
        launch.judge = { [id] stored throws(Failure) in
            let now = Situation(stored: stored, seen: [:])
            guard let still = now.openRun, still.beginning.run == open.beginning.run else {
                throw Failure(
                    .refused, "Run \(open.beginning.run) is not under way any more.",
                    hint: "See 'bluegreen status'.")
            }
            try Self.check(still, id, in: now)
        }
        let journal = try await launch.begin(plan, above: situation)
        await Preemption(session: session).outwait(open)
        return await launch.perform(journal, with: equipment)
    }

    /// As the routers show it, else as the run under way found it.
    private static func live(_ situation: Situation) -> Color {
        situation.liveColor ?? situation.openRun?.beginning.plan.from ?? .blue
    }

    /// What the pipeline says; where it says nothing that can be used, what the run wrote down.
    private func reach(_ session: Session) async throws -> (Situation, RunLaunch, RunEquipment) {
        let workplace: Workplace
        do {
            workplace = try Workplace.open(place, in: session)
        } catch {
            guard var sources = try? RollbackSources(place, settings: nil, in: session),
                Situation(stored: sources.stored, seen: [:]).openRun != nil
            else { throw error }
            let situation = await sources.look()
            sources.notes.forEach(session.warn)
            var launch = RunLaunch(
                session: session, store: sources.store, service: sources.service,
                stage: place.stage)
            launch.reason = run.reason
            launch.timeout = run.timeout?.duration
            return (situation, launch, sources.equipment(session.world))
        }
        let situation = try await workplace.situation()
        return (
            situation, RunLaunch(workplace, run),
            workplace.equipment(for: situation, release: nil, target: Self.live(situation))
        )
    }

    private static func check(
        _ open: RunRecord, _ id: String?, in situation: Situation
    ) throws(Failure) {
        if let id { try check(id, names: open.beginning.run) }
        switch open.phase {
        case .starting, .deploying, .checking, .ready: return
        case .retiring:
            throw Failure(
                .refused,
                "Run \(open.beginning.run) is \(RunWords.phase(open.phase)):"
                    + " \(open.beginning.plan.to.other) is no way back any more.",
                hint: situation.isRunAlive
                    ? "Wait for its end: 'bluegreen wait --for free'."
                    : situation.displacement?.hint
                        ?? "It has died: 'bluegreen resume' finishes it.")
        case .canary, .switching, .switched, .undoing, .unsettled, .baking, .judged, .rollingBack,
            .levelling, .ended:
            let hasSwitched = [.switched, .baking, .judged].contains(open.phase)
            throw Failure(
                .refused,
                "Run \(open.beginning.run) is \(RunWords.phase(open.phase)):"
                    + " traffic \(hasSwitched ? "has" : "may have") moved.",
                hint: situation.isRunAlive
                    ? "Bring it back with '\(situation.rollbackCommand)'."
                    : "It has died: 'bluegreen resume' finishes it, "
                        + "'\(situation.rollbackCommand)' goes back.")
        }
    }

    private static func check(_ id: String, names run: RunID) throws(Failure) {
        let hint = "'bluegreen abort \(run)' stops the one under way."
        // Fewer characters would mean any run, as an empty variable of a script does.
        let shortest = RunWords.name(0).count
        guard id.count >= shortest else {
            throw Failure(
                .refused,
                "'\(id)' is too short to name a run: at least \(shortest) characters, as in"
                    + " \(run.text.prefix(shortest)).",
                hint: hint)
        }
        guard run.text.hasPrefix(id) else {
            throw Failure(.refused, "Run \(id) is not under way; \(run) is.", hint: hint)
        }
    }
}
