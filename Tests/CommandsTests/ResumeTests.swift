import Contracts
import PipelineModel
import ShopRig
import StateStores
import TestWorld
import Testing

@testable import Commands

/// What `resume` does to production after a run died.
@Suite struct ResumeTests {
    private static let plan = RunPlan(
        verb: .deploy, entry: .deploying, from: .blue, to: .green,
        release: Release(version: "2.9"), hasBake: true)

    /// Green is live, its bake failed, and the process died before it acted on that.
    private func judged() -> Shop {
        let shop = Shop.running()
        let switching = RunEvent.switchIntended(
            Intent(
                datum: Datum(live: .green, token: Token(epoch: 3, round: 2)), from: .blue,
                recipes: []))
        let verdict = BakeVerdict(.failed, why: "errors 12% in 3 of 5 samples", samples: 900)
        _ = shop.begin(
            Self.plan,
            [
                switching, .switched(live: .green, previous: .blue), .bakeBegan(.seconds(12)),
                .bakeJudged(verdict),
            ], isAlive: false)
        shop.production.setValue("green:blue:0:194")
        return shop
    }

    @Test func `a failed bake goes back to an old colour that answers`() {
        let shop = judged()
        let screen = shop.type("resume")
        #expect(screen.status == 11)
        #expect(screen.error.contains("answers better, so traffic goes back"))
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }

    @Test func `a failed bake stays where it is when the old colour is no better`() {
        let shop = judged()
        shop.production.change {
            for color in Color.allCases { $0.environments[color]?.status = 503 }
        }
        let screen = shop.type("resume")
        #expect(screen.status == 22)
        #expect(screen.error.contains("errors 12% in 3 of 5 samples"))
        #expect(shop.production.value == "green:blue:0:194")
        #expect(shop.type("resume").output.contains("Nothing to resume"))
    }

    @Test(arguments: [true, false])
    func `a pipeline that was edited since the run died is said`(isEdited: Bool) {
        let shop = Shop.running()
        let digest = Fingerprint.sha256(Array(Shop.pipeline.utf8))
        _ = shop.begin(Self.plan, isAlive: false, pipelineDigest: digest)
        if isEdited { shop.write("bluegreen.yaml", Shop.pipeline + "# mended\n") }
        let screen = shop.type("resume")
        #expect(screen.status == 0)
        #expect(screen.error.contains("was edited since run r-000003") == isEdited)
    }

    @Test func `a failed bake goes nowhere by itself where the pipeline says so`() {
        let shop = judged()
        shop.write("bluegreen.yaml", Shop.pipeline + "rollback:\n  auto: false\n")
        #expect(shop.type("resume").status == 22)
        #expect(shop.production.value == "green:blue:0:194")
    }
}
