import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import RunEngine

/// The text of a release that nobody recorded: learned before the switch, so that the way back can be
/// proven.
@Suite(.timeLimit(.minutes(10)))
struct RunnerIdentityTests {
    let stage = Stage()

    /// Only the new release is known by its text, as with `${version}` in a first deployment.
    private func play(
        _ place: Entrance.Place, expecting text: String = "green"
    ) async -> (outcome: Outcome, journal: FakeJournal) {
        var equipment = stage.equipment()
        equipment.entrance?.place = place
        equipment.entrance?.expected = [.green: text]
        equipment.addBake { _ in .value(0.2) }
        let journal = stage.journal(.switching(hasBake: true))
        return (await stage.play(journal, equipment), journal)
    }

    @Test(arguments: [Entrance.Place.header("X-Color"), .body])
    func `the way back to an unknown release is proven by what it answered before`(
        _ place: Entrance.Place
    ) async {
        let (outcome, journal) = await play(place)
        #expect(outcome.ending == .rolledBackAutomatically)
        #expect(outcome.production == .proven(.blue))
        let learned = journal.events.compactMap { event -> String? in
            guard case .switchIntended(let intent) = event else { return nil }
            return intent.entrance?.expected[.blue]
        }
        #expect(learned == ["blue"])
    }

    @Test func `an answer that is never the same twice is no identity`() async {
        stage.numberBodies()
        let (outcome, journal) = await play(.body)
        #expect(outcome.production == .unknown)
        #expect(journal.events.contains(.switched(live: .green, previous: .blue)))
    }

    @Test func `an old release that answers as the new one is refused, not learned`() async {
        stage.pretend(.green)
        let (outcome, _) = await play(.body)
        #expect(outcome.failure?.code == .identityAlike)
        #expect(stage.router.writes.isEmpty)
    }

    @Test func `an old text that would hide the new release is not learned`() async {
        stage.sign(.blue, "ok")
        stage.sign(.green, "ok 2.8.0")
        let (outcome, journal) = await play(.body, expecting: "2.8.0")
        #expect(journal.events.contains(.switched(live: .green, previous: .blue)))
        #expect(outcome.production == .unknown)
    }
}
