import Contracts
import PipelineModel
import ShopRig
import Testing

@testable import Commands

/// What happens to requests that are still under way on idle when the next deploy wants to change it.
@Suite struct DrainTests {
    private static let said = "2 requests under way on green may be cut off"

    private func busy() -> Shop {
        let shop = Shop.running()
        shop.production.change { $0.environments[.green]?.inFlight = 2 }
        return shop
    }

    @Test func `requests that outlast their time are counted, said and written down`() {
        let shop = busy()
        #expect(shop.type("switch", "--no-bake", "green").status == 0)
        shop.production.change { $0.environments[.green]?.inFlight = 0 }
        shop.production.change { $0.environments[.blue]?.inFlight = 3 }
        let screen = shop.type("deploy", "3.0", "--until", "ready")
        #expect(screen.status == 0)
        #expect(screen.error.contains("waiting for blue to drain  3 under way"))
        #expect(screen.error.contains("3 requests under way on blue may be cut off"))
        #expect(shop.recorded.contains("switch.drain.timeout: 3 under way on blue"))
    }

    @Test func `requests that have had their time for long are counted too`() {
        let shop = busy()
        let screen = shop.type("deploy", "3.0", "--until", "ready")
        #expect(screen.error.contains(Self.said))
        #expect(!screen.error.contains("waiting"))
        #expect(shop.recorded.contains("switch.drain.timeout: 2 under way on green"))
    }

    @Test func `an idle colour without requests is no news`() {
        let shop = Shop.running()
        let screen = shop.type("deploy", "3.0", "--until", "ready")
        #expect(!screen.error.contains("under way"))
        #expect(!shop.recorded.contains("switch.drain.timeout"))
    }

    @Test func `a quiet deploy still says what it cuts off`() {
        #expect(busy().type("deploy", "3.0", "--until", "ready", "-q").error.contains(Self.said))
    }
}
