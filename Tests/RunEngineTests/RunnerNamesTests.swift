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
