import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import RunEngine

/// Runs played to their end against doubles: shares before the switch, and testers.
@Suite(.timeLimit(.minutes(10)))
struct RunnerCanaryTests {
    let stage = Stage()

    /// Users come to green as long as it has a share.
    private func canary(
        users: Int = 1, _ sample: @escaping @Sendable (MetricContext) async -> Measurement
    ) -> RunEquipment {
        var equipment = stage.equipment()
        equipment.addBake { [stage] context in
            stage.router.count(requests: users, on: .green)
            return await sample(context)
        }
        let start = Position(file: "bluegreen.yaml", line: 1, column: 1)
        equipment.switching.canary = [5, 25].map {
            CanaryStep(percent: $0, for: .seconds(6), at: start)
        }
        return equipment
    }

    private func plan() -> RunPlan {
        var plan = RunPlan.switching(hasBake: true)
        plan.canary = [5, 25]
        return plan
    }

    @Test func `every share is baked before the switch is proven`() async {
        let journal = stage.journal(plan())
        let outcome = await stage.play(journal, canary { _ in .value(0.001) })
        #expect(outcome == Outcome(.succeeded, production: .proven(.green)))
        #expect(stage.router.writes.map(\.idlePercent) == [5, 25, nil])
        #expect(stage.router.writes.map(\.live) == [.blue, .blue, .green])
        #expect(stage.time.now > .seconds(1000 + 6 + 6 + 10))
    }

    @Test func `a release that is bad under its share never gets more`() async {
        let outcome = await stage.play(stage.journal(plan()), canary { _ in .value(0.2) })
        #expect(outcome.ending == .undone)
        #expect(outcome.production == .proven(.blue))
        #expect(stage.router.writes.map(\.idlePercent) == [5, nil])
        #expect(stage.router.writes.last?.live == .blue)
        #expect(stage.router.writes.last?.isIdleClaimed == true)
    }

    @Test func `a canary that a newer run ends says where most of the traffic was`() async {
        let outcome = await stage.play(
            stage.journal(plan()),
            canary { [stage] _ in
                stage.stop.ask(.superseded(by: 50))
                return .value(0.001)
            })
        #expect(outcome.ending == .interrupted(.superseded(by: 50)))
        #expect(outcome.production == .readBack(.blue))
        #expect(stage.router.writes.map(\.idlePercent) == [5])
    }

    @Test func `a share that is taken back waits for no counters`() async {
        // The sample on which the verdict falls, as a rehearsal shows.
        let rehearsal = RunnerCanaryTests()
        let samples = Mutex(0)
        let bad = rehearsal.canary { _ in
            samples.withLock { $0 += 1 }
            return .value(0.2)
        }
        _ = await rehearsal.stage.play(rehearsal.stage.journal(plan()), bad)
        let equipment = canary { [stage] _ in
            let left = samples.withLock { samples in
                samples -= 1
                return samples
            }
            if left == 0 { stage.stallCounts() }
            return .value(0.2)
        }
        let outcome = await stage.play(stage.journal(plan()), equipment)
        #expect(samples.withLock(\.self) == 0)
        #expect(outcome.production == .proven(.blue))
        #expect(stage.time.now < .seconds(1100))
    }

    @Test func `a share that nobody gets shows nothing, and is taken back`() async {
        let outcome = await stage.play(stage.journal(plan()), canary(users: 0) { _ in .value(0) })
        #expect(outcome.ending == .undone)
        #expect(outcome.failure?.message.contains("0 requests on the new colour, 1 needed") == true)
        #expect(outcome.failure?.hint?.contains("may not read the share") == true)
        #expect(stage.router.writes.map(\.idlePercent) == [5, nil])
    }

    @Test func `a run that is told to stop takes the share back before it ends`() async {
        let equipment = canary { [stage] _ in
            stage.stop.ask(.signal(15))
            return .value(0)
        }
        let outcome = await stage.play(stage.journal(plan()), equipment)
        #expect(outcome == Outcome(.interrupted(.signal(15)), production: .proven(.blue)))
        #expect(stage.router.live == .blue)
    }

    @Test func `a share that somebody else changes is for a person`() async {
        let equipment = canary { [stage] _ in
            stage.router.show { $0.effective = .shared(.blue, idlePercent: 50) }
            return .value(0)
        }
        let outcome = await stage.play(stage.journal(plan()), equipment)
        #expect(outcome.ending == .unsettled)
        #expect(outcome.failure?.code == .drift)
    }

    @Test func `our own requests go to the new colour itself`() async {
        let asked = Mutex<[String]>([])
        var equipment = canary { _ in .value(0) }
        equipment.metrics = equipment.metrics.map { metric in
            RunEquipment.Metric(
                settings: metric.settings,
                source: FakeMetric(needs: [.probes(perSecond: 1)]) { [stage] context in
                    stage.router.count(on: .green)
                    asked.withLock { $0.append(context.probes.map { "\($0.errors)" } ?? "none") }
                    return .value(0)
                })
        }
        stage.spoil(.blue)
        let outcome = await stage.play(stage.journal(plan()), equipment)
        // Blue is broken: at the public address nearly every question would have failed.
        #expect(asked.withLock { Set($0) } == ["0"])
        #expect(outcome.ending == .succeeded)
    }

    // MARK: - Testers

    @Test func `testers who do not reach idle are told of before the switch`() async {
        var equipment = stage.equipment()
        equipment.switching.preview = Preview(
            .header, name: "X-Canary", value: "1",
            at: Position(file: "bluegreen.yaml", line: 1, column: 1))
        let outcome = await stage.play(stage.journal(.switching()), equipment)
        #expect(outcome.ending == .failedBeforeSwitch)
        #expect(outcome.failure?.message.contains("X-Canary: 1 does not reach green") == true)
        #expect(stage.router.writes.isEmpty)
    }

    @Test(arguments: [("X-Canary", Preview.Place.header), ("Cookie", .cookie)])
    func `testers who reach idle do not hold up the switch`(
        _ name: String, _ place: Preview.Place
    ) async {
        stage.admit(testersBy: name)
        var equipment = stage.equipment()
        equipment.switching.preview = Preview(
            place, name: "X-Canary", value: "1",
            at: Position(file: "bluegreen.yaml", line: 1, column: 1))
        let outcome = await stage.play(stage.journal(.switching()), equipment)
        #expect(outcome.ending == .succeeded)
    }
}
