import PipelineModel
import ShopRig
import TestWorld
import Testing

/// The bake of the pipeline that `init` writes, where nobody comes but bluegreen itself, or few do.
@Suite struct FirstBakeTests {
    enum Fault: CaseIterable, Sendable {
        case fails
        case failsBesideUsers
        case hangs
    }

    /// What `init --router haproxy` writes, in front of the fake HAProxy.
    private func shop() -> Shop {
        let shop = Shop(pipeline: nil)
        #expect(shop.type("init", "--router", "haproxy", "--service", "shop").status == 0)
        shop.production.change { $0.socket = "/run/haproxy/bluegreen.sock" }
        return shop
    }

    @Test(arguments: Fault.allCases)
    func `the first pipeline passed a release that fails most of what bluegreen asks it`(
        fault: Fault
    ) {
        let shop = shop()
        let screen = shop.type("deploy", "2.0", after: .seconds(9)) {
            [production = shop.production] _ in
            production.change {
                $0.visits = fault == .failsBesideUsers ? 5 : 0
                $0.environments[.green]?.badAnswers = 6
                $0.environments[.green]?.badHang = fault == .hangs
            }
        }
        #expect(screen.status == 11, "\(screen)")
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }

    @Test(arguments: [0, 5])
    func `a bake said 0 % of users, and none had come`(visits: Int) {
        let shop = shop()
        shop.production.change { $0.visits = visits }
        let screen = shop.type("deploy", "2.0")
        #expect(screen.status == 0, "\(screen)")
        #expect(screen.error.contains(" (no users counted)") == (visits == 0), "\(screen)")
        #expect(screen.error.contains("no requests from users") == (visits == 0), "\(screen)")
    }
}
