package import Contracts
import PipelineModel
import Synchronization

/// Performs what the machine decides: writes each event down, asks the machine, does the next thing.
package final class Runner: Sendable {
    let equipment: RunEquipment
    let journal: any RunJournal
    let stop: StopRequest
    let report: @Sendable (RunProgress) -> Void
    let memory = Mutex(Memory())

    /// The routers that are written and must show it, and why the others are not.
    struct Part: Sendable {
        var routers: Set<RouterID>
        var leftOut: [RouterID: String]
    }

    /// What one action leaves for a later one.
    struct Memory: Sendable {
        var isUnrecorded = false
        /// What the routers of `part` showed last.
        var observed: [RouterID: Observation] = [:]
        /// `nil` until the routers were looked at.
        var part: Part?
        /// What came of the last write.
        var results: [RouterID: WriteResult] = [:]
        var counters: [RouterID: [Color: TrafficCounters]] = [:]
        var proof: ProofRun?
        var baseline: [String: [Double]] = [:]
        /// It is being measured.
        var isMeasuring = false
        var release: Release?
        /// With what the live colour answered, where nobody had recorded that.
        var entrance: Entrance?
        /// Of the tokens that routers hold.
        var newestEpoch = 0
    }

    package init(
        equipment: RunEquipment, journal: any RunJournal, stop: StopRequest,
        report: @escaping @Sendable (RunProgress) -> Void
    ) {
        equipment.check(journal.beginning.plan)
        self.equipment = equipment
        self.journal = journal
        self.stop = stop
        self.report = report
        memory.withLock {
            $0.release = journal.beginning.plan.release
            $0.entrance = equipment.entrance
        }
    }

    var plan: RunPlan { journal.beginning.plan }
    var world: World { equipment.world }

    var prober: Prober? { memory.withLock { $0.entrance }.map(prober) }

    func prober(at entrance: Entrance) -> Prober {
        Prober(entrance: entrance, world: equipment.world, constants: equipment.constants)
    }

    /// Runs to the end. The first event was written when the journal was begun.
    ///
    /// `adoption` is what a first run, or `adopt`, accepts as the truth before anything else. A run
    /// is stopped through its `StopRequest`, which knows when it may be; its task is not cancelled.
    package func run(adopting adoption: Adoption? = nil) async -> Outcome {
        let (jobs, background) = AsyncStream.makeStream(of: Job.self)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await withDiscardingTaskGroup { inner in
                    for await job in jobs { inner.addTask { await job.work() } }
                    inner.cancelAll()
                }
            }
            group.addTask { await self.watchForNewerRun() }
            let outcome = await self.loop(adopting: adoption, background: background)
            background.finish()
            group.cancelAll()
            return outcome
        }
    }

    /// Work that goes on beside the actions of the loop, such as probing around a write.
    struct Job: Sendable {
        var work: @Sendable () async -> Void
    }

    private func loop(
        adopting adoption: Adoption?, background: AsyncStream<Job>.Continuation
    ) async -> Outcome {
        var machine = RunMachine(plan: plan, epoch: journal.beginning.epoch)
        machine.behind = equipment.behind
        var event = RunEvent.began(journal.beginning)
        report(.event(event))
        if let adoption { event = await record(.adopted(adoption), for: machine) }
        while true {
            let action = machine.handle(event)
            if case .finish(let outcome) = action { return await finish(outcome) }
            if case .record(.unsettled) = action, isFleet {
                // Evidence only: whether it was written down is told by what follows.
                _ = await record(.surveyed(await survey()), for: machine)
            }
            event = await carryOut(action, of: machine, background)
            if case .failed(let failure) = event, failure.code == .drift {
                machine.found = await shown()
            }
        }
    }

    /// Writes an event down before the machine hears of it.
    private func record(_ event: RunEvent, for machine: RunMachine) async -> RunEvent {
        tell(event, lost: await write(event), to: machine)
    }

    /// Why it could not be written down.
    private func write(_ event: RunEvent) async -> Failure? {
        do throws(Failure) {
            try await journal.append(event, isDurable: event.isDurable)
            return nil
        } catch {
            return error
        }
    }

    private func tell(_ event: RunEvent, lost: Failure?, to machine: RunMachine) -> RunEvent {
        guard let lost else {
            report(.event(event))
            return event
        }
        if lost.code == .superseded {
            return .stopRequested(superseded)
        }
        memory.withLock { $0.isUnrecorded = true }
        report(.lost(event, lost))
        guard machine.goesOnUnrecorded || event.isStop else {
            return .stopRequested(.unrecorded(lost))
        }
        return event
    }

    /// A wish to stop is written down before the action that it ends has ended: a step that ignores
    /// SIGTERM takes 5 s for that, and this process may be killed meanwhile.
    private func carryOut(
        _ action: RunAction, of machine: RunMachine, _ background: AsyncStream<Job>.Continuation
    ) async -> RunEvent {
        guard machine.isInterruptible else {
            return await record(await perform(action, background), for: machine)
        }
        if let wish = stop.interruption { return await record(.stopRequested(wish), for: machine) }
        let (event, lost) = await withTaskGroup(of: RunEvent?.self) { group in
            group.addTask { await self.perform(action, background) }
            group.addTask { await self.stop.wait().map(RunEvent.stopRequested) }
            while let first = await group.next() {
                guard let first else { continue }
                group.cancelAll()
                return (first, await self.write(first))
            }
            preconditionFailure("An action ends in an event.")
        }
        return tell(event, lost: lost, to: machine)
    }

    private func perform(
        _ action: RunAction, _ background: AsyncStream<Job>.Continuation
    ) async -> RunEvent {
        switch action {
        case .record(.checksPassed): await pass()
        case .record(let event): event
        case .intend(let purpose, let datum): await intend(purpose, datum)
        case .write(let purpose, let datum): await write(datum, for: purpose, background)
        case .confirm(let datum): await confirm(datum)
        case .prove(let color): await prove(color, background)
        case .perform(let mark): await perform(mark)
        case .check(let marks): await check(marks)
        case .seal: await seal()
        case .preflight(let purpose, let target): await preflight(purpose, target)
        case .beginBake: .bakeBegan(equipment.bake?.duration ?? .zero)
        case .bake: await bake()
        case .watchShare(let index): await watchShare(index)
        case .probeWayBack(let color): await probeWayBack(color)
        case .closeTunnels(let color): await closeTunnels(to: color)
        case .finish: preconditionFailure("The loop ends before it performs an end.")
        }
    }

    private func seal() async -> RunEvent {
        guard let release = memory.withLock({ $0.release }) else {
            return .sealed(Release(version: "unnamed"))
        }
        do throws(Failure) {
            return .sealed(try await equipment.seal(release))
        } catch {
            return .failed(error)
        }
    }

    /// Adds to the outcome what only the end of a run can know.
    private func finish(_ outcome: Outcome) async -> Outcome {
        var outcome = outcome
        outcome.isUnrecorded = memory.withLock { $0.isUnrecorded }
        if case .interrupted(.superseded) = outcome.ending, outcome.production == .unknown {
            // The newer run may not have taken a share back yet: most requests are where it began.
            outcome.production = await shown(\.withoutShare)
        }
        await journal.close()
        return outcome
    }

    /// Where traffic is by the word of the routers; `unknown` where they differ.
    private func shown(
        _ sight: @Sendable (Observation) -> Observation = { $0 }
    ) async -> Production {
        let seen = await RouterPanel.observe(equipment.routers).mapValues { $0.map(sight) }
        let color = RouterPanel.color(
            of: seen, equipment.requirement, behind: equipment.behind)
        return color.map(Production.readBack) ?? .unknown
    }

    /// Notices a newer run well within 100 ms, also in the middle of a long step.
    private func watchForNewerRun() async {
        while !Task.isCancelled {
            let newest = journal.newestEpoch()
            if newest > journal.beginning.epoch {
                stop.ask(.superseded(by: newest))
                return
            }
            await world.time.sleep(.milliseconds(40))
        }
    }
}

extension Observation {
    fileprivate var withoutShare: Observation {
        guard case .shared(let color, _) = effective else { return self }
        var observation = self
        observation.effective = .color(color)
        return observation
    }
}

extension RunEvent {
    /// Must survive a power cut before the run goes on.
    package var isDurable: Bool {
        switch self {
        case .began, .adopted, .adoptIntended, .claimIntended, .stepSpawned, .sealed, .checksPassed,
            .canaryIntended, .canaryJudged, .switchIntended, .undoIntended, .rollbackIntended,
            .levelIntended, .switched, .undone,
            .rolledBack, .levelled, .unsettled, .bakeJudged, .tested, .retireIntended, .retired,
            .stopRequested, .ended:
            true
        case .failed, .claimed, .stepBegan, .stepEnded, .preflightPassed,
            .written, .confirmed, .contradicted, .unreadable, .proved, .notProved, .bakeBegan,
            .surveyed, .tunnelsClosed, .wayBackProbed:
            false
        }
    }

    /// Ends the run whether it can be written down or not.
    var isStop: Bool {
        switch Turn(self) {
        case .interrupted: true
        case .failed(let failure), .unknown(let failure): failure.code == .superseded
        case .advanced, .judged, .wayBack, .aside: false
        }
    }
}
