import Contracts
import Testing

@Suite struct ResponseTimesTests {
    private static func times(_ milliseconds: Int...) -> ResponseTimes {
        milliseconds.reduce(into: ResponseTimes()) { $0.note(milliseconds: $1) }
    }

    @Test(arguments: [(0.5, 50), (0.95, 95), (0.99, 99), (1, 100), (0, 1)])
    func `a percentile is a time that so many did not exceed`(share: Double, expected: Int) {
        let times = (1...100).shuffled().reduce(into: ResponseTimes()) { $0.note(milliseconds: $1) }
        #expect(times.percentile(share) == .milliseconds(expected))
    }

    @Test(arguments: [(0, 0), (999, 999), (1000, 1000), (1001, 1010), (65_432, 65_500)])
    func `a time is rounded up to three digits`(noted: Int, kept: Int) {
        #expect(Self.times(noted).percentile(0.5) == .milliseconds(kept))
    }

    @Test func `a difference is what was noted in between`() {
        var times = Self.times(5, 5, 700)
        let earlier = times
        times.note(milliseconds: 5)
        times.note(milliseconds: 9)
        #expect(times.since(earlier) == Self.times(5, 9))
        #expect(times.since(times) == ResponseTimes())
    }

    @Test func `the times of several routers add up`() {
        #expect(Self.times(1, 3) + Self.times(3, 8) == Self.times(1, 3, 3, 8))
    }

    @Test func `nothing noted has no percentile and no average`() {
        #expect(ResponseTimes().percentile(0.95) == nil)
        #expect(ResponseTimes().average == nil)
        #expect(Self.times(10, 20, 60).average == .milliseconds(30))
    }
}
