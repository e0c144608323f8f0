import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import RunEngine

/// Runs that are told to stop, or whose record fails.
@Suite(.timeLimit(.minutes(10)))
struct RunnerStopTests {
    let stage = Stage()

    // MARK: - The record

    @Test func `a full disk before the announcement keeps the router from being written`() async {
        let journal = stage.journal(.switching()) { event in
            if case .switchIntended = event { true } else { false }
        }
        let outcome = await stage.play(journal, stage.equipment())
        #expect(stage.router.writes.isEmpty)
        #expect(outcome.production == .untouched(.blue))
        #expect(outcome.isUnrecorded)
        guard case .interrupted(.unrecorded) = outcome.ending else {
            Issue.record("ended as \(outcome.ending)")
            return
        }
    }

    @Test(arguments: ["written", "confirmed", "proved", "switched", "bakeBegan", "bakeJudged"])
    func `a full disk after the announcement does not stop the run`(_ from: String) async {
        let isFull = Mutex(false)
        var equipment = stage.equipment()
        equipment.addBake { _ in .value(0) }
        let journal = stage.journal(.switching(hasBake: true)) { event in
            isFull.withLock { isFull in
                isFull = isFull || FakeJournal.word(event) == from
                return isFull
            }
        }
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.ending == .succeeded)
        #expect(outcome.production == .proven(.green))
        #expect(outcome.isUnrecorded)
    }

    @Test func `a bad release goes back although the record is lost`() async {
        let isFull = Mutex(false)
        var equipment = stage.equipment()
        equipment.addBake { _ in .value(0.2) }
        let journal = stage.journal(.switching(hasBake: true)) { event in
            isFull.withLock { isFull in
                isFull = isFull || FakeJournal.word(event) == "bakeBegan"
                return isFull
            }
        }
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.ending == .rolledBackAutomatically)
        #expect(stage.router.live == .blue)
    }

    // MARK: - A newer run

    @Test func `a newer run stops a long step within 100 ms and nothing follows`() async {
        var equipment = stage.equipment()
        let noticed = Mutex<Duration?>(nil)
        let journal = stage.journal(.deploy(steps: ["up", "more"]))
        let time = stage.time
        equipment.addStep { _ in
            await time.time.sleep(.seconds(1))
            journal.beginNewerRun()
            let began = time.now
            await time.time.sleep(.seconds(3600))
            noticed.withLock { $0 = time.now - began }
            return "exit 0"
        }
        equipment.addStep { _ in
            Issue.record("the next step began")
            return ""
        }
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.ending == .interrupted(.superseded(by: 42)))
        #expect(outcome.production == .readBack(.blue))
        #expect((noticed.withLock { $0 } ?? .seconds(3600)) <= .milliseconds(100))
        #expect(stage.router.writes.count == 1)
    }

    @Test func `a newer run during the switch keeps this one from undoing`() async {
        let journal = stage.journal(.switching())
        let time = stage.time
        stage.router.expect(.unknownAndLost)
        let outcome = await stage.play(journal, stage.equipment()) {
            while stage.router.writes.isEmpty { await time.time.sleep(.milliseconds(10)) }
            journal.beginNewerRun()
        }
        #expect(outcome.ending == .interrupted(.superseded(by: 42)))
        #expect(stage.router.writes.count == 1)
    }

    @Test func `a run whose end cannot be written because a newer one began claims nothing`() async
    {
        let plan = RunPlan.switching()
        let journal = stage.journal(plan)
        var machine = RunMachine(plan: plan, epoch: 41)
        _ = machine.handle(.began(journal.beginning))
        _ = machine.handle(.failed(Failure(.drift, "It shows green.")))
        let action = machine.handle(.stopRequested(.superseded(by: 42)))
        guard case .finish(let outcome) = action else {
            Issue.record("went on with \(action)")
            return
        }
        #expect(outcome.ending == .interrupted(.superseded(by: 42)))
        #expect(outcome.production == .unknown)
    }

    // MARK: - A wish

    @Test(arguments: [
        "claimIntended", "written", "claimed", "stepEnded", "sealed", "checksPassed",
        "preflightPassed",
    ])
    func `a wish before the switch stops the run there`(_ moment: String) async {
        var equipment = stage.equipment()
        equipment.addStep { _ in "exit 0" }
        equipment.addCheck { _ in .good }
        let journal = stage.journal(
            .deploy(steps: ["up"], checks: ["healthy"]), refuses: ask(at: moment))
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.ending == .interrupted(.signal(15)))
        #expect(outcome.production == .untouched(.blue))
        #expect(stage.router.live == .blue)
    }

    @Test(arguments: ["preflightPassed", "retireIntended", "written", "confirmed", "stepEnded"])
    func `a wish while retiring stops before the next step and moves no traffic`(
        _ moment: String
    ) async {
        var equipment = stage.equipment()
        for name in ["first", "second"] {
            var step = Step(name: name, kind: "fake", section: .empty)
            step.timeout = .seconds(1)
            let deployer = FakeDeployer { _ in
                if name == "second" { Issue.record("the next step began") }
                return "exit 0"
            }
            equipment.retire.append(RunEquipment.DeployStep(step: step, deployer: deployer))
        }
        let plan = RunPlan(
            verb: .retire, entry: .retiring, from: .blue, to: .blue,
            retireSteps: ["first", "second"], isProvenByProbes: false)
        let journal = stage.journal(plan, refuses: ask(at: moment))
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.ending == .interrupted(.signal(15)))
        #expect(outcome.production == .untouched(.blue))
        #expect(stage.router.live == .blue)
        #expect(!journal.events.contains(.retired(.green)))
        // Announced and written belong together: the record and the router agree about the way back.
        let isAnnounced = journal.events.map(FakeJournal.word).contains("retireIntended")
        #expect(stage.router.writes.count == (isAnnounced ? 1 : 0))
    }

    @Test func `after a wish nothing more is begun`() async {
        var equipment = stage.equipment()
        equipment.addStep { _ in "exit 0" }
        equipment.addStep { _ in
            Issue.record("the next step began")
            return ""
        }
        let journal = stage.journal(.deploy(steps: ["up", "more"]), refuses: ask(at: "stepEnded"))
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.ending == .interrupted(.signal(15)))
    }

    @Test func `a wish during a later step still reaches it`() async {
        var equipment = stage.equipment()
        let (time, stop) = (stage.time, stage.stop)
        equipment.addStep { _ in "exit 0" }
        equipment.addStep { _ in
            stop.ask(.signal(2))
            await time.time.sleep(.seconds(3600))
            return "exit 0"
        }
        let outcome = await stage.play(stage.journal(.deploy(steps: ["up", "more"])), equipment)
        #expect(outcome.ending == .interrupted(.signal(2)))
        #expect(time.now < .seconds(1010))
    }

    @Test func `a wish is written down at once, however long its step takes to end`() async {
        var equipment = stage.equipment()
        let stop = stage.stop
        let journal = stage.journal(.deploy(steps: ["up"]))
        let wasWritten = Mutex(false)
        equipment.addStep { _ in
            stop.ask(.signal(2))
            // Deaf, as a program is that ignores SIGTERM; where nothing is written it ends all the same.
            let deadline = ContinuousClock.now + .seconds(10)
            while !journal.events.contains(.stopRequested(.signal(2))),
                ContinuousClock.now < deadline
            {
                await Task.yield()
            }
            wasWritten.withLock { $0 = journal.events.contains(.stopRequested(.signal(2))) }
            return "exit 0"
        }
        let outcome = await stage.play(journal, equipment)
        let isWritten = wasWritten.withLock { $0 }
        #expect(isWritten)
        #expect(outcome.ending == .interrupted(.signal(2)))
        #expect(journal.events.count { $0 == .stopRequested(.signal(2)) } == 1)
    }

    @Test func `a step that is stopped while it waits for its retry is not tried again`() async {
        var equipment = stage.equipment()
        let tries = Mutex(0)
        let stop = stage.stop
        let retries = Retries(attempts: 3, delay: .seconds(60))
        equipment.addStep(retries: retries) { _ throws(Failure) in
            if tries.withLock({
                $0 += 1; return $0
            }) == 1 {
                stop.ask(.aborted)
            }
            throw Failure(.commandFailed, "exit 1")
        }
        _ = await stage.play(stage.journal(.deploy(steps: ["up"])), equipment)
        #expect(tries.withLock { $0 } == 1)
    }

    @Test(arguments: ["switchIntended", "written", "confirmed", "proved"])
    func `a wish during the switch waits until the switch is shown`(_ moment: String) async {
        var equipment = stage.equipment()
        equipment.addBake { _ in .value(0) }
        let journal = stage.journal(.switching(hasBake: true), refuses: ask(at: moment))
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.ending == .interrupted(.signal(15)))
        #expect(outcome.production == .proven(.green))
        #expect(journal.events.map(FakeJournal.word).contains("switched"))
        // Somebody has to know that it is not watched.
        #expect(journal.events.map(FakeJournal.word).contains("bakeBegan"))
    }

    @Test func `a wish during the bake leaves traffic proven on the new colour`() async {
        var equipment = stage.equipment()
        let stop = stage.stop
        equipment.addBake { _ in
            stop.ask(.signal(15))
            return .value(0)
        }
        let outcome = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        #expect(outcome.ending == .interrupted(.signal(15)))
        #expect(outcome.production == .proven(.green))
    }

    @Test func `a wish while traffic goes back does not stop it`() async {
        var equipment = stage.equipment()
        equipment.addBake { _ in .value(0.2) }
        let journal = stage.journal(.switching(hasBake: true), refuses: ask(at: "bakeJudged"))
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.ending == .rolledBackAutomatically)
        #expect(outcome.production == .proven(.blue))
    }

    private func ask(at moment: String) -> @Sendable (RunEvent) -> Bool {
        let stop = stage.stop
        return { event in
            if FakeJournal.word(event) == moment { stop.ask(.signal(15)) }
            return false
        }
    }
}
