package import Contracts
package import PipelineModel

/// Counts what probes see around one write, and says when the switch is proven.
///
/// Proven means: so many answers in a row, each to a request sent after the write began, came from the
/// new colour. Any other answer, and any error, starts the count anew.
package struct ProofTally: Sendable {
    package enum Answer: Hashable, Sendable {
        case color(Color)
        case other(String)
        case error(String)
    }

    private let target: Color
    private let consecutive: Int
    private var writeBegan: Duration?
    package private(set) var inARow = 0
    private var probes = 0
    private var errors = 0
    /// Of the errors, those before the first answer of any kind.
    private var unanswered = 0
    /// Somebody else than the new colour has answered.
    private var wasServed = false
    private var firstNew: Duration?
    private var lastOld: Duration?
    private var lastMismatch: String?
    package private(set) var provenAt: Duration?
    /// How many of our own requests each colour answered: no real ones.
    package private(set) var answered: [Color: Int] = [:]
    /// Of each of them it is known which colour had it: none failed, or was answered by somebody else.
    package private(set) var isAccounted = true

    package init(target: Color, consecutive: Int) {
        self.target = target
        self.consecutive = consecutive
    }

    /// Answers to requests sent before this moment prove nothing.
    package mutating func writeBegins(at moment: Duration) {
        writeBegan = moment
        inARow = 0
    }

    package mutating func note(_ answer: Answer, sent: Duration, ended: Duration) {
        if case .color(let color) = answer { answered[color, default: 0] += 1 }
        guard provenAt == nil else {
            // Given up when the proof was there: the new one may have been asked all the same.
            if case .error = answer { answered[target, default: 0] += 1 }
            return
        }
        probes += 1
        switch answer {
        case .color(target):
            guard let writeBegan, sent >= writeBegan else { return }
            firstNew = min(firstNew ?? ended, ended)
            inARow += 1
            if inARow >= consecutive { provenAt = ended }
        case .color(let color):
            wasServed = true
            lastOld = max(lastOld ?? ended, ended)
            interrupt("answered by \(color)")
        case .other(let text):
            wasServed = true
            isAccounted = false
            interrupt("answered by '\(text)'")
        case .error(let text):
            errors += 1
            isAccounted = false
            if firstNew == nil { unanswered += 1 }
            interrupt(text)
        }
    }

    private mutating func interrupt(_ why: String) {
        inARow = 0
        lastMismatch = why
    }

    package func evidence(at now: Duration) -> ProofEvidence {
        let start = writeBegan ?? now
        // Where nothing was served before, nobody has lost anything.
        let nobody = wasServed || firstNew == nil ? 0 : unanswered
        return ProofEvidence(
            probes: probes, errors: errors - nobody, unserved: nobody == 0 ? nil : nobody,
            firstNew: firstNew.map { $0 - start },
            lastOld: lastOld.map { max(.zero, $0 - start) }, elapsed: (provenAt ?? now) - start,
            lastMismatch: lastMismatch)
    }
}
