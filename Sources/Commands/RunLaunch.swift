import Console
import Contracts
import PipelineModel
import RunEngine
import StateStores

/// Begins a run, performs it, shows it, and says how it ended.
struct RunLaunch {
    let session: Session
    let store: any StateStore
    let service: String
    var stage: String?
    var pipelineDigest: String?
    var reason: String?
    var overrides: [String] = []
    var timeout: Duration?
    var supersedes: RunID?
    /// How long another process may be inside its critical section.
    var patience = Duration.milliseconds(2000)
    /// Rollback goes on where no record can be begun.
    var goesOnUnrecorded = false
    /// What must hold in the instant in which the run begins: the record that the verb decided by may
    /// be older. Else no other run has begun since.
    var judge: (@Sendable (StoredRecord) throws(Failure) -> Void)?
    /// What else must hold in that instant, where nobody can change it, and once more right before
    /// traffic moves forward.
    var mustHold: (@Sendable () throws(Failure) -> Void)?
    /// Somebody else wrote to the routers: the record may not know what a rollback leaves.
    var isRecordOlder = false
    /// `--wait-drain`: how long to wait after the end until the old colour has nothing under way.
    var drainLimit: Duration?

    init(_ workplace: Workplace, _ options: RunOptions, _ forward: ForwardOptions? = nil) {
        session = workplace.session
        store = workplace.store
        service = workplace.pipeline.service
        stage = workplace.pipeline.stage
        pipelineDigest = workplace.pipelineDigest
        reason = options.reason
        timeout = options.timeout?.duration
        if forward?.adopt == true { overrides.append("--adopt") }
    }

    init(session: Session, store: any StateStore, service: String, stage: String?) {
        self.session = session
        self.store = store
        self.service = service
        self.stage = stage
    }

    /// Owns the service from here on; the token of every router is outranked.
    func begin(
        _ plan: RunPlan, above situation: Situation
    ) async throws(Failure) -> any RunJournal {
        let routerEpoch = situation.highestToken?.epoch ?? 0
        let make: @Sendable (RunID, Int) -> RunBeginning = { run, epoch in
            beginning(plan, run: run, epoch: epoch)
        }
        let free: @Sendable (StoredRecord) throws(Failure) -> Void = { stored throws(Failure) in
            try requireUnchanged(stored, since: situation)
            if plan.hasSteps {
                try Situation(stored: stored, seen: [:]).refuseLivingSteps(
                    session.world.processes)
            }
            try mustHold?()
        }
        do throws(Failure) {
            return try await store.begin(
                above: routerEpoch, patience: patience,
                judging: judge ?? free, make)
        } catch {
            guard goesOnUnrecorded, error.code != .nothingToRollBackTo else { throw error }
            return unrecorded(plan, above: situation, because: error)
        }
    }

    /// Goes on where no record could be begun.
    func unrecorded(
        _ plan: RunPlan, above situation: Situation, because failure: Failure
    ) -> UnrecordedJournal {
        session.terminal.error.print(
            "\("warning:", .warning) this run is not recorded: \(failure.message)")
        // A number that no run can have counts for nothing.
        let known = [situation.highestToken?.epoch ?? 0, situation.record.epoch]
            .filter { $0 < Token.largestEpoch }
        let epoch = (known.max() ?? 0) + 1
        return UnrecordedJournal(
            beginning: beginning(plan, run: RunID("unrecorded-\(epoch)"), epoch: epoch))
    }

    /// Nobody runs, and nobody has run since the verb decided.
    @Sendable private func requireUnchanged(
        _ stored: StoredRecord, since decided: Situation
    ) throws(Failure) {
        let situation = Situation(stored: stored, seen: [:])
        guard situation.isRunAlive, let open = situation.openRun else {
            guard stored.record.epoch != decided.record.epoch else { return }
            throw Failure(
                .lockHeld, "Another run has begun and ended since this command looked.",
                hint: "See 'bluegreen status', then repeat the command.")
        }
        throw Failure(
            .lockHeld,
            RunWords.holder(open, bake: stored.record.bake, now: session.world.time.wall()),
            hint: "It began a moment ago: wait for it (--lock-timeout 10m).")
    }

    private func beginning(_ plan: RunPlan, run: RunID, epoch: Int) -> RunBeginning {
        RunBeginning(
            run: run, epoch: epoch, service: service, stage: stage, plan: plan,
            owner: Owner(session.world.host), reason: reason.map(session.secrets.masker.masked),
            supersedes: supersedes, pipelineDigest: pipelineDigest, overrides: overrides)
    }

    /// Performs the run that `journal` began.
    func perform(
        _ journal: any RunJournal, with equipment: RunEquipment, adopting: Adoption? = nil
    ) async -> ExitStatus {
        var equipment = equipment
        equipment.mustHold = mustHold
        let isUnrecorded = journal is UnrecordedJournal
        let output = StepOutput(
            folder: store.outputFolder(of: journal.beginning.run), world: session.world,
            secrets: session.secrets)
        let view = RunView(
            session, journal.beginning, output: isUnrecorded ? nil : output)
        let drain = DrainWatch(
            routers: equipment.routers, time: session.world.time, stop: session.stop)
        let (departures, departed) = AsyncStream.makeStream(of: Color.self)
        let lines = MaskedLines(secrets: session.secrets)
        let runner = Runner(
            equipment: equipment,
            journal: MaskedJournal(journal: journal, secrets: session.secrets),
            stop: session.stop,
            report: { news in
                view.show(lines.masked(news))
                if case .event(.switched(_, let old)) = news { departed.yield(old) }
            })
        var outcome = await withTaskGroup(of: Void.self) { group in
            if let timeout { group.addTask { await stop(after: timeout) } }
            group.addTask { await view.keepMoving() }
            group.addTask {
                guard let wish = await session.stop.wait() else { return }
                view.showStopping(wish)
                await session.world.time.sleep(.milliseconds(400))
                if !Task.isCancelled { view.showEnding(wish) }
            }
            group.addTask {
                for await old in departures {
                    await drain.watch(old) { view.showDraining(old, $0) }
                }
            }
            defer { group.cancelAll() }
            return await runner.run(adopting: adopting)
        }
        if isUnrecorded { outcome.isUnrecorded = true }
        await waitForDrain(outcome, journal.beginning.plan, drain, view)
        await RollbackFreeze(session: session, store: store, isRecordOlder: isRecordOlder)
            .freeze(what: outcome, left: journal.beginning)
        await session.warnOfNames()
        let status = ExitStatus(outcome, isRollback: journal.beginning.plan.isLenient)
        view.finish(outcome, status, successor: successor(of: outcome))
        return status
    }

    /// Who has overtaken a run that ended so.
    private func successor(of outcome: Outcome) -> RunBeginning? {
        // Losing the error is right: then only its number is told.
        guard case .interrupted(.superseded(let epoch)) = outcome.ending,
            let newest = (try? store.load())?.record.run?.beginning, newest.epoch == epoch
        else { return nil }
        return newest
    }

    /// Ends a run that changed nothing. A line that is lost here leaves an orphan, which is shown.
    func giveUp(_ journal: any RunJournal, _ live: Color, _ failure: Failure) async {
        let outcome = Outcome(
            .failedBeforeSwitch, production: .untouched(live), failure: failure)
        let masked = MaskedJournal(journal: journal, secrets: session.secrets)
        try? await masked.append(.ended(outcome), isDurable: true)
        await journal.close()
    }

    private func stop(after timeout: Duration) async {
        await session.world.time.sleep(timeout)
        if !Task.isCancelled { session.stop.ask(.timedOut) }
    }

    /// Told, never an error: the switch is done whatever still drains.
    private func waitForDrain(
        _ outcome: Outcome, _ plan: RunPlan, _ drain: DrainWatch, _ view: RunView
    ) async {
        guard let drainLimit, outcome.production.color == plan.to, plan.from != plan.to else {
            return
        }
        let old = plan.from
        let left = await drain.watch(old, limit: drainLimit) { view.showDraining(old, $0) }
        if left > 0 { view.showNotDrained(old, left, after: drainLimit) }
    }
}

extension RunPlan {
    /// It may begin one.
    var hasSteps: Bool { !(deploySteps + checks + retireSteps).isEmpty }
}

extension Owner {
    /// This process; the CI job is what the CI claims about itself.
    init(_ host: Host) {
        let job: String?
        if let address = host.environment("CI_JOB_URL") ?? host.environment("BUILD_URL") {
            job = address
        } else if let server = host.environment("GITHUB_SERVER_URL"),
            let repository = host.environment("GITHUB_REPOSITORY"),
            let run = host.environment("GITHUB_RUN_ID")
        {
            job = "\(server)/\(repository)/actions/runs/\(run)"
        } else {
            job = nil
        }
        self.init(
            process: host.process, host: host.name, user: host.user,
            job: job.map(Self.withoutCredentials))
    }

    /// `https://ci/7` of `https://user:token@ci/7`.
    private static func withoutCredentials(_ address: String) -> String {
        guard let start = address.firstRange(of: "://")?.upperBound else { return address }
        let authority = address[start...].prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@") else { return address }
        return String(address[..<start] + address[address.index(after: at)...])
    }
}

/// Stands in for the record where none can be written: a rollback must not wait for a disk.
struct UnrecordedJournal: RunJournal {
    let beginning: RunBeginning

    func append(_ event: RunEvent, isDurable: Bool) async throws(Failure) {}

    func whileNewest<Result: Sendable>(
        _ body: @Sendable () async -> Result
    ) async throws(Failure) -> Result {
        await body()
    }

    func newestEpoch() -> Int { beginning.epoch }

    func close() async {}
}
