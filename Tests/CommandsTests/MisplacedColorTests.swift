import ShopRig
import TestWorld
import Testing

@testable import Commands

/// The pipeline has a wrong address of the live colour, which users reach all the same.
@Suite struct MisplacedColorTests {
    private static let misplaced = Shop.pipeline.replacing("127.0.0.1:8081", with: "127.0.0.1:8091")

    @Test(arguments: [["plan", "2.9"], ["deploy", "2.9", "--dry-run"], ["deploy", "2.9"]])
    func `it is told before the deploy that would make it the way back`(words: [String]) {
        let shop = Shop.running()
        #expect(!shop.type("plan", "2.9").error.contains("colors.blue.url"))
        shop.write("bluegreen.yaml", Self.misplaced)
        let screen = shop.type(words)
        #expect(screen.status == 0)
        #expect(screen.error.contains("blue does not at its own, http://127.0.0.1:8091"))
        #expect(screen.error.contains("Check colors.blue.url."), "\(screen.error)")
    }

    @Test func `doctor names the line to check`() {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Self.misplaced)
        let screen = shop.type("doctor")
        #expect(screen.status == 10)
        #expect(screen.output.contains("check colors.blue.url"), "\(screen.output)")
    }

    @Test func `a rollback goes by the mended file, and says so`() {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Self.misplaced)
        #expect(shop.type("deploy", "2.9").status == 0)
        let refused = shop.type("rollback", "--dry-run")
        #expect(refused.status == 21)
        #expect(refused.error.contains("http://127.0.0.1:8091"), "\(refused.error)")
        shop.write("bluegreen.yaml", Shop.pipeline)
        #expect(shop.type("doctor", "--rollback-from-here").status == 0)
        let back = shop.type("rollback")
        #expect(back.status == 0)
        #expect(
            back.error.contains("asked at http://127.0.0.1:8081, from the pipeline"),
            "\(back.error)")
        #expect(shop.production.value?.hasPrefix("blue") == true)
    }

    @Test func `where the file was edited since, status asks where a rollback would`() {
        let shop = Shop.running()
        #expect(shop.type("deploy", "2.9").status == 0)
        shop.write("bluegreen.yaml", Self.misplaced)
        let screen = shop.type("status")
        #expect(screen.output.contains("ROLLBACK READY → blue"), "\(screen.output)")
        #expect(shop.type("rollback", "--dry-run").status == 0)
    }

    @Test func `a rollback that finds nothing at either address names both`() {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Self.misplaced)
        #expect(shop.type("deploy", "2.9").status == 0)
        shop.write(
            "bluegreen.yaml", Shop.pipeline.replacing("127.0.0.1:8081", with: "127.0.0.1:8092"))
        let screen = shop.type("rollback", "--dry-run")
        #expect(screen.status == 21)
        #expect(screen.error.contains("nor at http://127.0.0.1:8092, from the pipeline"))
    }
}
