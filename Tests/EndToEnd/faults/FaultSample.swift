import Synchronization
import Testing
import TrafficRig

/// Which cases of a kind of fault are tried, and how they went.
///
/// `FAULTS=50` tries that many of each kind, evenly spread; `FAULTS=all` all of them, and 120 of each
/// kind that is like another one; `FAULT='kill switch fdatasync 3'` only that one.
final class FaultSample: Sendable {
    let kind: String
    private let began = ContinuousClock.now
    private let counts = Mutex((tried: 0, missed: 0, wrong: 0))

    /// A deploy makes most of its calls before anything moves, SIGTERM and SIGHUP are heard where SIGINT
    /// is, a slot file of nginx and Caddy is written as the map is, and what happens to the outside in
    /// the middle of a phase is the same after each of its calls.
    private static let alike = ["deploy", "signal 1", "nginx", "caddy", "mishap", "stalled"]

    init(_ kind: String) {
        self.kind = kind
    }

    func cases<Case: CustomStringConvertible>(of all: [Case]) -> [Case] {
        if let only = environmentVariable("FAULT") {
            return all.filter { "\(kind) \($0)" == only }
        }
        let wanted = environmentVariable("FAULTS") ?? "6"
        let whole = Self.alike.contains(where: kind.contains) ? 120 : all.count
        let number = wanted == "all" ? whole : Int(wanted) ?? 6
        guard number < all.count else { return all }
        return (0..<number).map { all[$0 * all.count / number] }
    }

    /// How production is repaired after a case: half are finished, half brought back. It hangs on the
    /// name alone, so that a case is the same when it is tried again.
    func repair(after name: some CustomStringConvertible) -> FaultGround.Repair {
        let sum = "\(kind) \(name)".utf8.reduce(5381) { ($0 &* 33 &+ Int($1)) & 0xFFFF_FFFF }
        return (sum >> 4).isMultiple(of: 2) ? .rollback : .resume
    }

    /// Counts a case; one whose fault came too late to hit anything proves nothing.
    func note(_ name: some CustomStringConvertible, hit: Bool, wrong: [String]) {
        counts.withLock { counts in
            counts.tried += hit ? 1 : 0
            counts.missed += hit ? 0 : 1
            counts.wrong += wrong.isEmpty ? 0 : 1
        }
        guard !wrong.isEmpty else { return }
        Issue.record(
            """
            \(kind) \(name): \(wrong.joined(separator: "; "))
            again: FAULT='\(kind) \(name)' make faults
            """)
    }

    /// One line for the table of `make faults`.
    func report() {
        let (tried, missed, wrong) = counts.withLock(\.self)
        // A fault that hits nothing any more would pass for ever.
        #expect(tried > 0 || environmentVariable("FAULT") != nil, "\(kind): nothing was hit")
        let seconds = (ContinuousClock.now - began).components.seconds
        print("faults: \(kind) | \(tried) tried | \(wrong) wrong | \(missed) missed | \(seconds) s")
    }
}
