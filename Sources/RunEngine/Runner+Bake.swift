import Contracts
import PipelineModel
import Synchronization

/// How a run watches the new colour, and how it asks whether going back would help.
extension Runner {
    // MARK: - Bake

    func bake() async -> RunEvent {
        guard let settings = equipment.bake else {
            preconditionFailure("A plan with a bake comes with its settings.")
        }
        return await watch(settings, showing: .color(plan.to), RunEvent.bakeJudged)
    }

    /// The same metrics, while the new colour has only a share.
    func watchShare(_ index: Int) async -> RunEvent {
        guard let bake = equipment.bake, equipment.switching.canary.indices.contains(index) else {
            preconditionFailure("A plan with a canary comes with its steps and a bake.")
        }
        let step = equipment.switching.canary[index]
        let event = await watch(
            step.watch(bake), showing: .shared(plan.from, idlePercent: step.percent),
            RunEvent.canaryJudged)
        // The proof of the next write counts from here. A way back waits for nobody's numbers.
        if case .canaryJudged(let verdict) = event, verdict.judgement == .passed {
            await rememberCounters()
        }
        return event
    }

    private func watch(
        _ settings: BakeSettings, showing expected: Observation.Sighting,
        _ judged: (BakeVerdict) -> RunEvent
    ) async -> RunEvent {
        var judge = BakeJudge(
            settings: settings, baselines: baselines, units: equipment.metrics.map(\.source.unit))
        let watch = TrafficWatch(
            self, color: plan.to, asksDirectly: expected != .color(plan.to))
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await watch.probe() }
            defer { group.cancelAll() }
            await watch.start()
            var isOwn = false
            while !Task.isCancelled {
                let began = world.time.now()
                await world.time.sleep(settings.interval)
                let sample = await measureAll(on: plan.to, watch)
                // What was cut short in the middle has measured nothing.
                guard !Task.isCancelled else { break }
                // A process or a machine that stood still has watched nothing meanwhile.
                let interval = min(world.time.now() - began, longestInterval)
                let verdict = judge.note(
                    sample.measurements, requests: sample.requests, after: interval)
                report(.sampled(describe(sample, judge, settings, showing: expected)))
                if let drift = await drift(from: expected) { return drift }
                isOwn = isOwn || sample.isOwn
                if var verdict {
                    verdict.isOwn = isOwn ? true : nil
                    return judged(verdict)
                }
            }
            return judged(
                BakeVerdict(.inconclusive, why: "the watch was cut short", samples: judge.samples))
        }
    }

    /// What one sample takes at most, however slow the routers and metrics are.
    private var longestInterval: Duration {
        let timeouts = equipment.metrics.map(\.settings.timeout)
        return (equipment.bake?.interval ?? .seconds(1)) * 2 + (timeouts.max() ?? .zero)
    }

    /// A verdict is about the new colour only while it has what it was given: somebody else, or a restarted router,
    /// may have taken traffic from it.
    private func drift(from expected: Observation.Sighting) async -> RunEvent? {
        let seen = await observePart()
        if memory.withLock({ $0.newestEpoch }) > journal.beginning.epoch {
            return .stopRequested(superseded)
        }
        for (id, result) in seen.sorted(by: { $0.key < $1.key }) {
            // A router that cannot be read right now says nothing about where traffic is.
            guard case .success(let observation) = result, observation.effective != expected
            else { continue }
            return .contradicted(
                Failure(
                    .drift,
                    "\(id) shows \(Self.words(observation.effective)), not"
                        + " \(Self.words(expected)), as this run left it.",
                    hint: "Somebody else, or a restart, changed it: see 'bluegreen status'."))
        }
        return nil
    }

    struct Sample {
        var measurements: [Measurement]
        var requests: Int
        /// No router counts here, so that these are our own.
        var isOwn: Bool
        var interval: TrafficWatch.Interval
    }

    func measureAll(on color: Color, _ watch: TrafficWatch) async -> Sample {
        let interval = await watch.take()
        let measurements = await measureAtOnce(on: color, interval)
        // Our own questions are no share of the traffic where they do not come with it, nor instead of
        // what a router counts and does not tell.
        let isCounted = interval.traffic != nil || interval.silence != nil || watch.asksDirectly
        let own = isCounted ? 0 : interval.probes?.count ?? 0
        return Sample(
            measurements: measurements, requests: interval.traffic?.foreign.requests ?? own,
            isOwn: own > 0, interval: interval)
    }

    /// Each at the same time. Where one is bad already, the others get no more than another interval:
    /// one that hangs must not keep users on a bad release.
    private func measureAtOnce(
        on color: Color, _ interval: TrafficWatch.Interval
    ) async -> [Measurement] {
        let metrics = equipment.metrics
        let patience = equipment.bake?.interval ?? .seconds(1)
        var measurements = metrics.map { _ in
            Measurement.noData("it was not waited for: another metric was bad")
        }
        return await withTaskGroup(of: (index: Int, measured: Measurement)?.self) { group in
            for (index, metric) in metrics.enumerated() {
                group.addTask { (index, await self.measure(metric, on: color, interval)) }
            }
            var open = metrics.count
            var isShort = false
            while open > 0, let answer = await group.next(), let (index, measured) = answer {
                open -= 1
                measurements[index] = measured
                guard !isShort, case .bad = BakeJudge.read(rule(metrics[index]), measured) else {
                    continue
                }
                isShort = true
                group.addTask {
                    await self.world.time.sleep(patience)
                    return nil
                }
            }
            group.cancelAll()
            return measurements
        }
    }

    private func rule(_ metric: RunEquipment.Metric) -> BakeJudge.Rule {
        BakeJudge.Rule(
            name: metric.settings.name, pass: metric.settings.pass,
            failWhen: metric.settings.failWhen, baseline: baselines[metric.settings.name],
            unit: metric.source.unit)
    }

    /// What a part of the routers counted can be too much, and so fail a release; it passes none.
    private func withoutPraise(
        _ measured: Measurement, _ metric: RunEquipment.Metric, _ interval: TrafficWatch.Interval
    ) -> Measurement {
        var rule = rule(metric)
        rule.pass = rule.pass.filter { [.less, .lessOrEqual].contains($0.relation) }
        if case .bad = BakeJudge.read(rule, measured) { return measured }
        return .noData(interval.silence ?? "a router told nothing")
    }

    private func measure(
        _ metric: RunEquipment.Metric, on color: Color, _ interval: TrafficWatch.Interval
    ) async -> Measurement {
        do throws(Failure) {
            var context = try context(for: metric.settings.step, on: color, nil)
            context.timeout = metric.settings.timeout
            context.requestTimeout = metric.settings.timeout
            var asked = MetricContext(
                traffic: interval.traffic, probes: interval.probes, step: context)
            asked.silence = interval.silence
            let measured = await metric.source.measure(asked)
            let isPart = interval.silence != nil && metric.source.needs.contains(.routerCounters)
            return isPart ? withoutPraise(measured, metric, interval) : measured
        } catch {
            return .noData(error.message)
        }
    }

    private func describe(
        _ sample: Sample, _ judge: BakeJudge, _ settings: BakeSettings,
        showing expected: Observation.Sighting
    ) -> BakeSample {
        let metrics = zip(equipment.metrics, sample.measurements).map { metric, measurement in
            let rule = rule(metric)
            let value: Double? = if case .value(let value) = measurement { value } else { nil }
            let isOfUsers = metric.source.needs.contains(.routerCounters)
            return BakeSample.Metric(
                name: metric.settings.name, measurement: measurement,
                reading: BakeJudge.read(rule, measurement), bounds: rule.bounds,
                words: value.map(rule.words) ?? "no data",
                isUnvisited: isOfUsers && sample.interval.traffic?.foreign.requests == 0)
        }
        let percent: Int? = if case .shared(_, let percent) = expected { percent } else { nil }
        return BakeSample(
            metrics: metrics, counted: judge.counted, length: settings.duration,
            requests: judge.samples, percent: percent, waiting: judge.waiting, limit: judge.limit)
    }

    // MARK: - Baseline

    private static let baselineSamples = 3

    private var needsBaseline: Bool {
        equipment.metrics.contains { $0.settings.pass.contains(where: \.isRelative) }
    }

    var baselines: [String: Double] {
        let own = memory.withLock { memory in
            memory.baseline.mapValues { $0.reduce(0, +) / Double($0.count) }
        }
        return equipment.baseline.merging(own) { _, own in own }
    }

    /// Measures the live colour while the checks ask the idle one; ends when its task is cancelled.
    func sampleBaseline() async {
        guard lacksBaseline else { return }
        await collectBaseline()
    }

    /// What the checks were too short for is measured now.
    func completeBaseline() async {
        guard lacksBaseline else { return }
        report(.measuring(plan.from))
        await collectBaseline()
    }

    private var lacksBaseline: Bool {
        needsBaseline
            && memory.withLock { memory in
                equipment.metrics.contains {
                    (memory.baseline[$0.settings.name]?.count ?? 0) < Self.baselineSamples
                }
            }
    }

    private func collectBaseline() async {
        memory.withLock { $0.isMeasuring = true }
        defer { memory.withLock { $0.isMeasuring = false } }
        let interval = equipment.bake?.interval ?? .seconds(1)
        let watch = TrafficWatch(self, color: plan.from)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await watch.probe() }
            await watch.start()
            for _ in 0..<Self.baselineSamples where !Task.isCancelled {
                await world.time.sleep(interval)
                guard !Task.isCancelled else { break }
                let sample = await measureAll(on: plan.from, watch)
                if await isServing(plan.from, sample.interval) { keep(sample) }
            }
            group.cancelAll()
        }
    }

    /// What serves nobody is nothing to compare with: every bound would be kept beside an error rate of
    /// 100 %, or beside 0 requests a second.
    private func isServing(_ color: Color, _ interval: TrafficWatch.Interval) async -> Bool {
        if let probes = interval.probes, probes.count > 0, probes.errors == probes.count {
            return false
        }
        if let traffic = interval.traffic, traffic.requests > 0,
            traffic.errors == traffic.requests
        {
            return false
        }
        let answer = await prober?.askDirectly(color, timeout: .seconds(2))
        return answer?.isServed ?? interval.traffic.map { $0.requests > 0 } ?? true
    }

    private func keep(_ sample: Sample) {
        memory.withLock { memory in
            for (metric, measurement) in zip(equipment.metrics, sample.measurements) {
                guard case .value(let value) = measurement, value.isFinite else { continue }
                memory.baseline[metric.settings.name, default: []].append(value)
            }
        }
    }

    // MARK: - The way back

    /// The new colour was found bad: going back helps if the old one answers, or fails far less.
    func probeWayBack(_ old: Color) async -> RunEvent {
        equipment.world.names.fallBack([:])
        async let oldHealth = health(of: old)
        async let newHealth = health(of: old.other)
        let (before, after) = (await oldHealth, await newHealth)
        let isBetter = before.isHealthy || before.share < after.share / 2
        let both = "(\(old): \(before.words); \(old.other): \(after.words))"
        let evidence =
            before.isHealthy
            ? "\(old) answers (\(before.words)), and \(old.other) failed its bake"
            : isBetter
                ? "\(old) fails less than half as often \(both)"
                : "\(old) does not answer better \(both)"
        return .wayBackProbed(WayBack(isBetter: isBetter, evidence: evidence))
    }

    private struct Health {
        var asked = 0
        var failed = 0
        var trouble: String?

        var share: Double { asked == 0 ? 1 : Double(failed) / Double(asked) }
        /// Silence is no health: where nothing could be asked, nothing speaks for going back.
        var isHealthy: Bool { asked > 0 && failed == 0 }
        var words: String {
            asked == 0
                ? "nothing could be asked"
                : "\(failed) of \(asked) questions failed" + (trouble.map { ": \($0)" } ?? "")
        }

        mutating func note(_ isGood: Bool, _ evidence: String) {
            asked += 1
            guard !isGood else { return }
            failed += 1
            trouble = evidence
        }
    }

    private func health(of color: Color) async -> Health {
        var health = Health()
        for _ in 0..<5 {
            guard let answer = await prober?.askDirectly(color, timeout: .seconds(1)) else { break }
            health.note(answer.isFit, Self.words(answer.kind))
        }
        for item in equipment.checks where item.skipReason == nil {
            guard let answer = await askBriefly(item, on: color) else { continue }
            health.note(answer.isGood, answer.evidence)
        }
        return health
    }

    /// One check asked once; one that takes long says nothing about health right now.
    private func askBriefly(
        _ item: RunEquipment.CheckedStep, on color: Color
    ) async -> CheckAnswer? {
        await withTaskGroup(of: CheckAnswer?.self) { group in
            group.addTask {
                // Without its values a check cannot be asked, which says nothing about health.
                guard var context = try? self.context(for: item.settings.step, on: color, nil)
                else { return nil }
                context.timeout = .seconds(2)
                context.requestTimeout = .seconds(1)
                return await item.check.ask(context)
            }
            group.addTask {
                await self.world.time.sleep(.seconds(2))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
