import Contracts
import PipelineModel
import Testing

/// Which addresses an intent keeps, and how long.
@Suite struct NamesTests {
    @Test func `an intent keeps the addresses of the hosts that it speaks of`() {
        let known = [
            "lb.test": ["192.0.2.1"], "shop.test": ["192.0.2.2"], "blue.test": ["192.0.2.3"],
            "metrics.test": ["192.0.2.4"],
        ]
        let kept = intent().knowing(known).addresses
        #expect(kept?.keys.sorted() == ["blue.test", "lb.test", "shop.test"])
        #expect(intent().knowing(["metrics.test": ["192.0.2.4"]]).addresses == nil)
    }

    @Test func `the record keeps the newest address of each host`() {
        let record = Record(replaying: [
            entry(intent(["lb.test": ["192.0.2.1"], "shop.test": ["192.0.2.2"]])),
            entry(intent(["lb.test": ["192.0.2.9"]])), entry(intent(nil)),
        ])
        #expect(
            record.addresses == ["lb.test": ["192.0.2.9"], "shop.test": ["192.0.2.2"]])
    }

    @Test func `the record forgets a host that is spoken of no more`() {
        var later = intent(nil)
        later.recipes = []
        let record = Record(replaying: [
            entry(intent(["lb.test": ["192.0.2.1"], "shop.test": ["192.0.2.2"]])), entry(later),
        ])
        #expect(record.addresses == ["shop.test": ["192.0.2.2"]])
    }

    private func intent(_ addresses: [String: [String]]? = nil) -> Intent {
        let settings = #"{"address": "lb.test:9999"}"#
        var intent = Intent(
            datum: Datum(live: .green, isIdleClaimed: false, token: Token(epoch: 41, round: 2)),
            from: .blue,
            recipes: [Recipe(router: RouterID("lb-1"), kind: "haproxy", settings: settings)],
            entrance: Entrance(
                url: "https://shop.test/version", place: .body, expected: [:], consecutive: 20,
                within: .seconds(5), direct: [.blue: "http://blue.test"]))
        intent.addresses = addresses
        return intent
    }

    private func entry(_ intent: Intent) -> JournalEntry {
        JournalEntry(
            number: 1, time: WallTime(milliseconds: 0), uptime: .zero, epoch: 41,
            event: .switchIntended(intent))
    }
}
