import Glibc
import Testing

/// The real program, on a disk and before a router that are simulated: whatever happens in whatever
/// order, it tells the truth, sends traffic to nothing half deployed, and can be repaired.
@Suite struct HistoryTests {
    /// Seeds that once showed a defect; they are played first, for ever.
    private static let known: [UInt64] = [169, 2624]
    /// So many threads play at a time.
    private static let lanes = 4

    /// `HISTORIES=10000` plays more of them, `HISTORY=27` only that one.
    @Test(arguments: 0..<lanes)
    func `no history makes it lie`(lane: Int) { play(lane: lane, hasCanary: false) }

    @Test(arguments: 0..<lanes)
    func `no history with a canary makes it lie`(lane: Int) { play(lane: lane, hasCanary: true) }

    private func play(lane: Int, hasCanary: Bool) {
        let only = Self.number("HISTORY").map { [$0] }
        let seeds = only ?? Self.known + Array(1...(Self.number("HISTORIES") ?? 40))
        for index in stride(from: lane, to: seeds.count, by: Self.lanes) {
            let history = History(seed: seeds[index], hasCanary: hasCanary)
            guard let wrong = history.violation() else { continue }
            let small = history.shrunk()
            Issue.record(
                """
                \(wrong)
                again: HISTORY=\(seeds[index]) swift test --filter HistoryTests
                shortest: \(small)
                \(small.violation() ?? "it does not repeat")
                \(small.played().transcript)
                """)
            return
        }
    }

    private static func number(_ variable: String) -> UInt64? {
        getenv(variable).flatMap { UInt64(String(cString: $0)) }
    }
}
