import Synchronization
import Testing
import TrafficRig

/// Which cases of a kind of fault are tried, and how they went.
///
/// `FAULTS=50` tries that many of each kind, evenly spread; `FAULTS=all` all of them, but of each kind
/// that is like another one 120, and of moments 40; `FAULT='kill switch fdatasync 3'` only that one.
/// `FAULT_LANE=1/2` tries the first of two halves of them, for two processes side by side.
final class FaultSample: Sendable {
    let kind: String
    private let began = ContinuousClock.now
    private let counts = Mutex((tried: 0, missed: 0, wrong: 0))
    private let lane = Lane(environmentVariable("FAULT_LANE") ?? "1/1")

    /// A deploy makes most of its calls before anything moves, SIGTERM and SIGHUP are heard where SIGINT
    /// is, a slot file of nginx and Caddy is written as the map is, with a reload or a tool most calls
    /// are those of nginx and of the tool, and a router of several does not change with their number.
    private static let alike = [
        "deploy", "signal 1", "nginx", "caddy", "reload", "exec", "router of",
    ]
    /// What happens to the outside in the middle of a phase is the same after each of its calls.
    private static let momentary = ["mishap", "stalled"]

    init(_ kind: String) {
        self.kind = kind
    }

    /// Tries one case that `body` sets up anew: it says what is wrong.
    static func one(
        _ kind: String, _ name: some CustomStringConvertible,
        _ body: (inout [String]) async throws -> Void
    ) async throws {
        let sample = FaultSample(kind)
        for name in sample.cases(of: [name]) {
            var wrong: [String] = []
            do {
                try await body(&wrong)
            } catch {
                wrong.append("\(error)")
            }
            sample.note(name, hit: true, wrong: wrong)
        }
        sample.report()
    }

    /// The cases to try, and while none of them has hit anything, some of the others.
    func cases<Case: CustomStringConvertible>(of all: [Case]) -> AnyIterator<Case> {
        let chosen = chosen(of: all.count).map { all[$0] }
        if let only = environmentVariable("FAULT") {
            return AnyIterator(all.filter { "\(kind) \($0)" == only }.makeIterator())
        }
        let others = chosen.isEmpty ? [] : Self.spread(30, over: all.count).map { all[$0] }
        var position = 0
        return AnyIterator {
            defer { position += 1 }
            if position < chosen.count { return chosen[position] }
            let place = position - chosen.count
            return place < others.count && self.hasHitNothing ? others[place] : nil
        }
    }

    private var hasHitNothing: Bool { counts.withLock { $0.tried == 0 } }

    private func chosen(of count: Int) -> [Int] {
        let wanted = environmentVariable("FAULTS") ?? "6"
        let number = wanted == "all" ? whole(count) : Int(wanted) ?? 6
        return Self.spread(number, over: count).enumerated()
            .filter { lane.takes($0.offset) }.map(\.element)
    }

    /// From the middle of each part: what comes last is as interesting as what comes first.
    private static func spread(_ wanted: Int, over count: Int) -> [Int] {
        let number = min(wanted, count)
        return (0..<number).map { (2 * $0 + 1) * count / (2 * number) }
    }

    private func whole(_ number: Int) -> Int {
        if Self.momentary.contains(where: kind.contains) { return 40 }
        return Self.alike.contains(where: kind.contains) ? 120 : number
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
        let mayBeNone = environmentVariable("FAULT") != nil || (missed == 0 && lane.number > 1)
        #expect(tried > 0 || mayBeNone, "\(kind): nothing was hit")
        let seconds = (ContinuousClock.now - began).components.seconds
        print("faults: \(kind) | \(tried) tried | \(wrong) wrong | \(missed) missed | \(seconds) s")
    }
}

/// The cases of one of several processes that share them.
private struct Lane {
    let number: Int
    let count: Int

    /// `2/3`: the second of three.
    init(_ text: String) {
        let parts = text.split(separator: "/").compactMap { Int($0) }
        precondition(
            parts.count == 2 && (1...max(1, parts[1])).contains(parts[0]),
            "FAULT_LANE=\(text): expected NUMBER/COUNT")
        (number, count) = (parts[0], parts[1])
    }

    func takes(_ index: Int) -> Bool { index % count == number - 1 }
}
