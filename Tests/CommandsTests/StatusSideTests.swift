import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// What `status` says of the environment that is not live.
@Suite struct StatusSideTests {
    private func idle(_ shop: Shop) -> String {
        let screen = shop.type("status")
        return screen.output.split(separator: "\n").first { $0.contains("IDLE") }
            .map(String.init) ?? screen.output
    }

    @Test func `a half deployed environment runs no release, and what was tried is named`() {
        let shop = Shop.running()
        shop.production.change { $0.programs["./start"] = .init(exit: 3) }
        shop.type("deploy", "2.9")
        #expect(idle(shop).contains("green  release unknown  half deployed with 2.9"))
        let json = shop.type("status", "-o", "json").output
        #expect(json.contains("\"tried\" : {\n      \"version\" : \"2.9\""), "\(json)")
        #expect(!json.contains("\"release\" : {\n      \"version\" : \"2.9\""))
    }

    @Test func `a router without a backend for idle was called ready for a rollback`() {
        let shop = Shop.running()
        shop.production.change { $0.lackingBackends = [.green] }
        let screen = shop.type("status").output
        #expect(
            screen.contains("NOT READY  HAProxy has no backend 'shop_green' for green."),
            "\(screen)")
        #expect(screen.contains("! HAProxy has no backend 'shop_green' for green.\n"))
        #expect(screen.contains("next: Add the backend to HAProxy's configuration"), "\(screen)")
        for words in [
            ["rollback", "--dry-run"], ["doctor", "--rollback-from-here"], ["rollback"],
        ] {
            let refused = shop.type(words)
            #expect(refused.status == 21, "\(words): \(refused)")
            #expect(
                (refused.output + refused.error).contains("no backend 'shop_green'"), "\(refused)")
        }
        #expect(shop.production.value?.hasPrefix("blue") == true)
        #expect(!shop.type("status").output.contains("never finished"))
    }

    @Test func `a backend that only the pipeline misnames takes no way back`() {
        let shop = Shop.running()
        shop.write(
            "bluegreen.yaml",
            Shop.pipeline.replacing(
                "key: shop", with: "key: shop\n    backends: {blue: shop_blue, green: apq}"))
        let screen = shop.type("status").output
        #expect(screen.contains("! HAProxy has no backend 'apq' for green.\n"), "\(screen)")
        #expect(screen.contains("ROLLBACK READY"), "\(screen)")
        #expect(shop.type("rollback").status == 0)
    }

    @Test func `a claim that nobody here knows is of no release`() {
        let shop = Shop.running()
        shop.production.setValue("blue:-:0:577")
        #expect(idle(shop).contains("claimed, no way back"))
    }

    @Test func `a run that ended leaves no claim, only no way back`() {
        let shop = Shop.running()
        shop.production.change { $0.environments[.green]?.status = 503 }
        shop.type("deploy", "2.9")
        #expect(idle(shop).contains("2.9  never switched to, no way back"))
    }

    @Test func `a resume that ended the run leaves no claim either`() {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.ready, isAlive: false)
        shop.production.setValue("blue:-:0:193")
        shop.production.change { $0.environments[.green]?.isUp = false }
        #expect(idle(shop).contains("ready to switch"))
        shop.wait(.seconds(7200))
        #expect(shop.type("resume").status == 10)
        #expect(!idle(shop).contains("claimed"))
    }

    /// What a `status` reads of the record: how many files, and how many bytes.
    private func readings(in shop: Shop) -> (files: Int, bytes: Int) {
        let before = shop.files.log.count
        #expect(shop.type("status").status == 0)
        let read = shop.files.log.dropFirst(before).filter { line in
            line.contains(" .bluegreen/")
        }
        let bytes = read.compactMap { line in
            line.split(separator: " ").last.flatMap { shop.files[String($0)]?.count }
        }
        return (read.count, bytes.reduce(0, +))
    }

    @Test func `after a hundred runs it reads as much of the record as after four`() {
        let shop = Shop.running()
        for _ in 1...2 { #expect(shop.type("switch", "--no-bake").status == 0) }
        let few = readings(in: shop)
        for _ in 1...96 { #expect(shop.type("switch", "--no-bake").status == 0) }
        let many = readings(in: shop)
        #expect(few.files > 0 && many.files == few.files)
        // Longer numbers, and nothing more.
        #expect(many.bytes <= few.bytes + 200, "\(few), \(many)")
    }
}
