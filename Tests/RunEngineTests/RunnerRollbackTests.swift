import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import RunEngine

/// Rollback by a person: as few working parts as possible.
@Suite(.timeLimit(.minutes(10)))
struct RunnerRollbackTests {
    @Test func `a rollback writes, confirms and proves the old colour`() async {
        let stage = Stage(live: .green)
        let outcome = await stage.play(.rollback())
        #expect(outcome == Outcome(.succeeded, production: .proven(.blue)))
        #expect(stage.router.writes.map(\.live) == [.blue])
    }

    @Test func `a rollback closes the tunnels to the colour that it left, where it shall`() async {
        let stage = Stage(live: .green)
        var plan = RunPlan.rollback()
        _ = await stage.play(plan)
        #expect(stage.router.closed == [])
        stage.router.show { $0.effective = .color(.green) }
        plan.closesTunnels = true
        let outcome = await stage.play(plan)
        #expect(outcome == Outcome(.succeeded, production: .proven(.blue)))
        #expect(stage.router.closed == [.green])
    }

    @Test func `a rollback waits for no counters`() async {
        let stage = Stage(live: .green)
        stage.stallCounts()
        let outcome = await stage.play(.rollback())
        #expect(outcome == Outcome(.succeeded, production: .proven(.blue)))
        #expect(stage.time.now < .seconds(1010))
    }

    @Test func `nor does a bake that goes back`() async {
        let stage = Stage()
        var equipment = stage.equipment()
        equipment.addBake { _ in .value(0.2) }
        let journal = stage.journal(.switching(hasBake: true)) { event in
            if FakeJournal.word(event) == "bakeJudged" { stage.stallCounts() }
            return false
        }
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.production == .proven(.blue))
        #expect(stage.time.now < .seconds(1100))
    }

    @Test func `tunnels that cannot be closed make no failed rollback`() async {
        let stage = Stage(live: .green)
        stage.router.refuseToClose()
        var plan = RunPlan.rollback()
        plan.closesTunnels = true
        let outcome = await stage.play(plan)
        #expect(outcome == Outcome(.succeeded, production: .proven(.blue)))
        #expect(
            stage.reported.contains {
                if case .event(.tunnelsClosed(.green, .some)) = $0 { true } else { false }
            })
    }

    @Test func `a rollback needs no record at all`() async {
        let stage = Stage(live: .green)
        let journal = stage.journal(.rollback()) { _ in true }
        let outcome = await stage.play(journal, stage.equipment())
        #expect(outcome.ending == .succeeded)
        #expect(outcome.production == .proven(.blue))
        #expect(outcome.isUnrecorded)
    }

    @Test func `a rollback turns what it can reach and names the rest`() async {
        let stage = Stage(live: .green, fleet: 2)
        stage.routers[RouterID("lb-2")]?.speak(.unreachable)
        let outcome = await stage.play(.rollback())
        #expect(outcome.ending == .succeeded)
        #expect(outcome.production == .proven(.blue))
        #expect(outcome.leftOut == [RouterID("lb-2"): "lb-2: The router is silent."])
        #expect(stage.router.live == .blue)
        #expect(stage.time.now < .milliseconds(1_000_500))
    }

    @Test func `a rollback that reaches no router is impossible`() async {
        let stage = Stage(live: .green)
        stage.router.speak(.unreachable)
        let outcome = await stage.play(.rollback())
        #expect(outcome.ending == .rollbackImpossible)
        #expect(stage.router.writes.isEmpty)
    }

    @Test func `a refused rollback names no colour where the router showed none`() async {
        let stage = Stage(live: .green)
        stage.router.show { $0.effective = .foreign("purple") }
        stage.router.expect(.notApplied)
        let outcome = await stage.play(.rollback())
        #expect(outcome.ending == .rollbackImpossible)
        #expect(outcome.production == .unknown)
    }

    @Test func `a rollback needs no lock, a switch does`() async {
        let stage = Stage(live: .green)
        let back = stage.journal(.rollback())
        back.lock()
        #expect(await stage.play(back, stage.equipment()).production == .proven(.blue))
        let forward = stage.journal(.switching())
        forward.lock()
        let outcome = await stage.play(forward, stage.equipment())
        #expect(outcome.failure?.code == .recordUnwritable)
        #expect(stage.router.writes.map(\.live) == [.blue])
    }

    @Test func `a strict rollback does not write what it could not announce`() async {
        let stage = Stage(live: .green)
        let journal = stage.journal(.rollback(isLenient: false)) { event in
            if case .rollbackIntended = event { true } else { false }
        }
        _ = await stage.play(journal, stage.equipment())
        #expect(stage.router.writes.isEmpty)
    }

    @Test func `a rollback is stopped by a newer run only`() async {
        let stage = Stage(live: .green)
        let journal = stage.journal(.rollback()) { event in
            if FakeJournal.word(event) == "rollbackIntended" { stage.stop.ask(.signal(15)) }
            return false
        }
        let outcome = await stage.play(journal, stage.equipment())
        #expect(outcome == Outcome(.succeeded, production: .proven(.blue)))
    }
}
