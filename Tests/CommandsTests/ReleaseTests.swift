import Contracts
import PipelineModel
import ShopRig
import StateStores
import TestWorld
import Testing

@testable import Commands

/// What counts as another release.
@Suite struct ReleaseTests {
    private static let pipeline = Shop.pipeline.replacing(
        "deploy:\n", with: "release:\n  config: [deploy/*.env]\n\ndeploy:\n")

    private static func shop() -> Shop {
        let shop = Shop(pipeline: pipeline)
        shop.write("deploy/a.env", "A=1\n")
        shop.write("deploy/b.env", "B=1\n")
        shop.write("deploy/notes.txt", "not ours\n")
        return shop
    }

    @Test func `the same version with the same files is the same release`() {
        let shop = Self.shop()
        #expect(shop.type("deploy", "2.8").status == 0)
        shop.write("deploy/notes.txt", "changed\n")
        #expect(shop.type("deploy", "2.8").output.hasPrefix("Nothing to do"))
    }

    @Test func `one release may be on both sides, and traffic still goes back`() {
        let shop = Shop.running()
        #expect(shop.type("deploy", "2.8", "--redeploy").status == 0)
        let status = shop.type("status").output
        #expect(status.contains("● green  2.8") && status.contains("○ blue  2.8"))
        #expect(shop.type("rollback").status == 0)
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }

    @Test func `a record of another service is not built upon`() {
        let shop = Shop.running()
        for path in shop.files.paths where path.hasPrefix(".bluegreen/shop/") {
            shop.files[path.replacing("/shop/", with: "/cart/")] = shop.files[path]
        }
        shop.write(
            "bluegreen.yaml", Shop.pipeline.replacing("service: shop", with: "service: cart"))
        #expect(shop.type("status").status == 33)
        #expect(shop.type("deploy", "2.9").status == 33)
    }

    @Test func `a changed file of release.config is another release`() {
        let shop = Self.shop()
        shop.type("deploy", "2.8")
        shop.write("deploy/b.env", "B=2\n")
        #expect(shop.type("plan", "2.8", "--detailed-exitcode").status == 2)
        #expect(!shop.type("deploy", "2.8").output.hasPrefix("Nothing to do"))
    }

    private static func shop(artifact: String) -> Shop {
        Shop(
            pipeline: Shop.pipeline.replacing(
                "deploy:\n", with: "release:\n  artifact: \(artifact)\n\ndeploy:\n"))
    }

    private static func digest(_ shop: Shop) throws -> String? {
        try shop.store.load().record.releases[.green]?.artifactDigest
    }

    @Test func `a file that is shipped is known by what is in it`() throws {
        let shop = Self.shop(artifact: "build/shop-${version}.tar")
        shop.write("build/shop-2.8.tar", "abc")
        #expect(shop.type("deploy", "2.8").status == 0)
        #expect(
            try Self.digest(shop)
                == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(shop.type("deploy", "2.8").output.hasPrefix("Nothing to do"))
        shop.write("build/shop-2.8.tar", "abcd")
        #expect(!shop.type("deploy", "2.8").output.hasPrefix("Nothing to do"))
    }

    @Test func `a file that is gone since does not make another release`() {
        let shop = Self.shop(artifact: "build/shop-${version}.tar")
        shop.write("build/shop-2.8.tar", "abc")
        #expect(shop.type("deploy", "2.8").status == 0)
        shop.files["build/shop-2.8.tar"] = nil
        #expect(shop.type("deploy", "2.8").output.hasPrefix("Nothing to do"))
        #expect(shop.type("plan", "2.8", "--detailed-exitcode").status == 0)
    }

    @Test func `an image that is named by its digest has that digest`() throws {
        let hex = String(repeating: "0a", count: 32)
        let shop = Self.shop(artifact: "registry.example.com/shop@sha256:\(hex)")
        #expect(shop.type("deploy", "2.8").status == 0)
        #expect(try Self.digest(shop) == "sha256:\(hex)")
    }

    @Test(arguments: ["registry.example.com/shop:${version}", "shop@sha256:00ff", "build"])
    func `what cannot be resolved from here has no digest`(artifact: String) throws {
        let shop = Self.shop(artifact: artifact)
        shop.write("build/other", "x")
        #expect(shop.type("deploy", "2.8").status == 0)
        #expect(try Self.digest(shop) == nil)
    }

    @Test func `a new file of release.config is another release`() {
        let shop = Self.shop()
        shop.type("deploy", "2.8")
        shop.write("deploy/c.env", "")
        #expect(shop.type("plan", "2.8", "--detailed-exitcode").status == 2)
    }

    @Test func `a pattern without a file is refused before anything happens`() {
        let shop = Shop(pipeline: Self.pipeline)
        let screen = shop.type("deploy", "2.8")
        #expect(screen.status == 10)
        #expect(screen.error.contains("release.config"))
        #expect(shop.production.started.isEmpty)
    }

    @Test(arguments: [
        "", "-x", "a b", "$(id)", "a;b", ".hidden", "ü", String(repeating: "1", count: 201),
    ])
    func `what is no version is a usage mistake`(version: String) {
        let shop = Shop()
        #expect(shop.type("deploy", "--", version).status == 64)
        #expect(shop.production.started.isEmpty)
    }

    @Test(arguments: ["1", "2.8.0-rc.1+build", "registry:5000/shop@sha256:00ff", "v1_0"])
    func `the usual versions are versions`(version: String) {
        #expect(Shop().type("plan", version).status == 0)
    }

    @Test func `the environment may name the version, the command line wins`() {
        let shop = Shop(environment: ["BLUEGREEN_VERSION": "7.7"])
        shop.type("deploy", "--until", "ready")
        #expect(shop.production.started.last == ["./start", "green", "7.7"])
        shop.type("deploy", "8.8", "--until", "ready")
        #expect(shop.production.started.last == ["./start", "green", "8.8"])
    }

    @Test func `without a version nothing is deployed`() {
        #expect(Shop().type("deploy").status == 64)
    }

    @Test func `files lie beside the first pipeline file, and so does the record`() {
        let shop = Shop(pipeline: nil)
        shop.write("ops/bluegreen.yaml", Self.pipeline)
        shop.write("ops/deploy/a.env", "A=1\n")
        #expect(shop.type("deploy", "2.8", "-f", "ops/bluegreen.yaml").status == 0)
        #expect(shop.files.paths.contains("ops/.bluegreen/shop/state.json"))
    }

    @Test func `a file that is too large, or gone, is named`() {
        let shop = Shop(pipeline: String(repeating: "#", count: 1 << 20) + "\n")
        #expect(shop.type("validate").error.contains("larger than 1 MiB"))
        let screen = shop.type("validate", "-f", "other.yaml")
        #expect(screen.status == 78)
        #expect(screen.error.contains("'other.yaml'"))
    }
}
