package import Contracts
package import PipelineModel

/// Judges the samples of a bake: a pure value that knows no clock but the one it is told.
///
/// No data is never a pass: it stops the clock (`hold`) or counts as a failure (`fail`), and a bake
/// that cannot be judged within twice its length ends inconclusive.
package struct BakeJudge: Sendable {
    package struct Rule: Sendable {
        package var name: String
        package var pass: [Threshold]
        package var failWhen: CountOf
        package var baseline: Double?
        package var unit: MetricUnit?

        package init(
            name: String, pass: [Threshold], failWhen: CountOf, baseline: Double?,
            unit: MetricUnit? = nil
        ) {
            self.unit = unit
            self.name = name
            self.pass = pass
            self.failWhen = failWhen
            self.baseline = baseline
        }

        /// A measured value, and the bounds that it must keep.
        func words(_ value: Double) -> String {
            MetricWords.value(value, for: pass.first, unit)
        }

        var bounds: [String] { pass.map { MetricWords.bound($0, baseline: baseline, unit) } }
    }

    /// What one metric said in one interval.
    package enum Reading: Hashable, Sendable {
        case good(Double)
        case bad(Double)
        case missing(String)
    }

    private let length: Duration
    private let minimumSamples: Int
    private let noData: BakeSettings.NoData
    private var rules: [Rule]
    private var recent: [[Bool]]
    private var lastValue: [Double?]
    private var lastGap: String?
    private var firstGap: String?
    /// The last interval was not counted.
    private var isHeld = false
    /// Time that counts towards the length of the bake.
    package private(set) var counted = Duration.zero
    private var passed = Duration.zero
    package private(set) var samples = 0

    package init(
        settings: BakeSettings, baselines: [String: Double], units: [MetricUnit?] = []
    ) {
        length = settings.duration
        minimumSamples = settings.minimumSamples
        noData = settings.noData
        rules = settings.metrics.map {
            Rule(
                name: $0.name, pass: $0.pass, failWhen: $0.failWhen, baseline: baselines[$0.name])
        }
        for (index, unit) in zip(rules.indices, units) { rules[index].unit = unit }
        recent = rules.map { _ in [] }
        lastValue = rules.map { _ in nil }
    }

    /// Takes one interval into account; `measurements` are in the order of the settings' metrics.
    ///
    /// Returns the verdict as soon as there is one.
    package mutating func note(
        _ measurements: [Measurement], requests: Int, after interval: Duration
    ) -> BakeVerdict? {
        passed += interval
        samples += requests
        let readings = zip(rules, measurements).map(Self.read)
        for (index, reading) in readings.enumerated() { keep(reading, at: index) }
        if let index = rules.indices.first(where: isFailing) { return failure(of: index) }
        let gap = readings.first { if case .missing = $0 { true } else { false } }
        isHeld = gap != nil
        if !isHeld { counted += interval }
        if case .missing(let why) = gap {
            lastGap = why
            firstGap = firstGap ?? why
        }
        return ending
    }

    /// How a measurement stands to its thresholds.
    package static func read(_ rule: Rule, _ measurement: Measurement) -> Reading {
        switch measurement {
        case .noData(let why): return .missing("\(rule.name): \(why)")
        case .value(let value):
            guard value.isFinite else { return .missing("\(rule.name): not a number") }
            let kept = rule.pass.map { $0.isKept(by: value, baseline: rule.baseline) }
            if kept.contains(false) { return .bad(value) }
            return kept.contains(nil) ? .missing("\(rule.name): no baseline") : .good(value)
        }
    }

    private mutating func keep(_ reading: Reading, at index: Int) {
        switch reading {
        case .good(let value):
            lastValue[index] = value
            recent[index].append(true)
        case .bad(let value):
            lastValue[index] = value
            recent[index].append(false)
        case .missing:
            guard noData == .fail else { return }
            recent[index].append(false)
        }
        recent[index] = Array(recent[index].suffix(rules[index].failWhen.window))
    }

    private func isFailing(_ index: Int) -> Bool {
        recent[index].count { !$0 } >= rules[index].failWhen.count
    }

    private func failure(of index: Int) -> BakeVerdict {
        let rule = rules[index]
        let value =
            lastValue[index].map { rule.words($0) } ?? "no data"
        let bounds = rule.bounds
        let bad = recent[index].count { !$0 }
        return BakeVerdict(
            .failed,
            why: "\(rule.name) \(value) (wanted \(bounds.joined(separator: ", "))),"
                + " \(bad) of the last \(recent[index].count) samples bad",
            samples: samples)
    }

    /// A metric that never had as many samples as a failure takes cannot have passed.
    private var isJudgeable: Bool {
        !rules.isEmpty && rules.indices.allSatisfy { recent[$0].count >= rules[$0].failWhen.count }
    }

    /// What the bake goes on for although its time is over, or stands still for.
    package var waiting: String? {
        guard counted >= length else {
            return isHeld ? "waits for data (\(lastGap ?? "none"))" : nil
        }
        guard hasEnough else {
            return "waits for \(Wording.amount(minimumSamples, "request")), \(samples) so far"
        }
        return isJudgeable ? nil : "waits for samples to judge by"
    }

    /// Then it ends without a verdict.
    package var limit: Duration { length * 2 }

    private var hasEnough: Bool { samples >= minimumSamples }

    /// `; 4.0 s without data (errors: HAProxy did not answer)`, by the first cause.
    private var gaps: String {
        guard let firstGap else { return "" }
        return "; \(Wording.length(passed - counted)) without data (\(firstGap))"
    }

    private var ending: BakeVerdict? {
        if counted >= length, hasEnough, isJudgeable {
            return BakeVerdict(
                .passed, why: "every metric kept its bounds\(gaps)", samples: samples)
        }
        guard passed >= limit else { return nil }
        let why =
            hasEnough
            ? lastGap ?? "too few samples to judge by"
            : "\(Wording.amount(samples, "request")) on the new colour,"
                + " \(minimumSamples) needed\(gaps)"
        let uncompared = rules.first { $0.baseline == nil && $0.pass.contains(where: \.isRelative) }
        return BakeVerdict(
            .inconclusive, why: why, samples: samples, uncompared: uncompared?.name)
    }
}
