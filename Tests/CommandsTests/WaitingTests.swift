import PipelineModel
import ShopRig
import Testing

/// What a person sees of the time that a command waits.
@Suite struct WaitingTests {
    @Test func `who waits for another run is told how long, every ten seconds`() {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.baking, isAlive: true)
        let screen = shop.type("deploy", "3.0", "--lock-timeout", "25s")
        let lines = screen.error.split(separator: "\n").filter { $0.hasPrefix("waiting  ") }
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("waiting  Run r-000003-") == true)
        #expect(lines.last?.hasPrefix("waiting  20 s  Run r-000003-") == true)
        #expect(lines.last?.contains("for about 9m39s more") == true)
    }

    @Test func `who waits for the router to see idle up is told so once, and how it ended`() {
        let shop = Shop.running()
        shop.production.change { $0.environments[.green]?.serversUp = 0 }
        let screen = shop.type("deploy", "2.9")
        let what = "green has 0 of 2 servers up on haproxy; 2 are needed"
        #expect(screen.error.contains("\n  waiting  \(what)"))
        #expect(screen.error.contains("\n  ✗ \(what)"))
        #expect(screen.error.split(separator: "  waiting  ").count == 2)
    }
}
