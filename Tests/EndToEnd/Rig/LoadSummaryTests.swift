import Glibc
import Testing
import TrafficRig

/// The arithmetic of the summary, on records made by hand.
struct LoadSummaryTests {
    /// Issued at 100, acknowledged at 110.
    private let toGreen = Switch(issued: 100, acknowledged: 110, to: "green")
    private let backToBlue = Switch(issued: 200, acknowledged: 210, to: "blue")

    private func answer(_ color: String, sent: Int64, end: Int64) -> LoadRecord {
        LoadRecord(due: sent, sent: sent, end: end, color: color)
    }

    private func effect(_ records: LoadRecord...) throws -> SwitchEffect {
        try #require(LoadSummary(records, switches: [toGreen]).switches.first)
    }

    @Test func `an old answer to a request sent after the acknowledgement is stale`() throws {
        let effect = try effect(answer("blue", sent: 111, end: 120))
        #expect(effect.stale == 1)
        #expect(effect.causal == 0)
    }

    @Test func `an old answer to a request sent before the acknowledgement is not stale`() throws {
        #expect(try effect(answer("blue", sent: 110, end: 120)).stale == 0)
    }

    @Test func `an old answer after somebody had a new one is causal`() throws {
        let effect = try effect(
            answer("green", sent: 101, end: 104), answer("blue", sent: 105, end: 108))
        #expect(effect.causal == 1)
        #expect(effect.stale == 0)
    }

    @Test func `an old answer to a request that was already under way is not causal`() throws {
        let effect = try effect(
            answer("green", sent: 101, end: 104), answer("blue", sent: 103, end: 108))
        #expect(effect.causal == 0)
    }

    @Test func `a leftover of the switch before the last proves nothing`() throws {
        let effect = try effect(
            answer("green", sent: 99, end: 102), answer("blue", sent: 103, end: 108))
        #expect(effect.causal == 0)
        #expect(effect.firstNew == nil)
    }

    @Test func `an answer that ends after the next switch may be of either colour`() {
        let slow = answer("blue", sent: 150, end: 205)
        let summary = LoadSummary([slow], switches: [toGreen, backToBlue])
        #expect(summary.stale == 0)
    }

    @Test func `each switch is judged by the answers between it and the next`() {
        let records = [
            answer("blue", sent: 150, end: 160), answer("green", sent: 220, end: 230),
            answer("green", sent: 221, end: 231),
        ]
        let summary = LoadSummary(records, switches: [backToBlue, toGreen])
        #expect(summary.switches.map(\.to) == ["green", "blue"])
        #expect(summary.switches.map(\.stale) == [1, 2])
        #expect(summary.stale == 3)
    }

    @Test func `first new and last old are measured from the command`() throws {
        let effect = try effect(
            answer("blue", sent: 99, end: 125), answer("green", sent: 101, end: 104),
            answer("green", sent: 102, end: 130))
        #expect(effect.firstNew == 4)
        #expect(effect.lastOld == 25)
    }

    @Test func `an answer before the first switch belongs to none`() {
        let early = answer("green", sent: 1, end: 2)
        #expect(LoadSummary([early], switches: [backToBlue]).switches.first?.lastOld == nil)
    }

    @Test func `a lost request has no colour and is no stale answer`() throws {
        let lost = LoadRecord(
            due: 120, sent: 120, end: 130, status: nil, error: .resetOnReused)
        let summary = LoadSummary([lost], switches: [toGreen])
        #expect(summary.stale == 0)
        #expect(summary.errors == [.resetOnReused: 1])
        #expect(!summary.isClean)
    }

    @Test func `percentiles count the wait before a late request was sent`() {
        let records = (1...100).map { LoadRecord(due: 0, sent: 50, end: Int64($0)) }
        let latency = LoadSummary(records).latency
        #expect([latency.p50, latency.p95, latency.p99] == [50, 95, 99])
    }

    @Test func `only orders that were answered as placed count as placed`() {
        let placed = LoadRecord(due: 0, sent: 0, end: 1, order: "a")
        let lost = LoadRecord(due: 0, sent: 0, end: 1, order: "b", error: .truncated)
        #expect(LoadSummary([placed, lost]).placedOrders == ["a"])
    }

    @Test func `the line names errors, colours and what the switches did`() {
        let records = [
            answer("blue", sent: 111, end: 1_500_111),
            LoadRecord(due: 0, sent: 0, end: 1, status: 503, error: .status5xx),
        ]
        let line = "\(LoadSummary(records, switches: [toGreen]))"
        #expect(
            line == "2 requests, 1 errors, status5xx 1, blue 1, p50 1.5 ms p95 1.5 ms p99 1.5 ms, "
                + "1 switches, 1 stale, 0 causal, last old 1.5 ms")
    }

    @Test func `a switch is acknowledged by the write that lies in it, and lasts as before`() throws
    {
        let change = Switch(issued: 100, acknowledged: 300, to: "green")
        let old = answer("blue", sent: 250, end: 260)
        #expect(LoadSummary([old], switches: [change]).stale == 0)
        let written = try #require(change.acknowledged(byLastOf: [50, 400, 200, 150]))
        #expect(written.acknowledged == 200)
        #expect(written.ended == 300)
        #expect(LoadSummary([old], switches: [written]).stale == 1)
        #expect(change.acknowledged(byLastOf: [50, 100, 400]) == nil)
    }

    @Test func `an instant since boot is one of the clock that all share`() {
        var time = timespec()
        let before = Monotonic.now()
        clock_gettime(CLOCK_BOOTTIME, &time)
        let microseconds = time.tv_sec * 1_000_000 + time.tv_nsec / 1000
        #expect(Monotonic.instant(sinceBoot: microseconds) >= before)
        #expect(Monotonic.instant(sinceBoot: microseconds) <= Monotonic.now() + 2000)
    }

    @Test func `the tail before is of the answers outside a switch, that lasts to its end`() throws
    {
        let change = try #require(
            Switch(issued: 100, acknowledged: 120, to: "green").acknowledged(byLastOf: [110]))
        let records = [
            answer("green", sent: 105, end: 50_000_105),
            answer("green", sent: 115, end: 30_000_115),
            answer("green", sent: 90_000_000, end: 92_000_000),
        ]
        let summary = LoadSummary(records, switches: [change])
        #expect(summary.latencyInSwitches.p50 == 30_000_000)
        #expect(summary.latencyInSwitches.p99 == 50_000_000)
        #expect(summary.latencyOutsideSwitches.p99 == 2_000_000)
        #expect(summary.row.hasSuffix("| 2.0 ms | 50.0 ms"))
    }

    @Test func `the row holds medians, counts and the tail during a switch`() {
        let records = [
            answer("green", sent: 105, end: 1_500_105),
            answer("blue", sent: 90_000_000, end: 99_000_000),
        ]
        #expect(
            LoadSummary(records, switches: [toGreen]).row
                == "1 | 1.5 ms | 98.9 ms | 0 | 1 | 1 | 9.0 ms | 1.5 ms")
    }
}
