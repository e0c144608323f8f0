import Contracts
import PipelineModel
import Testing

@testable import RunEngine

struct MetricWordsTests {
    @Test(arguments: [
        ("< 1%", 0.124, "12.4%"), ("< 300ms", 0.31, "310ms"), ("< 2s", 2.5, "2.5s"),
        (">= 0.95", 0.9, "0.9"), ("< 1%", 0.18692, "18.7%"), ("< 300ms", 0.0508184, "50.8ms"),
        ("<= 1.2x baseline", 14, "14"),
    ])
    func `a value is worded in the unit of its bound`(
        _ bound: String, _ value: Double, _ expected: String
    ) {
        #expect(MetricWords.value(value, for: Threshold(written: bound)) == expected)
    }

    @Test(
        arguments: [
            ("<= 3x baseline", 0.013, MetricUnit.length, "<= 3x baseline (13ms)"),
            ("<= 3x baseline", 0.02, .share, "<= 3x baseline (2%)"),
            ("<= 3x baseline", 14, nil, "<= 3x baseline (14)"),
            ("<= 3x baseline", nil, .length, "<= 3x baseline (unknown)"),
            ("< 300ms", 0.013, .length, "< 300ms"), ("< 0.01", 0.02, .share, "< 0.01"),
        ] as [(String, Double?, MetricUnit?, String)])
    func `a bound beside a baseline names it in the unit of what is measured`(
        _ bound: String, _ baseline: Double?, _ unit: MetricUnit?, _ expected: String
    ) throws {
        let threshold = try #require(Threshold(written: bound))
        #expect(MetricWords.bound(threshold, baseline: baseline, unit) == expected)
    }
}
