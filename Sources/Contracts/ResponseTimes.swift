/// How many answers took how long: counts that only grow, so that a difference is what happened in
/// between.
///
/// Times are kept in milliseconds, rounded up to three digits: a percentile is at most one percent, or
/// a millisecond, too high.
package struct ResponseTimes: Hashable, Codable, Sendable {
    private var counts: [Int: Int] = [:]

    package init() {}

    package mutating func note(milliseconds: Int) {
        counts[Self.rounded(milliseconds), default: 0] += 1
    }

    /// What was noted after `earlier`, an earlier state of these counts.
    package func since(_ earlier: ResponseTimes) -> ResponseTimes {
        var difference = ResponseTimes()
        for (time, count) in counts {
            let new = count - (earlier.counts[time] ?? 0)
            if new > 0 { difference.counts[time] = new }
        }
        return difference
    }

    package static func + (left: ResponseTimes, right: ResponseTimes) -> ResponseTimes {
        var sum = left
        sum.counts.merge(right.counts, uniquingKeysWith: +)
        return sum
    }

    /// `nil` where nothing was noted.
    package var average: Duration? {
        let number = counts.values.reduce(0, +)
        guard number > 0 else { return nil }
        return .milliseconds(counts.reduce(0) { $0 + $1.key * $1.value }) / number
    }

    /// The smallest time that `share` (0 to 1) of the answers did not exceed; `nil` where nothing was
    /// noted.
    package func percentile(_ share: Double) -> Duration? {
        let rank = share * Double(counts.values.reduce(0, +))
        var reached = 0
        for (time, count) in counts.sorted(by: { $0.key < $1.key }) {
            reached += count
            if Double(reached) >= rank { return .milliseconds(time) }
        }
        return nil
    }

    private static func rounded(_ milliseconds: Int) -> Int {
        var unit = 1
        while milliseconds > 999 * unit { unit *= 10 }
        return (milliseconds + unit - 1) / unit * unit
    }
}
