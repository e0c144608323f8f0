import Glibc
import Testing

/// The real program, on a disk and before a router that are simulated: whatever happens in whatever
/// order, it tells the truth, sends traffic to nothing half deployed, and can be repaired.
@Suite struct HistoryTests {
    /// Seeds that once showed a defect; they are played first, for ever.
    private static let known: [UInt64] = []

    /// `HISTORIES=10000` plays more of them, `HISTORY=27` only that one.
    @Test func `no history makes it lie`() {
        let first = Self.number("HISTORY")
        let seeds = first.map { [$0] } ?? Self.known + Array(1...(Self.number("HISTORIES") ?? 20))
        for seed in seeds {
            let history = History(seed: seed)
            guard let wrong = history.violation() else { continue }
            let small = history.shrunk()
            Issue.record(
                """
                \(wrong)
                again: HISTORY=\(seed) swift test --filter HistoryTests
                shortest: \(small)
                \(small.violation() ?? "it does not repeat")
                """)
            return
        }
    }

    private static func number(_ variable: String) -> UInt64? {
        getenv(variable).flatMap { UInt64(String(cString: $0)) }
    }
}
