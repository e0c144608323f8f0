import Contracts
import PipelineModel
import ShopRig
import Testing

@testable import Commands

/// What a person sees of the processes that a deploy keeps running.
@Suite struct ProcessTranscripts {
    /// Nothing runs on green; on blue runs what somebody started by hand.
    private func shop(_ more: String = "") -> Shop {
        let shop = Shop(
            pipeline: Shop.pipeline
                .replacing(
                    "run: [\"./start\", \"${color}\", \"${version}\"]",
                    with: "process: [\"./shop\", \"--port\", \"${port}\"]"
                )
                .replacing(
                    "\n  steps:\n    - name: stop\n      run: [\"./stop\", \"${color}\"]",
                    with: more))
        shop.production.change { $0.environments[.green]?.isUp = false }
        return shop
    }

    @Test func `status shows what runs, says when it died, and retire ends it`() throws {
        let shop = shop()
        shop.type("deploy", "2.7")
        shop.type("status")
        shop.production.crash(.blue)
        shop.wait(.seconds(3600))
        shop.type("deploy", "2.8")
        shop.type("status", "-o", "json")
        shop.note("the old one dies")
        shop.production.crash(.green)
        shop.type("status")
        shop.wait(.seconds(7200))
        shop.type("retire", "--dry-run")
        shop.type("retire", "-y")
        shop.type("status")
        try shop.expectTranscript("process")
    }

    /// 2.8 runs on blue, 2.7 on green, and from here on the pipeline has no such step.
    private func movedShop() -> Shop {
        let shop = shop()
        shop.type("deploy", "2.7")
        shop.production.crash(.blue)
        shop.wait(.seconds(3600))
        shop.type("deploy", "2.8")
        shop.wait(.seconds(7200))
        shop.note("from here on systemd is to start the programs")
        shop.write("bluegreen.yaml", Shop.pipeline)
        return shop
    }

    @Test func `what an earlier pipeline left running is shown, and retire ends it`() throws {
        let shop = movedShop()
        shop.type("status")
        shop.type("deploy", "2.9", "--dry-run")
        shop.type("retire", "-y")
        #expect(shop.production.background == [.blue])
        shop.type("status")
        shop.type("deploy", "2.9", "--dry-run")
        try shop.expectTranscript("process-left")
    }

    @Test func `what an earlier pipeline left running is ended before the first step`() {
        let shop = movedShop()
        let screen = shop.type("deploy", "2.9")
        #expect(screen.error.contains("✓ end what ran before  pid 6001 has ended"))
        #expect(shop.production.background == [.blue])
    }

    @Test func `what runs is shown with a broken pipeline as well`() {
        let shop = shop()
        shop.type("deploy", "2.7")
        shop.write("bluegreen.yaml", "nothing: of use")
        #expect(shop.type("status").output.contains("pid 6001, up "))
    }

    @Test func `a process of another release than the half deployed one is called so`() {
        let shop = shop()
        shop.type("deploy", "2.7")
        shop.production.crash(.blue)
        shop.wait(.seconds(3600))
        shop.type("deploy", "2.8")
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: false)
        let screen = shop.type("status").output
        #expect(screen.contains("half deployed with 2.9"), "\(screen)")
        #expect(screen.contains("pid 6001 of 2.7, up"))
        #expect(screen.contains("pid 6002, up"))
        #expect(screen.contains("died while deploying  begun"))
    }

    @Test func `retire ends the process of the retired colour and no other`() {
        let shop = shop()
        shop.type("deploy", "2.7")
        shop.production.crash(.blue)
        shop.wait(.seconds(3600))
        shop.type("deploy", "2.8")
        shop.wait(.seconds(7200))
        let before = shop.production.ended
        #expect(shop.type("retire", "-y").status == 0)
        #expect(shop.production.ended.count == before.count + 1)
        #expect(shop.production.background == [.blue])
    }

    @Test func `a second step that keeps something running is refused`() {
        let shop = shop()
        shop.write(
            "bluegreen.yaml",
            shop.read("bluegreen.yaml").replacing(
                "deploy:\n", with: "deploy:\n  - process: [\"./worker\"]\n"))
        let screen = shop.type("validate")
        #expect(screen.status == 78)
        #expect(screen.error.contains("only one step may keep something running"))
    }

    @Test func `a process among the retire steps is refused`() {
        let shop = shop("\n  steps:\n    - process: [\"./shop\"]")
        let screen = shop.type("validate")
        #expect(screen.status == 78)
        #expect(screen.error.contains("'process' belongs into 'deploy'"))
    }
}
