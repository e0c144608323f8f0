import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import RunEngine

/// Runs played to their end against doubles: the bake and the ways back.
@Suite(.timeLimit(.minutes(10)))
struct RunnerBakeTests {
    let stage = Stage()

    @Test func `a bake whose metrics keep their bounds is a success`() async {
        let outcome = await bake { _ in .value(0.001) }
        #expect(outcome == Outcome(.succeeded, production: .proven(.green)))
        #expect(stage.time.now > .seconds(1010))
    }

    @Test func `a bad release goes back once, with a higher token`() async {
        let outcome = await bake { _ in .value(0.2) }
        #expect(outcome.ending == .rolledBackAutomatically)
        #expect(outcome.production == .proven(.blue))
        #expect(stage.router.writes.map(\.live) == [.green, .blue])
        #expect(stage.router.writes.map(\.token.round) == [1, 2])
        #expect(stage.router.writes.last?.isIdleClaimed == true)
    }

    @Test func `a bad release goes back within its limit and a second`() async {
        _ = await bake { _ in .value(0.2) }
        #expect(stage.time.now < .seconds(1000 + 3 + 1))
    }

    @Test func `a way back says what it was decided by, not only what was counted`() async {
        var equipment = stage.equipment()
        equipment.addBake { _ in .value(0.2) }
        let journal = stage.journal(.switching(hasBake: true))
        _ = await stage.play(journal, equipment)
        let evidence = journal.events.compactMap { event -> String? in
            if case .wayBackProbed(let wayBack) = event { wayBack.evidence } else { nil }
        }
        #expect(
            evidence == [
                "blue answers (0 of 5 questions failed), and green failed its bake"
            ])
    }

    @Test func `traffic stays where the old colour is no better`() async {
        let outcome = await bake { [stage] _ in
            stage.spoil(.blue, .green)
            return .value(0.2)
        }
        #expect(outcome.ending == .keptUnhealthy)
        #expect(outcome.production == .proven(.green))
        #expect(outcome.failure?.evidence.first?.contains("blue: 5 of 5") == true)
        #expect(stage.router.writes.count == 1)
    }

    @Test func `a stranger at the address of the old colour is no way back`() async {
        var equipment = stage.equipment()
        equipment.entrance?.place = .body
        equipment.addBake { [stage] _ in
            stage.sign(.blue, "It works!")
            return .value(0.2)
        }
        let outcome = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        #expect(outcome.ending == .keptUnhealthy)
        #expect(outcome.failure?.evidence.first?.contains("blue: 5 of 5") == true)
        #expect(outcome.failure?.evidence.first?.contains("It works!") == true)
        #expect(stage.router.writes.count == 1)
    }

    @Test func `traffic stays where nothing can be asked about the old colour`() async {
        var equipment = stage.equipment()
        equipment.entrance?.direct = [:]
        equipment.addBake { _ in .value(0.2) }
        let outcome = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        #expect(outcome.ending == .keptUnhealthy)
        #expect(
            outcome.failure?.evidence.first?.contains("blue: nothing could be asked") == true)
    }

    @Test func `traffic stays where the pipeline says so`() async {
        var equipment = stage.equipment()
        equipment.addBake { _ in .value(0.2) }
        let plan = RunPlan.deploy(hasBake: true, rollsBackAutomatically: false)
        let outcome = await stage.play(stage.journal(plan), equipment)
        #expect(outcome.ending == .keptUnhealthy)
        #expect(stage.router.live == .green)
    }

    @Test func `no data ends inconclusive at twice the length and flips nothing`() async {
        let outcome = await bake { _ in .noData("no requests") }
        #expect(outcome.ending == .inconclusive)
        // Printed behind 'error:', and a metric may be called errors.
        #expect(outcome.failure?.message.hasPrefix("The bake was inconclusive: ") == true)
        #expect(outcome.production == .proven(.green))
        #expect(stage.time.now >= .seconds(1020))
        #expect(stage.router.writes.count == 1)
    }

    /// It used to pass by the clock alone.
    @Test func `a process that was stopped in a bake has watched nothing meanwhile`() async {
        let asked = Mutex(0)
        let outcome = await bake { [stage] _ in
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            if number == 2 { stage.time.advance(by: .seconds(3600)) }
            return .value(0.001)
        }
        #expect(outcome.ending == .succeeded)
        #expect(asked.withLock { $0 } >= 4)
    }

    @Test func `a metric that hangs does not keep users on a release that another finds bad`()
        async
    {
        var equipment = stage.equipment()
        equipment.addBake { _ in .value(0.2) }
        let hanging = FakeMetric(needs: []) { [stage] _ in
            await stage.time.time.sleep(.seconds(5))
            return .noData("it hangs")
        }
        for _ in 1...2 {
            let settings = equipment.metrics[0].settings
            equipment.bake?.metrics.append(settings)
            equipment.metrics.append(.init(settings: settings, source: hanging))
        }
        let outcome = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        #expect(outcome.ending == .rolledBackAutomatically)
        #expect(stage.time.now < .seconds(1000 + 3 * 2 + 1))
    }

    /// The router counts them too, some a moment before their answer.
    @Test(arguments: [(0, Outcome.Ending.inconclusive), (1, .succeeded)])
    func `our own requests are not those that a bake must have seen`(
        users: Int, expected: Outcome.Ending
    ) async {
        var equipment = stage.equipment()
        let router = stage.router
        equipment.addBake(needs: [.probes(perSecond: 20)]) { _ in
            router.count(requests: users, on: .green)
            return .value(0.001)
        }
        equipment.bake?.minimumSamples = 5
        let outcome = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        #expect(outcome.ending == expected, "\(outcome)")
    }

    /// A router may count a request when it comes.
    @Test func `our own requests under way were counted as those of users`() async {
        var equipment = stage.equipment()
        equipment.addBake(needs: [.probes(perSecond: 20)]) { _ in .value(0.001) }
        let journal = stage.journal(.switching(hasBake: true))
        stage.delay(.milliseconds(70))
        #expect(await stage.play(journal, equipment).ending == .succeeded)
        let samples = journal.events.compactMap { event -> Int? in
            if case .bakeJudged(let verdict) = event { verdict.samples } else { nil }
        }
        #expect(samples == [0])
    }

    @Test func `requests that get no answer were no part of how long answers take`() async {
        var equipment = stage.equipment()
        equipment.addBake(pass: "< 0.5", needs: [.probes(perSecond: 20)]) { [stage] context in
            stage.delay(.milliseconds(1), .seconds(3600))
            let slowest = context.probes?.percentile(0.95)
            return slowest.map { .value($0.inSeconds) } ?? .noData("nothing was answered")
        }
        let outcome = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        #expect(outcome.ending == .rolledBackAutomatically, "\(outcome)")
    }

    @Test(arguments: [5, 20])
    func `requests that hung in one interval counted as slow in each that followed`(
        perSecond: Double
    ) async {
        var equipment = stage.equipment()
        let isFirst = Atomic(true)
        equipment.addBake(pass: "< 0.5", needs: [.probes(perSecond: perSecond)]) {
            [stage] context in
            let hasBegun = isFirst.exchange(false, ordering: .relaxed)
            if hasBegun { stage.delay(.seconds(4)) } else { stage.delay(.milliseconds(1)) }
            let slowest = context.probes?.percentile(1)
            return slowest.map { .value($0.inSeconds) } ?? .noData("nothing was answered")
        }
        let outcome = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        #expect(outcome.ending == .succeeded, "\(outcome)")
    }

    @Test(arguments: [true, false])
    func `our own requests were called those that a bake has seen where no router counts`(
        isCounting: Bool
    ) async {
        var equipment = stage.equipment()
        equipment.addBake(needs: [.probes(perSecond: 20)]) { _ in .value(0.001) }
        if !isCounting { stage.router.countNobody() }
        let journal = stage.journal(.switching(hasBake: true))
        #expect(await stage.play(journal, equipment).ending == .succeeded)
        let verdicts = journal.events.compactMap { event -> BakeVerdict? in
            if case .bakeJudged(let verdict) = event { verdict } else { nil }
        }
        #expect(verdicts.map(\.isOwn) == [isCounting ? nil : true])
        #expect(verdicts.allSatisfy { ($0.samples == 0) == isCounting }, "\(verdicts)")
    }

    @Test func `a measurement that was cut short is not shown as one without data`() async {
        let outcome = await bake { [stage] _ in
            stage.stop.ask(.signal(2))
            await stage.time.time.sleep(.seconds(3600))
            return .noData("the request was cancelled")
        }
        #expect(outcome.ending == .interrupted(.signal(2)))
        let isSampled = stage.reported.contains { if case .sampled = $0 { true } else { false } }
        #expect(!isSampled)
    }

    @Test func `a bake does not judge a colour that lost its traffic to somebody else`() async {
        let outcome = await bake { [stage] _ in
            stage.router.show { $0.effective = .color(.blue) }
            return .value(0)
        }
        #expect(outcome.ending == .unsettled)
        #expect(outcome.production == .unknown)
        #expect(outcome.failure?.code == .drift)
    }

    @Test func `a bake outlasts a router that is silent for a while`() async {
        let samples = Mutex(0)
        let outcome = await bake { [stage] _ in
            let number = samples.withLock { samples in
                samples += 1
                return samples
            }
            stage.router.speak((3...5).contains(number) ? .unreachable : .clear)
            return .value(0)
        }
        #expect(outcome == Outcome(.succeeded, production: .proven(.green)))
    }

    @Test func `the evidence of a rollback does not count requests from before it`() async {
        var equipment = stage.equipment()
        equipment.addBake { _ in .value(0.2) }
        let journal = stage.journal(.switching(hasBake: true))
        _ = await stage.play(journal, equipment)
        let counted = journal.events.compactMap { event -> Bool? in
            if case .proved(let evidence) = event { evidence.realRequests != nil } else { nil }
        }
        #expect(counted == [true, false])
    }

    @Test func `a rollback that the router refuses leaves traffic and says so`() async {
        stage.router.expect(.ok, .notApplied)
        let outcome = await bake { _ in .value(0.2) }
        #expect(outcome.ending == .rollbackImpossible)
        #expect(outcome.production == .proven(.green))
    }

    @Test func `a bake that is taken up again claims only what it did itself`() async {
        let stage = Stage(live: .green)
        var equipment = stage.equipment()
        equipment.addBake { _ in .value(0) }
        let plan = RunPlan(
            verb: .resume, entry: .baking, from: .blue, to: .green, hasBake: true)
        let outcome = await stage.play(stage.journal(plan), equipment)
        #expect(outcome == Outcome(.succeeded, production: .untouched(.green)))
    }

    // MARK: - What metrics are told

    @Test func `own requests are paced and counted for the metrics that need them`() async {
        let windows = Mutex<[ProbeWindow]>([])
        var equipment = stage.equipment()
        equipment.addBake(needs: [.probes(perSecond: 20)]) { context in
            if let probes = context.probes { windows.withLock { $0.append(probes) } }
            return .value(0)
        }
        _ = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        let counts = windows.withLock { $0.map(\.count) }
        #expect(counts.count == 10)
        #expect(counts.allSatisfy { (19...21).contains($0) })
    }

    @Test func `a router that was restarted leaves a gap, not a negative count`() async {
        let windows = Mutex<[TrafficWindow?]>([])
        let gaps = Mutex<[String?]>([])
        var equipment = stage.equipment()
        let router = stage.router
        equipment.addBake { context in
            let number = windows.withLock { windows in
                windows.append(context.traffic)
                return windows.count
            }
            if context.traffic == nil { gaps.withLock { $0.append(context.silence) } }
            number == 3 ? router.forgetCounts() : router.count(requests: 100, on: .green)
            return .value(0)
        }
        _ = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        let seen = windows.withLock { $0 }
        #expect(seen.allSatisfy { ($0?.requests ?? 0) >= 0 })
        #expect(seen[1]?.requests == 100)
        #expect(seen[3] == nil)
        #expect(gaps.withLock { $0 } == ["lb-1: it counts anew, as after a restart"])
    }

    @Test func `response times are those of the interval`() async {
        let windows = Mutex<[TrafficWindow?]>([])
        var equipment = stage.equipment()
        let router = stage.router
        equipment.addBake { context in
            let number = windows.withLock { windows in
                windows.append(context.traffic)
                return windows.count
            }
            router.count(requests: 2, time: .seconds(9), times: [number, 10 * number], on: .green)
            return .value(0)
        }
        _ = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        let third = windows.withLock { $0[2] }
        #expect(third?.responseTimes.percentile(0.5) == .milliseconds(2))
        #expect(third?.responseTimes.percentile(0.95) == .milliseconds(20))
        #expect(third?.averageResponseTime == .milliseconds(11))
    }

    @Test func `a router that does not tell its counts is no data, and the cause is said`() async {
        let causes = Mutex<[String?]>([])
        var equipment = stage.equipment()
        let router = stage.router
        equipment.addBake { context in
            let number = causes.withLock { causes in
                causes.append(context.traffic == nil ? context.silence ?? "" : nil)
                return causes.count
            }
            let failure = Failure(.metricUnreadable, "The log is gone.", evidence: ["no file"])
            router.hush(number == 2 ? failure : nil)
            return .value(0)
        }
        _ = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        let seen = causes.withLock { $0 }
        #expect(
            seen.prefix(5) == [
                nil, nil, "lb-1: The log is gone. (no file)",
                "lb-1: it has told no earlier count to compare with", nil,
            ])
    }

    @Test func `the old colour is measured before the switch where a bound needs it`() async {
        let colors = Mutex<[Color]>([])
        var equipment = stage.equipment()
        equipment.addBake(pass: "<= 1.2x baseline") { context in
            colors.withLock { $0.append(context.step.color) }
            return .value(context.step.color == .blue ? 0.1 : 0.11)
        }
        let outcome = await stage.play(stage.journal(.switching(hasBake: true)), equipment)
        #expect(outcome.ending == .succeeded)
        #expect(colors.withLock { $0.prefix(4) } == [.blue, .blue, .blue, .green])
        let measured = stage.reported.compactMap { news -> Color? in
            if case .measuring(let color) = news { color } else { nil }
        }
        #expect(measured == [.blue])
    }

    /// It was 100 % of errors, beside which every release is good, or 0 requests a second.
    @Test(arguments: [("<= 1.2x baseline", 1.0), (">= 0.8x baseline", 0)])
    func `a live colour that does not serve was taken for a baseline`(
        pass: String, dead: Double
    ) async {
        stage.spoil(.blue)
        var equipment = stage.equipment()
        equipment.addBake(pass: pass) { .value($0.step.color == .blue ? dead : 0.5) }
        let journal = stage.journal(.switching(hasBake: true))
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.ending == .inconclusive)
        #expect(outcome.failure?.message.contains("no baseline") == true, "\(outcome)")
        #expect(stage.router.writes.map(\.live) == [.green])
        let recorded = journal.events.compactMap { event -> [String: Double]? in
            if case .switchIntended(let intent) = event { intent.baseline } else { nil }
        }
        #expect(recorded == [])
    }

    /// Its own address answers, and every request of the users fails.
    @Test func `an interval in which every request failed was taken for a baseline`() async {
        var equipment = stage.equipment()
        equipment.addBake(pass: "<= 1.2x baseline") {
            .value($0.step.color == .blue ? 1 : 0.5)
        }
        let journal = stage.journal(.switching(hasBake: true))
        let outcome = await stage.play(journal, equipment) { [stage] in
            for _ in 1...20 {
                stage.router.count(requests: 9, errors: 9, on: .blue)
                await stage.time.time.sleep(.milliseconds(250))
            }
        }
        #expect(outcome.ending == .inconclusive)
        #expect(outcome.failure?.message.contains("no baseline") == true, "\(outcome)")
    }

    private func bake(
        _ sample: @escaping @Sendable (MetricContext) async -> Measurement
    ) async -> Outcome {
        var equipment = stage.equipment()
        equipment.addBake(sample)
        return await stage.play(stage.journal(.switching(hasBake: true)), equipment)
    }
}
