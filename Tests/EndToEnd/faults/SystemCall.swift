import TrafficRig

/// One system call that a command makes: the `ordinal`-th of its name in one of its threads.
struct SystemCall: Hashable, Comparable, CustomStringConvertible {
    let name: String
    let ordinal: Int

    var description: String { "\(name) \(ordinal)" }

    static func < (left: Self, right: Self) -> Bool {
        (left.name, left.ordinal) < (right.name, right.ordinal)
    }

    /// Every call in what strace wrote with `-f -y`, that `isWanted`; the argument is the whole line.
    static func all(in trace: String, where isWanted: (Substring) -> Bool) -> [SystemCall] {
        var counts: [Substring: [Substring: Int]] = [:]
        var found: Set<SystemCall> = []
        for line in trace.split(separator: "\n") {
            // "4711  openat(AT_FDCWD</tmp>, ...) = 3"; the second half of a call begins with "<...".
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let end = words[1].firstIndex(of: "(") else { continue }
            let name = words[1][..<end].drop { $0 == " " }
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { continue }
            let ordinal = counts[words[0], default: [:]][name, default: 0] + 1
            counts[words[0], default: [:]][name] = ordinal
            if isWanted(line) { found.insert(SystemCall(name: String(name), ordinal: ordinal)) }
        }
        return found.sorted()
    }
}
