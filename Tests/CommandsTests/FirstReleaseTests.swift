import Contracts
import PipelineModel
import RunEngine
import ShopRig
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

    @Test func `a rollback from the first release says that no release is known there`() {
        let shop = empty()
        #expect(shop.type("deploy", "1.0").status == 0)
        let screen = shop.type("rollback")
        #expect(screen.status == 21)
        #expect(screen.error.contains("blue has no server up"), "\(screen.error)")
        #expect(screen.error.contains("next: No release of blue is known."))
        #expect(screen.error.contains("bluegreen deploy VERSION"))
        #expect(shop.type("status").output.contains("NOT READY  blue does not serve"))
    }

    @Test func `a rollback says the same where no router counts servers`() {
        let shop = empty()
        #expect(shop.type("deploy", "1.0").status == 0)
        shop.production.change { $0.environments[.blue]?.serversUp = 2 }
        let screen = shop.type("rollback")
        #expect(screen.error.contains("blue does not serve"), "\(screen.error)")
        #expect(screen.error.contains("next: No release of blue is known."))
        // What ran there before the first deploy is no release either.
        #expect(screen.error.contains("--break-glass"))
    }

    @Test func `probes that found nothing serving were told as requests of users`() {
        let shop = Shop()
        shop.production.change { state in
            state.environments[.blue]?.status = 503
            state.onSwitch[.green] = { $0.environments[.green]?.status = 503 }
        }
        let screen = shop.type("deploy", "1.0", after: .seconds(6)) {
            [production = shop.production] _ in
            production.change { $0.environments[.green]?.status = 200 }
        }
        let all = screen.output + screen.error
        #expect(all.contains(" before anything served there"), "\(all)")
        #expect(!all.contains("real requests"), "\(all)")
    }

    @Test func `an old release that nobody recorded is still a way back when it serves`() {
        let shop = Shop()
        #expect(shop.type("deploy", "1.0").status == 0)
        #expect(shop.type("rollback").status == 0)
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }

    @Test func `a way back that failed its bake is called so, until something else is there`() {
        let shop = empty()
        #expect(shop.deployBad("1.0").status == 22)
        shop.production.change { state in
            for color in Color.allCases {
                state.environments[color]?.isUp = true
                state.environments[color]?.status = 200
                state.environments[color]?.serversUp = 2
            }
            state.onSwitch = [:]
        }
        #expect(shop.type("deploy", "2.0").status == 0)
        let status = shop.type("status").output
        #expect(status.contains("1.0  failed its bake"), "\(status)")
        let rollback = shop.type("rollback", "--dry-run")
        #expect(rollback.status == 0)
        let back = shop.type("rollback")
        #expect(back.error.contains("1.0 failed its bake when it was live"), "\(back.error)")
        shop.type("unfreeze", "--release", "2.0")
        #expect(shop.type("switch", "--no-bake").status == 0)
        #expect(shop.type("deploy", "3.0", "--until", "ready").status == 0)
        #expect(!shop.type("status").output.contains("failed its bake"))
    }

    @Test(arguments: [true, false])
    func `a rollback that has arrived is not turned round by the next one`(isAlive: Bool) {
        let shop = Shop.running()
        let intent = Intent(
            datum: Datum(live: .green, isIdleClaimed: true, token: Token(epoch: 3, round: 1)),
            from: .blue, recipes: [])
        _ = shop.begin(
            RunPlan(verb: .rollback, entry: .rollingBack, from: .blue, to: .green),
            [.rollbackIntended(intent), .rolledBack(live: .green)], isAlive: isAlive)
        shop.production.setValue("green:-:0:193")
        #expect(shop.type("rollback").status == 0)
        #expect(shop.production.value?.hasPrefix("green:") == true)
    }

    @Test(arguments: [(true, false), (false, true)])
    func `the way back ends with a deploy only where there is one`(isEmpty: Bool, isSaid: Bool) {
        let shop = isEmpty ? empty() : Shop()
        shop.type("deploy", "1.0")
        let screen = shop.type("deploy", "2.0", "--until", "ready")
        #expect(screen.error.contains("The way back to blue") == isSaid, "\(screen.error)")
    }

    @Test(arguments: [true, false])
    func `a switch whose undo nobody can see pages, also a first one`(isFirst: Bool) {
        let shop = isFirst ? empty() : Shop.running()
        shop.production.change {
            $0.onSwitch[.green] = {
                for color in Color.allCases { $0.environments[color]?.isUp = false }
            }
        }
        #expect(shop.type("deploy", "3.0").status == 20)
    }

    @Test func `a bake of the first release that was cut short names only what works`() {
        let shop = empty()
        shop.type("deploy", "1.0", after: .seconds(9)) { $0.ask(.signal(2)) }
        let rollback = shop.type("rollback")
        #expect(rollback.error.contains("next: 'bluegreen resume' watches"), "\(rollback.error)")
        #expect(rollback.error.contains("deploy VERSION --consume-rollback --reason TEXT'"))
        #expect(!shop.type("deploy", "2.0").error.contains("way back to blue"))
        #expect(shop.type("resume").status == 0)
    }

    @Test func `an old release that nobody recorded is a way back that can be lost`() {
        let shop = Shop()
        shop.type("deploy", "1.0", after: .seconds(9)) { $0.ask(.signal(2)) }
        let screen = shop.type("deploy", "2.0")
        #expect(screen.status == 32)
        #expect(screen.error.contains("would give up the way back to blue."), "\(screen.error)")
    }

    /// It was 100 % of errors, or 0 requests a second, and any release passed beside that.
    @Test(arguments: [
        ("probe: errorRate", "<= 1.2x baseline"), ("router: requestRate", ">= 0.8x baseline"),
    ])
    func `the dead live colour of a first deployment was a baseline`(metric: String, pass: String) {
        let shop = empty()
        shop.write(
            "bluegreen.yaml",
            Shop.pipeline.replacing("router: errorRate", with: metric)
                .replacing("< 1%", with: pass))
        let screen = shop.type("deploy", "1.0")
        #expect(screen.status == 22, "\(screen)")
        #expect(screen.error.contains("Give 'errors' a bound without 'baseline'"), "\(screen)")
        #expect(shop.production.value?.hasPrefix("green:") == true)
    }

    @Test(arguments: [["plan", "1.0"], ["deploy", "1.0", "--dry-run"]])
    func `a plan promises a way back only where something serves`(words: [String]) {
        let first = empty().type(words).output
        #expect(
            first.contains("nothing serves on blue: there is no way back to it yet"), "\(first)")
        #expect(!first.contains("back to blue, proven"))
        #expect(Shop().type(words).output.contains("on failure: back to blue, proven"))
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
