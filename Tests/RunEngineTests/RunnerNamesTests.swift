import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import RunEngine

/// What a run writes down of the resolver's answers, and when it can do without.
@Suite(.timeLimit(.minutes(10)))
struct RunnerNamesTests {
    private let stage = Stage()
    private let fellBack = Diary()
    private let late = Stage(live: .green)

    @Test func `an intent says where the router's name led to`() async {
        let journal = await play(.switching())
        let intents = journal.events.compactMap { event in
            if case .switchIntended(let intent) = event { intent } else { nil }
        }
        #expect(intents.map(\.addresses) == [["lb.test": ["192.0.2.1"]]])
    }

    @Test func `a switch does not do without the resolver`() async {
        _ = await play(.switching())
        #expect(fellBack.lines.isEmpty)
    }

    @Test func `an undo and a rollback do without the resolver`() async {
        _ = await play(.rollback())
        #expect(fellBack.lines.count == 1)
        stage.pretend(.blue)
        _ = await play(.switching())
        #expect(fellBack.lines.count == 2)
    }

    // MARK: - A resolver that answers late

    @Test(arguments: [true, false])
    func `a name that leads elsewhere, as is known late, makes a rollback unsettled`(
        isProvenByProbes: Bool
    ) async {
        var plan = RunPlan.rollback()
        plan.isProvenByProbes = isProvenByProbes
        let outcome = await playSlowly(plan, answer: (["192.0.2.9"], .seconds(1)))
        #expect(outcome.ending == .unsettled)
        #expect(outcome.production == .unknown)
        #expect(outcome.failure?.evidence.first?.contains("192.0.2.1") == true)
        #expect(outcome.failure?.evidence.first?.contains("192.0.2.9") == true)
        #expect(late.router.writes.map(\.live) == [.blue])
    }

    @Test func `so it does with a switch that was undone`() async {
        stage.pretend(.blue)
        let outcome = await playSlowly(
            .switching(), on: stage, answer: (["192.0.2.9"], .seconds(1)))
        #expect(outcome.production == .unknown)
    }

    @Test(arguments: [["192.0.2.1"], ["192.0.2.9", "192.0.2.1"]])
    func `a name that still leads there makes no difference`(addresses: [String]) async {
        let outcome = await playSlowly(.rollback(), answer: (addresses, .seconds(1)))
        #expect(outcome == Outcome(.succeeded, production: .proven(.blue)))
    }

    @Test func `a resolver that never answers holds up the end for seconds, not the write`() async {
        let outcome = await playSlowly(.rollback(), answer: nil)
        #expect(outcome == Outcome(.succeeded, production: .proven(.blue)))
        #expect(late.time.now > .seconds(1005))
        #expect(late.time.now < .seconds(1008))
        let lines = late.diary.lines
        let written = lines.firstIndex { $0.hasPrefix("router blue") } ?? lines.count
        #expect(lines.firstIndex(of: "asked late").map { $0 > written } == true, "\(lines)")
    }

    @Test func `who asks to stop does not wait for the resolver`() async {
        let journal = late.journal(.rollback()) { [late] event in
            if FakeJournal.word(event) == "rollbackIntended" { late.stop.ask(.signal(15)) }
            return false
        }
        let outcome = await playSlowly(journal, on: late, answer: nil)
        #expect(outcome == Outcome(.succeeded, production: .proven(.blue)))
        #expect(late.time.now < .seconds(1002))
    }

    private func playSlowly(
        _ plan: RunPlan, on other: Stage? = nil,
        answer: (addresses: [String], after: Duration)?
    ) async -> Outcome {
        let stage = other ?? late
        return await playSlowly(stage.journal(plan), on: stage, answer: answer)
    }

    private func playSlowly(
        _ journal: FakeJournal, on stage: Stage, answer: (addresses: [String], after: Duration)?
    ) async -> Outcome {
        var equipment = stage.equipment()
        equipment.world.names = SlowResolver(stage.time, stage.diary, answer: answer).names
        return await stage.play(journal, equipment)
    }

    private func play(_ plan: RunPlan) async -> FakeJournal {
        var equipment = stage.equipment()
        equipment.recipes = [
            Recipe(
                router: RouterID("lb-1"), kind: "fake", settings: #"{"address": "lb.test:9999"}"#)
        ]
        equipment.world.names = Names(
            known: { ["lb.test": ["192.0.2.1"], "other.test": ["192.0.2.2"]] },
            fallBack: { [fellBack] _ in fellBack.note("fell back") })
        let journal = stage.journal(plan)
        _ = await stage.play(journal, equipment)
        return journal
    }
}
