import ShopRig
import TestWorld
import Testing

@testable import Commands

/// Two stages of one pipeline, each behind a router of its own.
@Suite struct StageTests {
    private static func router(_ name: String) -> String {
        """
        {haproxy: {key: shop, socket: \(FakeProduction.socket(name)), map: \
        \(FakeProduction.mapFile(name))}}
        """
    }

    private static let pipeline = """
        apiVersion: bluegreen/v1
        service: shop
        colors:
          blue:
            url: http://127.0.0.1:8081
          green:
            url: http://127.0.0.1:8082
        router: \(router("lb-1"))
        deploy:
          - name: start
            run: ["./start", "${color}", "${version}"]
        switch:
          prove: readBack
        stages:
          staging:
            retire:
              after: 10m
          production:
            router: \(router("lb-2"))

        """

    /// Staging has had two releases, production none.
    private func staged() -> Shop {
        let shop = Shop(pipeline: Self.pipeline)
        shop.production.addFleet("lb-1", "lb-2")
        for version in ["2.7.1", "2.8.1"] {
            let screen = shop.type("deploy", version, "--stage", "staging")
            #expect(screen.status == 0, "\(screen)")
            shop.wait(.seconds(600))
        }
        return shop
    }

    private func live(_ shop: Shop) -> [String?] {
        ["lb-1", "lb-2"].map { name in
            shop.production.value(of: name)?.split(separator: ":").first.map(String.init)
        }
    }

    private func records(_ shop: Shop) -> Set<String> {
        Set(
            shop.files.paths.filter { $0.hasPrefix(".bluegreen/shop") }
                .compactMap { $0.split(separator: "/").dropFirst().first.map(String.init) })
    }

    @Test func `what is done to one stage is not done to the other`() {
        let shop = staged()
        #expect(live(shop) == ["blue", "blue"])
        #expect(shop.production.value(of: "lb-2") == "blue:green:0:0")
        #expect(shop.production.childEnvironment["BLUEGREEN_STAGE"] == "staging")
        let screen = shop.type("deploy", "2.9.1", "--stage", "production")
        #expect(screen.status == 0, "\(screen)")
        #expect(live(shop) == ["blue", "green"])
        #expect(shop.production.childEnvironment["BLUEGREEN_STAGE"] == "production")
        let back = shop.type("rollback", "--stage", "staging")
        #expect(back.status == 0, "\(back)")
        #expect(live(shop) == ["green", "green"])
    }

    @Test func `each stage has a record of its own`() {
        let shop = staged()
        shop.type("deploy", "2.9.1", "--stage", "production")
        #expect(records(shop) == ["shop@staging", "shop@production"])
        let staging = shop.type("history", "--stage", "staging").output
        #expect(staging.contains("2.8.1") && !staging.contains("2.9.1"), "\(staging)")
        let production = shop.type("history", "--stage", "production").output
        #expect(production.contains("2.9.1") && !production.contains("2.8.1"), "\(production)")
        let status = shop.type("status", "--stage", "production").output
        #expect(status.contains("2.9.1") && !status.contains("2.8.1"), "\(status)")
    }

    @Test func `a freeze holds the stage that was frozen`() {
        let shop = staged()
        let words = ["--stage", "staging", "--reason", "load test"]
        #expect(shop.type(["freeze"] + words).status == 0)
        #expect(shop.type("deploy", "2.9.1", "--stage", "staging").status == 32)
        #expect(shop.type("deploy", "2.9.1", "--stage", "production").status == 0)
    }

    @Test(arguments: [([], "shop"), (["--release", "2.9.1"], "2.9.1 of shop")])
    func `a freeze names the stage that it holds`(scope: [String], name: String) {
        let shop = staged()
        let words = scope + ["--stage", "staging"]
        let frozen = shop.type(["freeze", "--reason", "load test"] + words).output
        #expect(frozen.contains("\(name) · staging is frozen"), "\(frozen)")
        let ended = shop.type(["unfreeze"] + words).output
        #expect(ended.contains("\(name) · staging is not frozen any more"), "\(ended)")
    }

    @Test func `a stage that the pipeline does not have is refused`() {
        let shop = staged()
        let screen = shop.type("deploy", "2.9.1", "--stage", "qa")
        #expect(screen.status == 78, "\(screen)")
        #expect(live(shop) == ["blue", "blue"])
        #expect(records(shop) == ["shop@staging"])
    }
}
