import Contracts
import PipelineModel
import Testing

@testable import Routers

@Suite struct KeptDatumTests {
    @Test func `live, idle, percent and token are read`() {
        let kept = KeptDatum(written: "green:blue:0:2625")
        #expect(kept == KeptDatum(.color(.green), token: Token(number: 2625)))
    }

    @Test func `a dash for idle is a claim`() {
        #expect(KeptDatum(written: "blue:-:0:65").isIdleClaimed)
    }

    @Test func `a plain colour is a colour without a token`() {
        #expect(KeptDatum(written: "green") == KeptDatum(.color(.green)))
    }

    @Test func `a value without a token is a colour without a token`() {
        #expect(KeptDatum(written: "green:blue:0") == KeptDatum(.color(.green)))
    }

    @Test(arguments: [
        "", "red", "Blue", "blue ", "green:green:0:5", "green:red:0:5", "green:blue:50:5",
        "green:blue::5", "green:blue:0:", "green:blue:0:-5", "green:blue:0:+5", "green:blue:0:5:6",
        "green:blue", ":blue:0:5", "green:blue:0:99999999999999999999", "green:blue:0:5x",
        "green:blue:0:9223372036854775807", "green:blue:0:640000000000",
    ])
    func `everything else is foreign`(_ text: String) {
        #expect(KeptDatum(written: text) == KeptDatum(.foreign(text.trimmedForDisplay)))
    }

    @Test func `a foreign value is shown without control characters`() {
        #expect(KeptDatum(written: "\u{1B}[31mred").sighting == .foreign("[31mred"))
    }

    @Test(arguments: Color.allCases, [true, false])
    func `what is written is read back`(_ live: Color, _ isClaimed: Bool) {
        let datum = Datum(live: live, isIdleClaimed: isClaimed, token: Token(epoch: 7, round: 2))
        let kept = datum.written(like: "blue:green:0:1").map { KeptDatum(written: $0) }
        #expect(
            kept == KeptDatum(.color(live), isIdleClaimed: isClaimed, token: datum.token))
    }

    @Test(arguments: [1, 5, 99])
    func `a share is read where the router may have one`(_ percent: Int) {
        let datum = Datum(live: .blue, idlePercent: percent, token: Token(epoch: 7, round: 2))
        let kept = KeptDatum(written: datum.written, mayShare: true)
        #expect(kept == KeptDatum(.shared(.blue, idlePercent: percent), token: datum.token))
        #expect(kept.datum == datum)
        #expect(KeptDatum(written: datum.written).sighting == .foreign(datum.written))
    }

    @Test(arguments: [
        "blue:green:100:5", "blue:green:05:5", "blue:green:-1:5", "blue:green:+5:5", "blue:-:5:5",
    ])
    func `no other share is one`(_ text: String) {
        #expect(KeptDatum(written: text, mayShare: true).sighting == .foreign(text))
    }

    @Test func `a plain value has no room for a share`() {
        let datum = Datum(live: .blue, idlePercent: 5, token: Token(epoch: 7, round: 2))
        #expect(datum.written(like: "blue") == nil)
    }

    @Test func `a plain value stays plain`() {
        let datum = Datum(live: .green, isIdleClaimed: true, token: Token(epoch: 7, round: 2))
        #expect(datum.written(like: "blue") == "green")
    }
}

extension String {
    fileprivate var trimmedForDisplay: String { Evidence.line(self) }
}
