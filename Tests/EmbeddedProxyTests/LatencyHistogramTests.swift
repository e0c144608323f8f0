import Testing

@testable import EmbeddedProxy

struct LatencyHistogramTests {
    @Test(arguments: [0, 1, 15, 16, 17, 31, 32, 33, 1000, 65_535, 1_000_000, 3_600_000_000])
    func `a value falls into a bucket that is at most a sixteenth too high`(value: Int) {
        let bound = LatencyHistogram.upperBound(of: LatencyHistogram.bucket(of: value))

        #expect(bound >= value)
        #expect(bound <= value + value / 16)
    }

    @Test func `buckets follow each other without a gap`() {
        for bucket in 0..<LatencyHistogram.bucketCount - 1 {
            let next = LatencyHistogram.upperBound(of: bucket) + 1
            #expect(LatencyHistogram.bucket(of: next) == bucket + 1)
        }
    }

    @Test func `percentiles are read from the counts`() {
        let histogram = LatencyHistogram()
        for value in 1...100 { histogram.record(microseconds: value * 1000) }
        var snapshot = LatencySnapshot()
        histogram.add(to: &snapshot)

        #expect(snapshot.p50.map { $0 >= .milliseconds(50) && $0 < .milliseconds(54) } == true)
        #expect(snapshot.p99.map { $0 >= .milliseconds(99) && $0 < .milliseconds(106) } == true)
    }

    @Test func `nothing counted has no percentiles`() {
        #expect(LatencySnapshot().p50 == nil)
    }
}
