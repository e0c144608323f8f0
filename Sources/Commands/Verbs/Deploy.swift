import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen deploy`: to idle, checked, switched, proven, watched.
struct Deploy: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Deploy to idle, check it, switch, prove it and watch it.",
        usage: "bluegreen deploy [<version>] [<options>]",
        discussion: """
            EXAMPLES
              bluegreen deploy 2.8.0
              bluegreen deploy 2.8.0 --until ready     stop before the switch
              bluegreen deploy 2.8.0 --dry-run         show what would be done

            Goes back by itself when the new release is worse than the old one. A second \
            'deploy' of the release that is live already does nothing.

            \(RunOptions.jsonLines)
            """)

    enum Destination: String, ExpressibleByArgument, CaseIterable {
        case ready
        case switched
    }

    @Argument(help: "The version to ship; default release.version or BLUEGREEN_VERSION.")
    var version: String?

    @Option(
        help: ArgumentHelp(
            "Stop there: ready (before the switch) or switched (before the bake).",
            valueName: "point"))
    var until: Destination?

    @Flag(help: "Deploy although this release is live already.")
    var redeploy = false

    @Option(
        help: ArgumentHelp(
            "Leave out the check of this name; needs --reason; repeatable.", valueName: "name"))
    var skipCheck: [String] = []

    @Flag(help: "Give up the way back that an unfinished bake still keeps; needs --reason.")
    var consumeRollback = false

    @Flag(help: "Return only when the old colour has drained, or switch.drain.timeout has passed.")
    var waitDrain = false

    @OptionGroup(title: "Run") var run: RunOptions
    @OptionGroup(title: "Run") var forward: ForwardOptions
    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        try requireReason()
        let workplace = try Workplace.open(place, in: session)
        let release = try ReleaseReader(workplace).release(version: version)
        let (situation, live) = try await Waiting(
            session: session, limit: forward.lockTimeout?.duration
        ).untilFree {
            try await beginnable(workplace)
        }
        let target = live.other
        if !redeploy, situation.serves(release, on: live) {
            return AnswerView(session).already(live, situation)
        }
        try workplace.refuseFrozen(release)
        if until != .ready, let failure = await workplace.switchFailure(live, situation) {
            throw failure
        }
        var equipment = workplace.equipment(for: situation, release: release, target: target)
        try Skipping(names: skipCheck, reason: run.reason).apply(to: &equipment)
        let plan = RunPlan(
            .deploy, .deploying, to: release, from: live, destination: destination,
            with: equipment, workplace.pipeline)
        if !output.quiet, let words = await workplace.misplaced(live) { session.warn(words) }
        let absent = Inventory(plan, equipment).absent()
        guard !run.dryRun else {
            return PlanView(session, absent).show(
                plan, equipment, without: situation.unreadable,
                isFirst: await equipment.isBare(live, situation), refusal: absent.failure)
        }
        if let failure = absent.failure { throw failure }
        let left = try await letDrain(situation, target, workplace)
        await sayWhatEnds(situation, equipment, target, session)
        var launch = RunLaunch(workplace, run, forward)
        launch.mustHold = { () throws(Failure) in try workplace.refuseFrozen(release) }
        launch.drainLimit = waitDrain ? workplace.pipeline.switching.drainTimeout : nil
        launch.overrides += skipCheck.map { "--skip-check \($0)" }
        if consumeRollback { launch.overrides.append("--consume-rollback") }
        if left > 0 {
            launch.overrides.append("switch.drain.timeout: \(left) under way on \(target)")
        }
        let journal = try await launch.begin(plan, above: situation)
        return await launch.perform(
            journal, with: equipment, adopting: Adoption(situation, live, adopts: forward.adopt))
    }

    private func beginnable(
        _ workplace: Workplace
    ) async throws -> (Situation, Color) {
        let situation = try await workplace.situation()
        let live = try ForwardRules(
            situation: situation, adopts: forward.adopt, consumesWayBack: consumeRollback,
            changesIdle: true, now: workplace.world.time.wall()
        ).judge()
        try situation.refuseLivingSteps(workplace.world.processes)
        return (situation, live)
    }

    /// Idle is changed only after the requests that the last switch left there have ended, or had the
    /// time that the pipeline gives them. Returns how many are under way all the same.
    private func letDrain(
        _ situation: Situation, _ idle: Color, _ workplace: Workplace
    ) async throws(Failure) -> Int {
        let drain = DrainWatch(
            routers: workplace.routers, time: workplace.world.time, stop: workplace.session.stop)
        let progress = Progress(on: workplace.session.terminal.error)
        let left: Int
        if let rest = drainTime(situation, workplace), rest > .zero {
            let isQuiet = output.quiet
            left = await drain.watch(idle, limit: rest) { count in
                guard count > 0, !isQuiet else { return }
                progress.update(
                    "drain", "waiting for \(idle.rawValue) to drain",
                    detail: "\("\(count)") under way", at: workplace.world.time.now())
            }
        } else {
            left = await drain.underWay(on: idle) ?? 0
        }
        progress.close()
        guard workplace.session.stop.interruption == nil else {
            throw Failure.stoppedBeforehand
        }
        if left > 0 { sayWhatIsCut(left, idle, workplace.session) }
        return left
    }

    /// What is left of the time that requests on idle may take.
    private func drainTime(_ situation: Situation, _ workplace: Workplace) -> Duration? {
        situation.liveAge(in: workplace.store, workplace.world).map {
            workplace.pipeline.switching.drainTimeout - $0
        }
    }

    private func sayWhatIsCut(_ count: Int, _ idle: Color, _ session: Session) {
        session.terminal.error.print(
            """
            \("warning:", .warning) \("\(Wording.amount(count, "request"))") under way on \(idle.rawValue) may be \
            cut off: switch.drain.timeout has passed.
            """)
    }

    private func requireReason() throws {
        guard run.reason == nil, consumeRollback || !skipCheck.isEmpty else { return }
        throw UsageRefusal(
            message: "--skip-check and --consume-rollback need --reason TEXT: it is recorded.")
    }

    private var destination: RunPlan.Destination {
        switch until {
        case .ready: .ready
        case .switched: .switched
        case nil: .committed
        }
    }

    /// What does not serve is no way back that could end.
    private func sayWhatEnds(
        _ situation: Situation, _ equipment: RunEquipment, _ target: Color, _ session: Session
    ) async {
        guard situation.record.wayBack == target, !output.quiet else { return }
        do throws(Failure) {
            try RollbackRules(situation: situation, target: target).judge()
        } catch {
            return
        }
        guard await equipment.serves(target, situation) else { return }
        let release = situation.record.releases[target].map { " " + $0.version } ?? ""
        session.terminal.error.print(
            "The way back to \(target.rawValue)\(release) ends when this deploy claims it.")
    }
}

extension RunPlan {
    /// A run that moves `release` forward to the other colour.
    init(
        _ verb: Verb, _ entry: Entry, to release: Release?, from live: Color,
        destination: Destination, with equipment: RunEquipment, _ pipeline: Pipeline
    ) {
        self.init(
            verb: verb, entry: entry, destination: destination, from: live, to: live.other,
            release: release, deploySteps: equipment.deploy.map(\.step.name),
            checks: equipment.checks.map(\.settings.step.name),
            retireSteps: equipment.retire.map(\.step.name), hasBake: pipeline.bake != nil,
            isProvenByProbes: equipment.entrance != nil,
            rollsBackAutomatically: pipeline.rollsBackAutomatically)
        closesTunnels = pipeline.closesTunnels
        canary = pipeline.canary
    }
}

extension Pipeline {
    /// For a plan: absent where nothing is closed.
    var closesTunnels: Bool? { switching.closesOnRollback == nil ? nil : true }

    /// For a plan: absent where a switch is one step.
    var canary: [Int]? { switching.canary.isEmpty ? nil : switching.canary.map(\.percent) }
}

extension Adoption {
    /// The first run of a service, and one with `--adopt`, take what the router shows as the truth.
    init?(_ situation: Situation, _ live: Color, adopts: Bool) {
        guard situation.isFirst || adopts else { return nil }
        self.init(
            live: live, token: situation.highestToken,
            why: situation.isFirst ? "first run of this service" : "--adopt",
            claimed: situation.unexplainedClaim)
    }
}

/// `--skip-check NAME`: named, reasoned and recorded.
struct Skipping {
    let names: [String]
    let reason: String?

    func apply(to equipment: inout RunEquipment) throws {
        for name in names {
            let index = equipment.checks.firstIndex { $0.settings.step.name == name }
            guard let index else {
                let known = equipment.checks.map(\.settings.step.name).joined(separator: ", ")
                throw UsageRefusal(
                    message: "There is no check '\(name)'; the pipeline has: \(known).")
            }
            equipment.checks[index].skipReason = reason
        }
    }
}
