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
}
