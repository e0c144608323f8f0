import ShopRig
import TestWorld
import Testing

@testable import Commands

/// A name or port that is wrong in the pipeline is found before anything is claimed or deployed.
@Suite struct MistypedTargetTests {
    private static let mistakes = [
        (
            "key: shop", "key: shop\n    backends: {blue: apq, green: shop_green}",
            "HAProxy has no backend 'apq' for blue."
        ),
        (
            "key: shop", "key: shop\n    backends: {blue: shop_blue, green: apq}",
            "HAProxy has no backend 'apq' for green."
        ),
        (
            "127.0.0.1:8080/version", "127.0.0.1:8099/version",
            "blue serves, but the public address does not answer"
        ),
    ]

    @Test(arguments: mistakes)
    func `it is refused before the claim, and told by plan and doctor`(
        old: String, new: String, says: String
    ) {
        let shop = Shop.running()
        let isReady = "ROLLBACK READY"
        #expect(shop.type("status").output.contains(isReady))
        shop.write("bluegreen.yaml", Shop.pipeline.replacing(old, with: new))
        let (before, steps) = (shop.recorded, shop.production.started.count)
        let deploy = shop.type("deploy", "2.9")
        #expect(deploy.status == 10)
        #expect(deploy.error.contains(says), "\(deploy.error)")
        #expect(deploy.error.contains("production: not touched"))
        #expect(!deploy.error.contains("ends with this deploy"))
        #expect(shop.recorded == before)
        #expect(shop.production.started.count == steps)
        let plan = shop.type("plan", "2.9")
        #expect(plan.status == 10)
        #expect(plan.output.contains("It would be refused now: \(says)"), "\(plan.output)")
        let doctor = shop.type("doctor")
        #expect(doctor.status == 10)
        #expect(doctor.output.contains(says), "\(doctor.output)")
        shop.write("bluegreen.yaml", Shop.pipeline)
        #expect(shop.type("status").output.contains(isReady))
    }

    @Test func `a deploy that only makes ready says it too where it would write`() {
        let shop = Shop.running()
        let (old, new, says) = Self.mistakes[0]
        shop.write("bluegreen.yaml", Shop.pipeline.replacing(old, with: new))
        let screen = shop.type("deploy", "2.9", "--until", "ready")
        #expect(screen.status == 10)
        #expect((screen.error + screen.output).contains(says), "\(screen.error)")
        #expect(shop.type("rollback").status == 0)
    }

    @Test func `a switch to a backend that is not there is never written`() {
        let shop = Shop.running()
        #expect(shop.type("deploy", "2.9", "--until", "ready").status == 0)
        let value = shop.production.value
        let (old, new, says) = Self.mistakes[1]
        shop.write("bluegreen.yaml", Shop.pipeline.replacing(old, with: new))
        let screen = shop.type("switch")
        #expect(screen.status == 10)
        #expect((screen.error + screen.output).contains(says), "\(screen.error)")
        #expect(shop.production.value == value)
    }

    @Test(arguments: [["deploy", "2.9"], ["retire", "--now", "--reason", "memory"]])
    func `a claim that the router refuses takes no way back`(words: [String]) {
        let shop = Shop.running()
        shop.production.change { $0.isReadOnly = true }
        let steps = shop.production.started.count
        let screen = shop.type(words)
        #expect(screen.status == 10)
        #expect((screen.error + screen.output).contains("HAProxy refused to change"))
        #expect(shop.production.started.count == steps)
        shop.production.change { $0.isReadOnly = false }
        let status = shop.type("status").output
        #expect(status.contains("ROLLBACK READY"), "\(status)")
        #expect(status.contains("2.7"))
        #expect(shop.type("rollback").status == 0)
        #expect(shop.production.value?.hasPrefix("green") == true)
    }
}
