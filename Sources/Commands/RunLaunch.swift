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

    init(_ workplace: Workplace, _ options: RunOptions) {
        session = workplace.session
        store = workplace.store
        service = workplace.pipeline.service
        stage = workplace.pipeline.stage
        pipelineDigest = workplace.pipelineDigest
        reason = options.reason
        timeout = options.timeout?.duration
        if options.adopt { overrides.append("--adopt") }
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
        do throws(Failure) {
            return try await store.begin(above: routerEpoch, patience: patience, make)
        } catch {
            guard goesOnUnrecorded else { throw error }
            session.terminal.error.print(
                "\("warning:", .warning) this run is not recorded: \(error.message)")
            let epoch = max(routerEpoch, situation.record.epoch) + 1
            let run = RunID("unrecorded-\(epoch)")
            return UnrecordedJournal(beginning: make(run, epoch))
        }
    }

    private func beginning(_ plan: RunPlan, run: RunID, epoch: Int) -> RunBeginning {
        RunBeginning(
            run: run, epoch: epoch, service: service, stage: stage, plan: plan,
            owner: Owner(session.world.host), reason: reason, supersedes: supersedes,
            pipelineDigest: pipelineDigest, overrides: overrides)
    }

    /// Performs the run that `journal` began.
    func perform(
        _ journal: any RunJournal, with equipment: RunEquipment, adopting: Adoption? = nil
    ) async -> ExitStatus {
        let view = RunView(
            session, store: store, beginning: journal.beginning,
            isUnrecorded: journal is UnrecordedJournal)
        let runner = Runner(
            equipment: equipment, journal: journal, stop: session.stop,
            report: { view.show($0) })
        var outcome = await withTaskGroup(of: Void.self) { group in
            if let timeout {
                group.addTask {
                    await session.world.time.sleep(timeout)
                    if !Task.isCancelled { session.stop.ask(.timedOut) }
                }
            }
            defer { group.cancelAll() }
            return await runner.run(adopting: adopting)
        }
        if journal is UnrecordedJournal { outcome.isUnrecorded = true }
        let status = ExitStatus(outcome)
        view.finish(outcome, status)
        return status
    }
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
        self.init(process: host.process, host: host.name, user: host.user, job: job)
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
