import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import RunEngine

/// Runs over several routers, some of which misbehave.
@Suite(.timeLimit(.minutes(10)))
struct RunnerFleetTests {
    private static let first = RouterID("lb-1")
    private static let last = RouterID("lb-3")
    let stage = Stage(fleet: 3)

    private func equipment(_ requirement: FleetRequirement = .all) -> RunEquipment {
        var equipment = stage.equipment()
        equipment.requirement = requirement
        return equipment
    }

    /// `misfortune` happens right before an event of that name is written down.
    private func journal(
        _ plan: RunPlan, at word: String, _ misfortune: @escaping @Sendable (Stage) -> Void
    ) -> FakeJournal {
        stage.journal(plan) { event in
            if FakeJournal.word(event) == word { misfortune(stage) }
            return false
        }
    }

    private var lives: [Color?] { stage.routers.sorted { $0.key < $1.key }.map(\.value.live) }

    private func intents(_ journal: FakeJournal) -> [Intent] {
        journal.events.compactMap {
            switch $0 {
            case .switchIntended(let intent), .undoIntended(let intent),
                .rollbackIntended(let intent), .levelIntended(let intent):
                intent
            default: nil
            }
        }
    }

    // MARK: - All or nothing

    @Test func `all routers get the same token, in one intent`() async {
        let journal = stage.journal(.switching())
        let outcome = await stage.play(journal, equipment())
        #expect(outcome == Outcome(.succeeded, production: .proven(.green)))
        let tokens = Set(stage.routers.values.flatMap { $0.writes.map(\.token) })
        #expect(tokens == [Token(epoch: 41, round: 1)])
        #expect(intents(journal).map(\.leftOut) == [nil])
    }

    @Test func `one router that cannot be read keeps all where they are`() async {
        stage.routers[Self.last]?.speak(.unreachable)
        let outcome = await stage.play(.switching())
        #expect(outcome.ending == .failedBeforeSwitch)
        #expect(outcome.failure?.message == "lb-3: The router is silent.")
        #expect(stage.routers.values.allSatisfy { $0.writes.isEmpty })
    }

    @Test func `one router that shows the other colour keeps all where they are`() async {
        stage.routers[Self.last]?.show { $0.effective = .color(.green) }
        let outcome = await stage.play(.switching())
        #expect(outcome.failure?.message == "lb-3 shows green, not blue, as live.")
        #expect(stage.routers.values.allSatisfy { $0.writes.isEmpty })
    }

    @Test(arguments: [FakeRouter.Mood.notApplied, .unknownAndLost])
    func `one write that does not arrive brings all back, with a higher token`(
        _ mood: FakeRouter.Mood
    ) async {
        stage.routers[Self.last]?.expect(mood)
        let outcome = await stage.play(.switching())
        #expect(outcome.ending == .undone)
        #expect(outcome.production == .proven(.blue))
        let rounds = [Token(epoch: 41, round: 1), Token(epoch: 41, round: 2)]
        #expect(stage.routers.values.allSatisfy { $0.writes.map(\.token) == rounds })
    }

    @Test func `a certain refusal is undone at once, without waiting for it to settle`() async {
        stage.routers[Self.last]?.expect(.notApplied)
        let began = stage.time.now
        _ = await stage.play(stage.journal(.switching(isProvenByProbes: false)), equipment())
        #expect(stage.time.now - began < .milliseconds(500))
        #expect(lives == [.blue, .blue, .blue])
    }

    @Test func `a newer run on one router ends this one before its next write`() async {
        let journal = journal(.switching(), at: "switchIntended") {
            $0.routers[Self.last]?.show { $0.token = Token(epoch: 50, round: 1) }
        }
        let outcome = await stage.play(journal, equipment())
        #expect(outcome.ending == .interrupted(.superseded(by: 50)))
        #expect(outcome.production == .unknown)
        #expect(stage.routers.values.allSatisfy { $0.writes.count == 1 })
    }

    @Test func `one that falls silent in the switch is told in a table, the others are back`() async
    {
        let journal = journal(.switching(), at: "written") {
            $0.routers[Self.last]?.speak(.unreachable)
        }
        let outcome = await stage.play(journal, equipment())
        #expect(outcome.ending == .unsettled)
        #expect(outcome.production == .unknown)
        #expect(lives == [.blue, .blue, .blue])
        let surveys = journal.events.compactMap {
            if case .surveyed(let surveys) = $0 { surveys } else { nil }
        }
        #expect(surveys.count == 1)
        #expect(surveys.first?[Self.first]?.seen?.color == .blue)
        #expect(
            surveys.first?[Self.last]
                == RouterSurvey(
                    fencing: .synchronous, seen: nil, happened: "written"))
    }

    // MARK: - Quorum

    @Test func `a quorum leaves out what cannot be read, and names it`() async {
        stage.routers[Self.last]?.speak(.unreachable)
        let journal = stage.journal(.switching())
        let outcome = await stage.play(journal, equipment(.quorum(2)))
        #expect(outcome.ending == .succeeded)
        #expect(outcome.leftOut == [Self.last: "lb-3: The router is silent."])
        #expect(intents(journal).map(\.leftOut) == [outcome.leftOut])
        #expect(lives == [.green, .green, .blue])
        #expect(stage.routers[Self.last]?.writes.isEmpty == true)
    }

    @Test func `what never left the old colour is not left out of an automatic way back`() async {
        stage.routers[Self.last]?.speak(.unreachable)
        var equipment = equipment(.quorum(2))
        equipment.addBake { _ in .value(0.2) }
        let outcome = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        #expect(outcome.ending == .rolledBackAutomatically)
        #expect(outcome.leftOut == nil)
        #expect(lives == [.blue, .blue, .blue])
    }

    @Test func `less than a quorum moves nothing`() async {
        for id in [RouterID("lb-2"), Self.last] { stage.routers[id]?.speak(.unreachable) }
        let outcome = await stage.play(stage.journal(.switching()), equipment(.quorum(2)))
        #expect(outcome.ending == .failedBeforeSwitch)
        #expect(lives == [.blue, .blue, .blue])
    }

    @Test func `what comes back during the switch stays left out, and is no contradiction`() async {
        stage.routers[Self.last]?.speak(.unreachable)
        let journal = journal(.switching(), at: "written") {
            $0.routers[Self.last]?.speak(.clear)
        }
        let outcome = await stage.play(journal, equipment(.quorum(2)))
        #expect(outcome.ending == .succeeded)
        #expect(outcome.leftOut?.keys.map(\.name) == ["lb-3"])
    }

    @Test func `one that fails in the switch is undone, quorum or not`() async {
        stage.routers[Self.last]?.expect(.notApplied)
        let outcome = await stage.play(stage.journal(.switching()), equipment(.quorum(2)))
        #expect(outcome.ending == .undone)
        #expect(lives == [.blue, .blue, .blue])
    }

    @Test func `an undo names what the run that died may have written and nobody can read`() async {
        for id in [Self.first, Self.last] {
            stage.routers[id]?.show { $0.effective = .color(.green) }
        }
        stage.routers[Self.last]?.speak(.unreachable)
        stage.routers[Self.first]?.expect(.notApplied)
        let plan = RunPlan(verb: .resume, entry: .confirming, from: .blue, to: .green)
        let outcome = await stage.play(stage.journal(plan), equipment(.quorum(2)))
        #expect(outcome.ending == .undone)
        #expect(outcome.leftOut?.keys.map(\.name) == ["lb-3"])
        #expect(lives == [.blue, .blue, .green])
    }

    @Test func `a minority that shows the colour is not live`() async {
        stage.routers[RouterID("lb-2")]?.speak(.unreachable)
        stage.routers[Self.last]?.show { $0.effective = .color(.green) }
        var equipment = equipment(.quorum(2))
        equipment.behind = [Self.last]
        let outcome = await stage.play(stage.journal(.switching()), equipment)
        #expect(outcome.failure?.code == .drift)
        #expect(outcome.failure?.message.contains("Only lb-1") == true)
        #expect(outcome.production == .unknown)
        #expect(stage.routers.values.allSatisfy { $0.writes.isEmpty })
    }

    @Test(arguments: [true, false])
    func `idle is left alone while a router left behind may serve it`(_ isReadable: Bool) async {
        stage.routers[Self.last]?.show { $0.effective = .color(.green) }
        if !isReadable { stage.routers[Self.last]?.speak(.unreachable) }
        var equipment = equipment(.quorum(2))
        equipment.behind = [Self.last]
        equipment.addStep { _ throws(Failure) in "done" }
        let outcome = await stage.play(stage.journal(.deploy(steps: ["up"])), equipment)
        #expect(outcome.failure?.code == .drift)
        #expect(outcome.failure?.hint?.contains("bluegreen resume") == true)
        #expect(outcome.production == .untouched(.blue))
        #expect(stage.routers.values.allSatisfy { $0.writes.isEmpty })
    }

    @Test func `where all that can be read were left behind no name was given`() async {
        stage.routers[Self.first]?.speak(.unreachable)
        var equipment = equipment(.quorum(2))
        equipment.behind = [RouterID("lb-2"), Self.last]
        for id in equipment.behind { stage.routers[id]?.show { $0.effective = .color(.green) } }
        let outcome = await stage.play(stage.journal(.switching()), equipment)
        #expect(
            outcome.failure?.message
                == "No router can be seen to show blue; 2 routers are needed.")
        #expect(outcome.production == .readBack(.green))
    }

    @Test func `a switch brings what was left behind level`() async {
        stage.routers[Self.last]?.show { $0.effective = .color(.green) }
        var equipment = equipment(.quorum(2))
        equipment.behind = [Self.last]
        let outcome = await stage.play(stage.journal(.switching()), equipment)
        #expect(outcome == Outcome(.succeeded, production: .proven(.green)))
        #expect(lives == [.green, .green, .green])
    }

    // MARK: - Level

    private static let levelling = RunPlan(
        verb: .resume, entry: .levelling, from: .blue, to: .blue, isIdleClaimed: false)

    private func leaveLastBehind() -> RunEquipment {
        stage.routers[Self.last]?.show { $0.effective = .color(.green) }
        var equipment = equipment()
        equipment.behind = [Self.last]
        return equipment
    }

    @Test func `levelling writes what the others show, and leaves the way back open`() async {
        let equipment = leaveLastBehind()
        let journal = stage.journal(Self.levelling)
        let outcome = await stage.play(journal, equipment)
        #expect(outcome == Outcome(.succeeded, production: .proven(.blue)))
        #expect(lives == [.blue, .blue, .blue])
        #expect(intents(journal).map(\.isLevelling) == [true])
        #expect(intents(journal).map(\.datum.isIdleClaimed) == [false])
        #expect(journal.events.map(FakeJournal.word).suffix(2) == ["levelled", "ended"])
    }

    @Test func `levelling that fails leaves the others alone`() async {
        let equipment = leaveLastBehind()
        stage.routers[Self.last]?.expect(.notApplied)
        let outcome = await stage.play(stage.journal(Self.levelling), equipment)
        #expect(outcome.ending == .unsettled)
        #expect(lives == [.blue, .blue, .green])
    }

    // MARK: - Rollback

    @Test func `a rollback asks and writes only what it was given`() async {
        for router in stage.routers.values { router.show { $0.effective = .color(.green) } }
        var equipment = equipment()
        equipment.leftOut = [Self.last: "not asked for (--only)"]
        let outcome = await stage.play(stage.journal(.rollback()), equipment)
        #expect(outcome.ending == .succeeded)
        #expect(outcome.leftOut == equipment.leftOut)
        #expect(lives == [.blue, .blue, .green])
        #expect(stage.routers[Self.last]?.writes.isEmpty == true)
    }

    // MARK: - Counting

    @Test func `requests are summed over the routers, one that counts nothing is a gap`() async {
        let runner = Runner(
            equipment: equipment(), journal: stage.journal(.switching()), stop: stage.stop
        ) { _ in }
        let watch = TrafficWatch(runner, color: .green)
        await watch.start()
        stage.routers[Self.first]?.count(requests: 90, time: .milliseconds(7), on: .green)
        stage.routers[Self.last]?.count(
            requests: 10, errors: 5, time: .milliseconds(9), on: .green)
        let window = await watch.take().traffic
        #expect(window?.requests == 100)
        #expect(window?.errors == 5)
        #expect(window?.averageResponseTime == .milliseconds(9))
        // The time of the other one is from before.
        stage.routers[Self.first]?.count(requests: 1, time: .milliseconds(3), on: .green)
        #expect(await watch.take().traffic?.averageResponseTime == .milliseconds(3))
        // A router that names no time is not one that answers at once.
        stage.routers[Self.first]?.count(requests: 1, on: .green)
        #expect(await watch.take().traffic?.averageResponseTime == nil)
        stage.routers[Self.last]?.forgetCounts()
        #expect(await watch.take().traffic == nil)
    }

    @Test func `while one router tells nothing the sum is a part, however long that lasts`() async {
        let runner = Runner(
            equipment: equipment(), journal: stage.journal(.switching()), stop: stage.stop
        ) { _ in }
        let watch = TrafficWatch(runner, color: .green)
        await watch.start()
        await runner.rememberCounters()
        stage.routers[Self.last]?.hush(Failure(.routerUnreachable, "No answer."))
        for _ in 1...3 {
            stage.routers[Self.first]?.count(requests: 90, on: .green)
            let interval = await watch.take()
            #expect(interval.traffic?.requests == 90)
            #expect(interval.silence?.contains("No answer.") == true)
        }
        #expect(await runner.realRequests { [:] } == nil)
        await runner.rememberCounters()
        #expect(await runner.realRequests { [:] } == nil)
    }

    @Test(arguments: [(90, Outcome.Ending.rolledBackAutomatically), (0, .inconclusive)])
    func `what a part of the routers counted fails a bake and passes none`(
        errors: Int, ending: Outcome.Ending
    ) async {
        var equipment = equipment()
        let (first, last) = (stage.routers[Self.first], stage.routers[Self.last])
        equipment.addBake(pass: "< 5%", needs: [.routerCounters]) { context in
            last?.hush(Failure(.routerUnreachable, "No answer."))
            defer { first?.count(requests: 100, errors: errors, on: .green) }
            guard let traffic = context.traffic else { return .noData("nothing") }
            return .value(Double(traffic.errors) / Double(max(1, traffic.requests)))
        }
        let outcome = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        #expect(outcome.ending == ending, "\(outcome)")
    }
}
