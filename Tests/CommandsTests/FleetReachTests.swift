import Contracts
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// A fleet of which one router does not answer.
@Suite struct FleetReachTests {
    private static func shop() -> Shop {
        let shop = Shop(pipeline: Shop.fleetPipeline(["lb-1", "lb-2"]))
        shop.production.addFleet("lb-1", "lb-2")
        shop.type("deploy", "2.7", "-q")
        shop.wait(.seconds(600))
        shop.type("deploy", "2.8", "-q")
        shop.production.change("lb-2") { $0.isUp = false }
        return shop
    }

    @Test func `a rollback that reaches one of two is ready for that one, and says which not`() {
        let shop = Self.shop()
        let screen = shop.type("status")
        #expect(
            screen.output.contains(
                "ROLLBACK READY for 1 of 2 routers (not lb-2) → green  2.7  expected about"),
            "\(screen.output)")
        #expect(screen.status == 20)
        let json = shop.type("status", "-o", "json").output
        #expect(json.contains("\"misses\" : [\n      \"lb-2\"\n    ]"), "\(json)")
        #expect(json.contains("\"isReady\" : true"))
    }

    @Test func `doctor rehearses it so, and ends as that rollback would`() {
        let shop = Self.shop()
        let screen = shop.type("doctor", "--rollback-from-here")
        #expect(screen.output.contains("A rollback from here is ready for 1 of 2 routers"))
        #expect(screen.status == 20)
        #expect(shop.type("rollback").status == 20)
        #expect(shop.production.value(of: "lb-1")?.hasPrefix("green:") == true)
    }

    @Test func `one that reaches nobody is not ready`() {
        let shop = Self.shop()
        shop.production.change("lb-1") { $0.isUp = false }
        #expect(shop.type("status").output.contains("ROLLBACK NOT READY  lb-1: HAProxy did not"))
        #expect(shop.type("doctor", "--rollback-from-here").status == 21)
    }

    @Test func `the answer at the public address is told once`() {
        let output = Self.shop().type("status").output
        #expect(output.contains("PUBLIC   blue"))
        #expect(!output.contains("public address"))
    }
}
