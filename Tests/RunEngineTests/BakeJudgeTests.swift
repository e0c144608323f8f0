import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import RunEngine

/// Verdicts over sequences of samples: `g` good, `b` bad, `-` no data, one per second.
struct BakeJudgeTests {
    @Test(arguments: [
        ("ggggg", BakeVerdict.Judgement.passed),
        ("bbb", .failed),
        ("bgbgb", .failed),
        ("bbggg", .passed),
        ("bb-b", .failed),
        ("b----b----", .inconclusive),
        ("gg---ggg", .passed),
        ("----------", .inconclusive),
        ("gggg------", .inconclusive),
    ])
    func `3 bad ones of the last 5 conclusive samples fail, gaps stop the clock`(
        _ samples: String, _ expected: BakeVerdict.Judgement
    ) {
        let (verdict, taken) = judge(samples)
        #expect(verdict?.judgement == expected)
        #expect(taken == samples.count)
    }

    @Test(arguments: [
        ("---", BakeVerdict.Judgement.failed), ("g-g--", .failed), ("gg--ggg", .passed),
    ])
    func `no data counts as bad where the pipeline says so`(
        _ samples: String, _ expected: BakeVerdict.Judgement?
    ) {
        #expect(judge(samples, noData: .fail).verdict?.judgement == expected)
    }

    @Test func `a bad sample leaves the window when it is older than the window`() {
        #expect(judge("bbgggbb", length: 7).verdict?.judgement == .passed)
        #expect(judge("bbgggbbb", length: 20).verdict?.judgement == .failed)
    }

    @Test func `too few requests hold the pass until twice the length, then nobody knows`() {
        #expect(judge("ggggg", minimum: 100, requests: 10).verdict == nil)
        let (verdict, _) = judge("gggggggggg", minimum: 101, requests: 10)
        #expect(verdict?.judgement == .inconclusive)
        #expect(verdict?.why == "100 requests on the new colour, 101 needed")
    }

    @Test(arguments: [
        ("gg", 100, nil as String?), ("gg-", 100, "waits for data (errors: no requests)"),
        ("ggggg", 100, "waits for 100 requests, 50 so far"),
        ("gg", 0, nil), ("-----ggggg", 0, nil),
    ])
    func `a bake that goes on says what it waits for`(
        _ samples: String, _ minimum: Int, _ waiting: String?
    ) {
        let metric = MetricSettings(
            name: "errors", kind: "fake", section: .empty,
            pass: [Threshold(written: "< 1%")].compactMap(\.self))
        var judge = BakeJudge(
            settings: BakeSettings(
                duration: .seconds(5), minimumSamples: minimum, metrics: [metric]),
            baselines: [:])
        for sample in samples {
            _ = judge.note([Self.measurement(sample)], requests: 10, after: .seconds(1))
        }
        #expect(judge.waiting == waiting)
        #expect(judge.limit == .seconds(10))
    }

    @Test func `a verdict names what could not be judged, and its first cause`() {
        let words = "every metric kept its bounds"
        #expect(judge("ggggg").verdict?.why == words)
        #expect(
            judge("gg--ggg").verdict?.why
                == words + "; 2 s without data (errors: no requests)")
        #expect(
            judge("gg--gggggg", minimum: 101).verdict?.why
                == "10 requests on the new colour, 101 needed; 2 s without data"
                + " (errors: no requests)")
    }

    @Test func `enough requests let a bake pass late`() {
        let (verdict, taken) = judge("gggggggg", minimum: 70, requests: 10)
        #expect(verdict?.judgement == .passed)
        #expect(taken == 7)
    }

    @Test func `a bake too short to fail is no pass`() {
        #expect(judge("b", length: 1).verdict == nil)
        #expect(judge("gg", length: 1).verdict?.judgement == .inconclusive)
    }

    @Test func `a bake without metrics is no pass`() {
        var judge = BakeJudge(settings: BakeSettings(duration: .seconds(1)), baselines: [:])
        #expect(judge.note([], requests: 10, after: .seconds(1)) == nil)
        #expect(judge.note([], requests: 10, after: .seconds(1))?.judgement == .inconclusive)
    }

    @Test(arguments: [
        (0.2, nil as Double?, BakeJudge.Reading.good(0.2)),
        (0.31, nil, .bad(0.31)),
        (.nan, nil, .missing("p95: not a number")),
    ])
    func `a value is held against an absolute bound`(
        _ value: Double, _ baseline: Double?, _ expected: BakeJudge.Reading
    ) {
        #expect(read(value, ["< 300ms"], baseline) == expected)
    }

    @Test(arguments: [
        (0.11, 0.1 as Double?, BakeJudge.Reading.good(0.11)),
        (0.13, 0.1, .bad(0.13)),
        (0.29, 0.1, .bad(0.29)),
        (0.11, nil, .missing("p95: no baseline")),
        (0.31, nil, .bad(0.31)),
    ])
    func `a value keeps all of several bounds, and a missing baseline is no pass`(
        _ value: Double, _ baseline: Double?, _ expected: BakeJudge.Reading
    ) {
        #expect(read(value, ["< 300ms", "<= 1.2x baseline"], baseline) == expected)
    }

    @Test func `the verdict names value, bound and count`() {
        #expect(
            judge("gbbb").verdict?.why
                == "errors 5% (wanted < 1%), 3 of the last 4 samples bad")
    }

    @Test func `one failing metric is enough`() {
        let metrics = ["errors", "p95"].map {
            MetricSettings(
                name: $0, kind: "fake", section: .empty,
                pass: [Threshold(written: "< 1%")].compactMap(\.self), failWhen: CountOf(1, of: 1))
        }
        var judge = BakeJudge(
            settings: BakeSettings(duration: .seconds(5), metrics: metrics), baselines: [:])
        let verdict = judge.note([.value(0), .value(1)], requests: 1, after: .seconds(1))
        #expect(verdict?.judgement == .failed)
        #expect(verdict?.why.hasPrefix("p95") == true)
    }

    // MARK: - Reading the rows

    private func read(
        _ value: Double, _ bounds: [String], _ baseline: Double?
    ) -> BakeJudge.Reading {
        let rule = BakeJudge.Rule(
            name: "p95", pass: bounds.compactMap(Threshold.init(written:)),
            failWhen: CountOf(3, of: 5), baseline: baseline)
        return BakeJudge.read(rule, .value(value))
    }

    private func judge(
        _ samples: String, length: Int = 5, noData: BakeSettings.NoData = .hold, minimum: Int = 0,
        requests: Int = 1
    ) -> (verdict: BakeVerdict?, taken: Int) {
        let metric = MetricSettings(
            name: "errors", kind: "fake", section: .empty,
            pass: [Threshold(written: "< 1%")].compactMap(\.self))
        var judge = BakeJudge(
            settings: BakeSettings(
                duration: .seconds(length), minimumSamples: minimum, noData: noData,
                metrics: [metric]),
            baselines: [:])
        for (index, sample) in samples.enumerated() {
            let measurement = Self.measurement(sample)
            let verdict = judge.note([measurement], requests: requests, after: .seconds(1))
            if let verdict { return (verdict, index + 1) }
        }
        return (nil, samples.count)
    }

    private static func measurement(_ sample: Character) -> Measurement {
        switch sample {
        case "g": .value(0.001)
        case "b": .value(0.05)
        default: .noData("no requests")
        }
    }
}
