import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// Somebody sets the wall clock: what is kept stays kept, and nothing stale counts as fresh.
@Suite struct ClockTests {
    private let shop = Shop.running()
    private static let jump = Duration.seconds(7200)

    @Test func `a clock that jumps forward does not end the time of a way back`() {
        let before = shop.production.started.count
        shop.simulation.setClock(by: Self.jump)
        #expect(shop.type("watch", "--once").status == 0)
        #expect(shop.type("retire", "-y").status == 32)
        #expect(shop.production.started.count == before)
        #expect(shop.type("rollback", "--dry-run").status == 0)
        shop.wait(.seconds(3600))
        #expect(shop.type("watch", "--once").status == 0)
        #expect(shop.production.started.count == before + 1)
    }

    @Test func `a check that was passed in the future is asked again`() {
        shop.simulation.setClock(by: Self.jump)
        shop.type("deploy", "2.9", "--until", "ready")
        shop.simulation.setClock(by: .zero - Self.jump)
        let screen = shop.type("switch", "--no-bake")
        #expect(screen.status == 0)
        #expect(screen.error.contains("check: healthy"), "\(screen.error)")
    }

    @Test func `a clock that went back does not lengthen a drain`() {
        shop.simulation.setClock(by: Self.jump)
        shop.type("switch", "--no-bake")
        shop.simulation.setClock(by: .zero - Self.jump)
        shop.production.change { $0.environments[.blue]?.inFlight = 1 }
        let start = shop.simulation.now
        #expect(shop.type("deploy", "3.0", "--until", "ready").status == 0)
        #expect(shop.simulation.now - start < .seconds(120))
        #expect(!shop.type("status").output.contains("(-"))
    }
}
