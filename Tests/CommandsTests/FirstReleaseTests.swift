import Contracts
import PipelineModel
import RunEngine
import TestWorld
import Testing

@testable import Commands

/// A service on which nothing was live before: there is no way back, and nobody says that there is.
@Suite struct FirstReleaseTests {
    /// Nothing runs on blue, which the router shows; green starts with the first deploy.
    private func empty() -> Shop {
        let shop = Shop()
        shop.production.change {
            $0.environments[.blue]?.isUp = false
            $0.environments[.blue]?.serversUp = 0
        }
        return shop
    }

    @Test func `a rollback from the first release says that there is nothing to go back to`() {
        let shop = empty()
        #expect(shop.type("deploy", "1.0").status == 0)
        let screen = shop.type("rollback")
        #expect(screen.status == 21)
        #expect(screen.error.contains("There is nothing to go back to"), "\(screen.error)")
        #expect(screen.error.contains("bluegreen deploy VERSION"))
        #expect(!screen.error.contains("--break-glass"))
        #expect(shop.type("status").output.contains("NOT READY  nothing to go back to"))
    }

    @Test func `a rollback says the same where no router counts servers`() {
        let shop = empty()
        #expect(shop.type("deploy", "1.0").status == 0)
        shop.production.change { $0.environments[.blue]?.serversUp = 2 }
        let screen = shop.type("rollback")
        #expect(screen.error.contains("There is nothing to go back to"), "\(screen.error)")
        #expect(!screen.error.contains("--break-glass"))
    }

    @Test func `an old release that nobody recorded is still a way back when it serves`() {
        let shop = Shop()
        #expect(shop.type("deploy", "1.0").status == 0)
        #expect(shop.type("rollback").status == 0)
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }

    @Test(arguments: [(true, false), (false, true)])
    func `the way back ends with a deploy only where there is one`(isEmpty: Bool, isSaid: Bool) {
        let shop = isEmpty ? empty() : Shop()
        shop.type("deploy", "1.0")
        let screen = shop.type("deploy", "2.0", "--until", "ready")
        #expect(screen.error.contains("The way back to blue") == isSaid, "\(screen.error)")
    }

    @Test func `a first switch that is undone pages nobody, for nobody was served before`() {
        let shop = empty()
        shop.production.change {
            $0.onSwitch[.green] = { $0.environments[.green]?.isUp = false }
        }
        let screen = shop.type("deploy", "1.0")
        #expect(screen.status == 11)
        #expect(
            screen.output.contains("Production is on blue, confirmed by the router"),
            "\(screen.output)")
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }

    @Test func `a later switch that cannot be shown to be undone still pages`() {
        let shop = Shop.running()
        shop.production.change {
            $0.onSwitch[.green] = {
                for color in Color.allCases { $0.environments[color]?.isUp = false }
            }
        }
        #expect(shop.type("deploy", "2.9").status == 20)
    }

    @Test func `a bake of the first release that was cut short names only what works`() {
        let shop = empty()
        shop.type("deploy", "1.0", after: .seconds(9)) { $0.ask(.signal(2)) }
        let rollback = shop.type("rollback")
        #expect(rollback.error.contains("next: 'bluegreen resume'"), "\(rollback.error)")
        #expect(!shop.type("deploy", "2.0").error.contains("way back to blue"))
        #expect(shop.type("resume").status == 0)
    }

    @Test func `a failed bake of the first release asks for a mended one`() {
        let shop = empty()
        shop.write("bluegreen.yaml", Shop.pipeline + "rollback: {auto: false}\n")
        let screen = shop.deployBad("1.0")
        #expect(screen.status == 22)
        #expect(screen.output.contains("'rollback.auto' is off"), "\(screen.output)")
        #expect(shop.type("status").output.contains("next: bluegreen deploy VERSION"))
    }
}
