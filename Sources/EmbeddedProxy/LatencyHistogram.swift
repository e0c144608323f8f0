import Synchronization

/// Counts of durations in buckets whose width is a sixteenth of their value.
final class LatencyHistogram: Sendable {
    static let bucketCount = 512
    private let counts = InlineArray<512, Atomic<Int>> { _ in Atomic(0) }

    func record(microseconds: Int) {
        counts[Self.bucket(of: microseconds)].wrappingAdd(1, ordering: .relaxed)
    }

    func add(to snapshot: inout LatencySnapshot) {
        for index in 0..<Self.bucketCount {
            snapshot.buckets[index] += counts[index].load(ordering: .relaxed)
        }
    }

    /// Values below 16 have a bucket each; every doubling above has sixteen.
    static func bucket(of microseconds: Int) -> Int {
        guard microseconds >= 16 else { return max(0, microseconds) }
        let shift = Int.bitWidth - microseconds.leadingZeroBitCount - 5
        return min((shift + 1) * 16 + (microseconds >> shift) - 16, bucketCount - 1)
    }

    /// The highest value that falls into this bucket.
    static func upperBound(of bucket: Int) -> Int {
        guard bucket >= 16 else { return bucket }
        let shift = bucket / 16 - 1
        return (((bucket % 16) + 17) << shift) - 1
    }
}

/// A histogram at one moment.
package struct LatencySnapshot: Hashable, Sendable {
    var buckets = [Int](repeating: 0, count: LatencyHistogram.bucketCount)

    package init() {}

    package var count: Int { buckets.reduce(0, +) }

    package var p50: Duration? { percentile(0.50) }
    package var p95: Duration? { percentile(0.95) }
    package var p99: Duration? { percentile(0.99) }

    /// The upper bound of the bucket that holds this share (0...1) of the counts; at most 6.25% too
    /// high. `nil` where nothing was counted.
    package func percentile(_ share: Double) -> Duration? {
        let total = count
        guard total > 0 else { return nil }
        let wanted = max(1, Int((Double(total) * share).rounded(.up)))
        var seen = 0
        for (bucket, number) in buckets.enumerated() {
            seen += number
            guard seen < wanted else {
                return .microseconds(LatencyHistogram.upperBound(of: bucket))
            }
        }
        return nil
    }
}
