import Contracts
import PipelineModel
import Testing

@testable import RunEngine

/// When probes prove a switch to green. The write begins at 100 ms.
struct ProofTallyTests {
    /// One answer: what it said, when it was asked for and when it ended, in milliseconds.
    private struct Row {
        var answer: ProofTally.Answer
        var sent: Int
        var ended: Int

        init(_ answer: ProofTally.Answer, _ sent: Int, _ ended: Int) {
            (self.answer, self.sent, self.ended) = (answer, sent, ended)
        }
    }

    @Test func `enough answers in a row prove it, at the end of the last one`() {
        let tally = tally([new(100, 110), new(110, 120), new(120, 130)])
        #expect(tally.provenAt == .milliseconds(130))
    }

    @Test func `an error starts the count anew`() {
        let interrupted = [new(100, 110), new(110, 120), Row(.error("reset"), 120, 121)]
        #expect(tally(interrupted + [new(121, 130)]).provenAt == nil)
        let after = [new(121, 130), new(130, 140), new(140, 150)]
        #expect(tally(interrupted + after).provenAt == .milliseconds(150))
    }

    @Test(arguments: [ProofTally.Answer.color(.blue), .other("red"), .error("status 503")])
    func `anything but the new colour starts the count anew`(_ answer: ProofTally.Answer) {
        let rows = [new(100, 110), new(110, 120), Row(answer, 120, 121), new(121, 130)]
        #expect(tally(rows).provenAt == nil)
    }

    @Test func `answers to requests sent before the write do not count`() {
        #expect(tally([new(90, 110), new(99, 120), new(99, 130)]).provenAt == nil)
    }

    @Test func `nothing counts before the write begins`() {
        var tally = ProofTally(target: .green, consecutive: 1)
        tally.note(.color(.green), sent: .zero, ended: .milliseconds(1))
        #expect(tally.provenAt == nil)
    }

    @Test func `an old answer that arrives late starts the count anew`() {
        let rows = [new(100, 110), new(101, 111), Row(.color(.blue), 95, 140), new(112, 141)]
        #expect(tally(rows).provenAt == nil)
    }

    @Test func `first new and last old do not depend on the order of arrival`() {
        let rows = [
            new(105, 130), new(100, 112), Row(.color(.blue), 90, 140), Row(.color(.blue), 80, 120),
        ]
        let evidence = tally(rows).evidence(at: .milliseconds(200))
        #expect(evidence.firstNew == .milliseconds(12))
        #expect(evidence.lastOld == .milliseconds(40))
    }

    @Test func `evidence counts probes and errors and keeps the last misfit`() {
        let rows = [Row(.color(.blue), 100, 101), Row(.error("reset"), 101, 102)]
        let evidence = tally(rows).evidence(at: .milliseconds(150))
        #expect(evidence.probes == 2)
        #expect(evidence.errors == 1)
        #expect(evidence.lastMismatch == "reset")
        #expect(evidence.elapsed == .milliseconds(50))
    }

    @Test func `what failed before anything served there was nobody's request`() {
        let rows = [
            Row(.error("refused"), 90, 91), Row(.error("refused"), 99, 105), new(106, 110),
            Row(.error("reset"), 110, 111),
        ]
        let evidence = tally(rows).evidence(at: .milliseconds(150))
        #expect(evidence.unserved == 2)
        #expect(evidence.errors == 1)
    }

    @Test func `an error beside answers of the old colour counts`() {
        let rows = [Row(.error("reset"), 90, 91), Row(.color(.blue), 91, 92), new(106, 110)]
        let evidence = tally(rows).evidence(at: .milliseconds(150))
        #expect(evidence.unserved == nil)
        #expect(evidence.errors == 1)
    }

    @Test func `only where each answer is a colour's is it known which of them are our own`() {
        #expect(tally([Row(.color(.blue), 90, 91), new(100, 110)]).isAccounted)
        #expect(!tally([Row(.error("status 503"), 90, 91), new(100, 110)]).isAccounted)
        #expect(!tally([Row(.other("purple"), 90, 91), new(100, 110)]).isAccounted)
        let proven = [new(100, 110), new(110, 120), new(120, 130)]
        #expect(tally(proven + [Row(.error("cancelled"), 110, 140)]).isAccounted)
    }

    @Test func `what comes after the proof changes nothing`() {
        let proven = [new(100, 110), new(110, 120), new(120, 130)]
        let late = tally(proven + [Row(.error("cancelled"), 110, 140)])
        #expect(late.provenAt == .milliseconds(130))
        #expect(late.evidence(at: .milliseconds(150)).errors == 0)
    }

    private func new(_ sent: Int, _ ended: Int) -> Row { Row(.color(.green), sent, ended) }

    private func tally(_ rows: [Row]) -> ProofTally {
        var tally = ProofTally(target: .green, consecutive: 3)
        tally.writeBegins(at: .milliseconds(100))
        for row in rows {
            tally.note(row.answer, sent: .milliseconds(row.sent), ended: .milliseconds(row.ended))
        }
        return tally
    }
}
