import TrafficRig

/// One system call that a command makes: the `ordinal`-th of its name in one of its threads.
struct SystemCall: Hashable, Comparable, CustomStringConvertible {
    let name: String
    let ordinal: Int

    var description: String { "\(name) \(ordinal)" }

    static func < (left: Self, right: Self) -> Bool {
        (left.name, left.ordinal) < (right.name, right.ordinal)
    }

    /// Every call in what strace wrote with `-f -y`, that `isWanted`; the argument is the whole line, of
    /// a call that strace wrote in two halves both.
    static func all(in trace: String, where isWanted: (Substring) -> Bool) -> [SystemCall] {
        var counts: [Substring: [Substring: Int]] = [:]
        var halves: [Substring: (call: SystemCall, line: Substring)] = [:]
        var found: Set<SystemCall> = []
        for line in trace.split(separator: "\n") {
            // "4711  openat(AT_FDCWD</tmp>, ...) = 3"
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { continue }
            let (thread, text) = (words[0], words[1].drop { $0 == " " })
            // "4711  openat(AT_FDCWD</tmp>,  <unfinished ...>", "4711  <... openat resumed>...) = 3"
            if text.hasPrefix("<... "), let half = halves.removeValue(forKey: thread) {
                if isWanted(half.line + text) { found.insert(half.call) }
                continue
            }
            guard let end = text.firstIndex(of: "(") else { continue }
            let name = text[..<end]
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { continue }
            let ordinal = counts[thread, default: [:]][name, default: 0] + 1
            counts[thread, default: [:]][name] = ordinal
            let call = SystemCall(name: String(name), ordinal: ordinal)
            if isWanted(line) {
                found.insert(call)
            } else if line.hasSuffix("<unfinished ...>") {
                halves[thread] = (call, line)
            }
        }
        return found.sorted()
    }
}
