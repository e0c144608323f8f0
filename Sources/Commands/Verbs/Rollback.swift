import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen rollback`: brings traffic back with as few working parts as possible.
struct Rollback: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Bring traffic back to the other environment, now.",
        usage: "bluegreen rollback [<options>]",
        discussion: """
            EXAMPLES
              bluegreen rollback
              bluegreen rollback --to blue --reason "checkout is failing"
              bluegreen rollback --to blue --router-settings '{"haproxy": {...}}'
              bluegreen rollback --to blue --only lb-3

            Runs no checks, gates or hooks, and never waits for another run: it stops it. Works \
            with a broken pipeline, without a record and on a full disk; then say --to. Of several \
            routers it writes each that it can reach and that has a server up there; those that are \
            left are listed (20), and 'bluegreen resume' finishes them. The release that it leaves is frozen for 24 hours.

            \(RunOptions.jsonLines)
            """,
        aliases: ["undo"])

    @Option(
        help: ArgumentHelp("The colour to go to; default what was live before.", valueName: "color")
    )
    var to: Color?

    @Option(
        help: ArgumentHelp(
            "The router, as under `router:`, where neither record nor pipeline name it; several as {\"routers\": {\"lb-1\": ...}}. It is recorded: name a secret, as ${env.LB_TOKEN}.",
            valueName: "json"))
    var routerSettings: String?

    @Option(
        help: ArgumentHelp("Write only the router of this name; repeatable.", valueName: "name"))
    var only: [String] = []

    @Flag(help: "Go to an environment that is half deployed, retired or down; needs --reason.")
    var breakGlass = false

    @OptionGroup(title: "Run") var run: RunOptions
    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        guard !breakGlass || run.reason != nil else {
            throw UsageRefusal(message: "--break-glass needs --reason TEXT: it is recorded.")
        }
        do {
            return try await goBack(session)
        } catch let refusal as Failure {
            await session.warnOfNames()
            throw refusal
        }
    }

    private func goBack(_ session: Session) async throws -> ExitStatus {
        let known = try RollbackSources(place, settings: routerSettings, in: session)
        // Asked while the routers are: the first request of a process takes longer than their answer.
        let likely = to ?? Situation(stored: known.stored, seen: [:]).wayHome
        async let likelyAnswer = ask(likely, known, session)
        var sources = known
        try refuseUnknown(sources.routers)
        var situation = await sources.look()
        // Where nothing is to be written, there is time to wait for the resolver, and what the old
        // addresses show is not what the names lead to.
        if let target = self.target(situation), situation.isBack(on: target),
            await session.haveNamesMoved()
        {
            situation = await sources.look()
        }
        for note in sources.notes where !output.quiet { session.warn(note) }
        if situation.observations.isEmpty, case .unreadable(let failure) = situation.live {
            throw failure
        }
        guard let target = self.target(situation) else {
            let other = await ask(situation.liveColor?.other, sources, session)
            throw nowhere(
                situation, isUnread: sources.isUnread,
                isOtherDead: other.answer?.isDead == true)
        }
        if situation.isBack(on: target) {
            await session.warnOfNames()
            let other = await ask(target.other, sources, session)
            return AnswerView(session).already(
                target, situation,
                because: to == nil && situation.returned == target
                    ? "the last run went back there" : nil,
                isServed: { $0 == target || other.answer?.isDead != true })
        }
        if !breakGlass {
            try RollbackRules(situation: situation, target: target, only: chosen).judge()
            var asked = await likelyAnswer
            if target != likely { asked = await ask(target, sources, session) }
            if let note = asked.note, !output.quiet { session.warn(note) }
            try refuseDead(target, asked.answer, sources, situation)
        }
        var plan = RunPlan(
            verb: .rollback, entry: .rollingBack, from: situation.liveColor ?? target.other,
            to: target, release: situation.record.releases[target],
            isProvenByProbes: sources.entrance != nil, isLenient: true,
            isSplit: situation.liveColor == nil ? true : nil)
        plan.closesTunnels = sources.closesTunnels
        guard !run.dryRun else {
            return AnswerView(session).say(
                .wouldDo, "Would bring traffic back to \(target).", live: situation.liveColor)
        }
        return try await perform(plan, sources, situation, session)
    }

    /// What was live before the last switch; never a guess.
    private func target(_ situation: Situation) -> Color? {
        if let to { return to }
        if let wayHome = situation.wayHome { return wayHome }
        // The same again, for those that it did not reach.
        if !situation.lagging.isEmpty, let live = situation.record.live?.color { return live }
        if let arrived = situation.arrived { return arrived }
        // A run that has not switched yet is stopped by writing again what it began on.
        if situation.isRunAlive, let open = situation.openRun { return open.beginning.plan.from }
        return situation.returned
    }

    private func nowhere(
        _ situation: Situation, isUnread: Bool, isOtherDead: Bool
    ) -> Failure {
        let live = situation.liveColor
        return Failure(
            .nothingToRollBackTo,
            isUnread
                ? "What was live before stands in the record, which cannot be read here."
                : situation.whyNowhere,
            evidence: live.map { ["live now: \($0)"] } ?? [],
            hint: situation.insteadOfGoingBack(isOtherDead: isOtherDead))
    }

    /// A rollback that nobody can perform is for a person to know at once.
    func status(for failure: Failure) -> ExitStatus {
        let status = ExitStatus(untouched: failure.code)
        return status == .unreachable ? .rollbackImpossible : status
    }

    /// One question, put to the environment itself.
    private func ask(
        _ color: Color?, _ sources: RollbackSources, _ session: Session
    ) async -> (answer: Prober.Answer?, note: String?) {
        breakGlass ? (nil, nil) : await sources.ask(color, session.world)
    }

    /// An environment that does not answer is no way home. One that cannot be asked, because nobody here
    /// knows its name, may be.
    private func refuseDead(
        _ target: Color, _ answer: Prober.Answer?, _ sources: RollbackSources,
        _ situation: Situation
    ) throws(Failure) {
        guard let answer, answer.isDead else { return }
        throw Failure(
            .nothingToRollBackTo, "\(target) \(answer.unfitness) on its direct address.",
            evidence: ["\(sources.colors[target] ?? ""): \(StatusWords.answer(answer.kind))"],
            hint: RollbackRules(situation: situation, target: target).wayAround
                ?? "Start \(target), or go there all the same: --break-glass --reason TEXT.")
    }

    private func perform(
        _ plan: RunPlan, _ sources: RollbackSources, _ situation: Situation, _ session: Session
    ) async throws -> ExitStatus {
        if situation.record.failedBake == plan.to {
            let version = plan.release.map { " \($0.version)" } ?? ""
            session.terminal.error.print(
                "\("warning:", .warning) \(plan.to)\(version) failed its bake when it was live.")
        }
        var launch = RunLaunch(
            session: session, store: sources.store, service: sources.service, stage: place.stage)
        launch.reason = run.reason
        launch.timeout = run.timeout?.duration
        launch.patience = .milliseconds(300)
        launch.goesOnUnrecorded = true
        launch.isRecordOlder = situation.isRecordOlder
        launch.judge = { [breakGlass, to, chosen] stored throws(Failure) in
            guard !breakGlass else { return }
            // A deploy may have claimed the target since it was looked at.
            let now = Situation(stored: stored, seen: situation.seen)
            try RollbackRules(situation: now, target: plan.to, only: chosen).judge()
            guard stored.record.epoch == situation.record.epoch || (to ?? now.wayHome) == plan.to
            else {
                throw Failure(
                    .nothingToRollBackTo, "Another run has ended since this command looked.",
                    hint: "See 'bluegreen status', then decide again.")
            }
        }
        if breakGlass { launch.overrides.append("--break-glass") }
        var equipment = sources.equipment(session.world)
        limit(&equipment, to: plan.to, situation)
        equipment.releases = situation.record.releases
        let journal = try await begin(launch, plan, situation, session)
        await outrun(situation, sources, session)
        let status = await launch.perform(
            journal, with: equipment, adopting: unexplainedClaim(beside: plan.to, situation))
        // Traffic comes first, then this.
        await Preemption(session: session).seeStepsEnd(
            of: situation.openRun, within: .milliseconds(300))
        return status
    }

    /// What is claimed for a reason that the record does not know may be half deployed. The token that is
    /// written now would hide it, so that it goes into the record.
    private func unexplainedClaim(beside target: Color, _ situation: Situation) -> Adoption? {
        guard situation.unexplainedClaim == target.other else { return nil }
        return Adoption(
            live: target, token: situation.highestToken,
            why: "\(target.other) is claimed, and this record does not know by whom",
            claimed: target.other)
    }

    private var chosen: Set<RouterID> { Set(only.map { RouterID($0) }) }

    private func refuseUnknown(_ routers: [RouterID: any Router]) throws {
        guard let name = only.first(where: { routers[RouterID($0)] == nil }) else { return }
        let known = routers.keys.sorted().map(\.name).joined(separator: ", ")
        throw UsageRefusal(message: "There is no router '\(name)'; known: \(known).")
    }

    /// A router that cannot be read now is not waited for again, and one on which nothing of the target
    /// serves is spared; one that nobody asked for is not touched, and left out unless it shows the
    /// target already.
    private func limit(
        _ equipment: inout RunEquipment, to target: Color, _ situation: Situation
    ) {
        let rules = RollbackRules(situation: situation, target: target, only: chosen)
        equipment.leftOut = situation.unreadable
        if !breakGlass { equipment.leftOut.merge(rules.barren) { why, _ in why } }
        guard !only.isEmpty else { return }
        for id in equipment.routers.keys where !only.contains(id.name) {
            if situation.observations[id]?.color == target {
                equipment.routers[id] = nil
            } else {
                equipment.leftOut[id] = equipment.leftOut[id] ?? "not asked for (--only)"
            }
        }
    }

    /// Somebody who holds the lock for longer than a moment hangs: ends that process, tries again. All
    /// of it takes no longer than `launch.patience`.
    private func begin(
        _ launch: RunLaunch, _ plan: RunPlan, _ situation: Situation, _ session: Session
    ) async throws(Failure) -> any RunJournal {
        let time = session.world.time
        let deadline = time.now() + launch.patience
        let owner = situation.openRun?.beginning.owner
        var strict = launch
        strict.goesOnUnrecorded = false
        // The other half is for the end of that process.
        if owner != nil { strict.patience = launch.patience / 2 }
        do throws(Failure) {
            return try await strict.begin(plan, above: situation)
        } catch {
            // Lines that could not be flushed must not be flushed again: that may claim success.
            if error.code == .recordUnwritable {
                return launch.unrecorded(plan, above: situation, because: error)
            }
            if error.code == .lockHeld, let owner {
                await Preemption(session: session).end(
                    owner, within: max(.zero, deadline - time.now()))
            }
            var last = launch
            last.patience = max(.zero, deadline - time.now())
            return try await last.begin(plan, above: situation)
        }
    }

    /// A router that cannot tell a stale writer is safe only once that writer is gone.
    private func outrun(
        _ situation: Situation, _ sources: RollbackSources, _ session: Session
    ) async {
        guard situation.isRunAlive, let open = situation.openRun else { return }
        let isFenced = sources.routers.values.allSatisfy { $0.fencing == .token }
        let isGone = await Preemption(session: session).end(open.beginning.owner)
        guard !isGone, !isFenced else { return }
        session.terminal.error.print(
            """
            \("warning:", .warning) the run under way belongs to \
            \(RunWords.owner(open.beginning.owner)) and could not be ended from here.
            """)
    }
}
