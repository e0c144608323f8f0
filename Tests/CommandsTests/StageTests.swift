import Contracts
import RunEngine
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

    private static let question = "Which stage? --stage staging or --stage production."

    @Test(arguments: [
        "freeze --reason incident", "unfreeze", "lock", "history", "show", "rollback",
        "rollback --to green", "status", "wait --for free", "doctor",
        "doctor --rollback-from-here", "deploy 2.9.1", "switch", "plan 2.9.1", "check", "resume",
        "abort", "adopt", "retire", "watch --once", "proxy --detach",
    ])
    func `a verb without a stage was about none of them`(words: String) {
        let shop = staged()
        let screen = shop.type(words.split(separator: " ").map(String.init))
        #expect(screen.status == 64, "\(screen)")
        #expect(screen.error.contains(Self.question), "\(screen.error)")
        #expect(live(shop) == ["blue", "blue"])
        #expect(records(shop) == ["shop@staging"])
    }

    @Test func `a watch without a stage went on and watched none`() {
        let screen = staged().type("watch", after: .seconds(60)) { $0.ask(.signal(15)) }
        #expect(screen.status == 64, "\(screen)")
        #expect(screen.error.contains(Self.question), "\(screen.error)")
    }

    @Test func `the pipeline is validated without a stage`() {
        #expect(staged().type("validate").status == 0)
    }

    @Test(arguments: [nil, "a: ["], ["rollback", "status", "history", "freeze --reason incident"])
    func `without a readable pipeline the stages that have a record are named`(
        text: String?, words: String
    ) {
        let shop = staged()
        shop.files["bluegreen.yaml"] = text.map { Array($0.utf8) }
        for service in [[], ["--service", "shop"]] {
            let screen = shop.type(words.split(separator: " ").map(String.init) + service)
            #expect(screen.status == 64, "\(screen)")
            #expect(screen.error.contains("Which stage? --stage staging."), "\(screen.error)")
        }
        #expect(records(shop) == ["shop@staging"])
        let back = shop.type("rollback", "--stage", "staging")
        #expect(back.status == 0, "\(back)")
        #expect(live(shop) == ["green", "blue"])
    }

    @Test(
        arguments: ["freeze --reason x", "unfreeze", "lock", "history", "show", "rollback"],
        [[], ["--service", "shop"]])
    func `a mistyped stage was answered with a question for the service, or taken for one`(
        words: String, service: [String]
    ) {
        let shop = staged()
        let typed = words.split(separator: " ").map(String.init) + service + ["--stage", "typo"]
        let known = shop.type(typed)
        #expect(known.status == 64, "\(known)")
        #expect(
            known.error.contains("There is no stage 'typo': --stage staging or --stage production"),
            "\(known.error)")
        shop.files["bluegreen.yaml"] = nil
        let recorded = shop.type(typed)
        #expect(recorded.status == 64, "\(recorded)")
        #expect(
            recorded.error.contains("There is no stage 'typo': --stage staging."),
            "\(recorded.error)")
        #expect(records(shop) == ["shop@staging"])
    }

    @Test func `a stage that only the record knows is worked on`() {
        let shop = staged()
        shop.write("bluegreen.yaml", Self.pipeline.replacing("  staging:", with: "  qa:"))
        for words in [["history"], ["freeze", "--reason", "gone"], ["unfreeze"], ["rollback"]] {
            let screen = shop.type(words + ["--stage", "staging"])
            #expect(screen.status == 0, "\(screen)")
        }
        #expect(live(shop) == ["green", "blue"])
    }

    @Test func `a rollback that is told its router needs no stage that anybody knows`() {
        let shop = staged()
        let settings =
            #"{"haproxy": {"key": "shop", "socket": "\#(FakeProduction.socket("lb-1"))", "#
            + #""map": "\#(FakeProduction.mapFile("lb-1"))"}}"#
        let screen = shop.type(
            "rollback", "--to", "green", "--service", "shop", "--stage", "elsewhere",
            "--router-settings", settings)
        #expect(screen.status == 0, "\(screen)")
        #expect(live(shop) == ["green", "blue"])
    }

    @Test func `a rollback that is told its router was refused without a stage`() {
        let shop = staged()
        let settings =
            #"{"haproxy": {"key": "shop", "socket": "\#(FakeProduction.socket("lb-1"))", "#
            + #""map": "\#(FakeProduction.mapFile("lb-1"))"}}"#
        let screen = shop.type("rollback", "--to", "green", "--router-settings", settings)
        #expect(screen.status == 0, "\(screen)")
        #expect(live(shop) == ["green", "blue"])
    }

    @Test(arguments: [true, false])
    func `a mistyped stage moved the service beside it whose stage has that name`(
        isRecorded: Bool
    ) {
        let shop = isRecorded ? staged() : Shop(pipeline: Self.pipeline)
        if !isRecorded { shop.production.addFleet("lb-1", "lb-2") }
        shop.write(
            "billing.yaml",
            Self.pipeline.replacing("service: shop", with: "service: billing")
                .replacing("  production:", with: "  canary:"))
        for version in ["1.1", "1.2"] {
            let screen = shop.type("deploy", version, "-f", "billing.yaml", "--stage", "canary")
            #expect(screen.status == 0, "\(screen)")
            shop.wait(.seconds(600))
        }
        let before = live(shop)
        for words in [["rollback"], ["freeze", "--reason", "x"], ["history"], ["lock"]] {
            let screen = shop.type(words + ["--stage", "canary"])
            #expect(screen.status == 64, "\(screen)")
            #expect(
                screen.error.contains(
                    "There is no stage 'canary': --stage staging or --stage production."),
                "\(screen.error)")
        }
        #expect(live(shop) == before)
        #expect(!shop.files.paths.contains { $0.contains("freeze") })
    }

    @Test func `a service that has runs without a stage goes on without one`() {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Shop.pipeline + "stages: {eu: {}}\n")
        #expect(shop.type("status").status == 0)
        #expect(shop.type("history").output.contains("2.8"))
        #expect(shop.type("rollback").status == 0)
        #expect(shop.production.value?.hasPrefix("green:") == true)
    }

    @Test func `a freeze from before the stages does not make a stage of its own`() {
        let shop = staged()
        shop.write("bluegreen.yaml", Self.pipeline.replacing("\nstages:", with: "\nx-stages:"))
        #expect(shop.type("freeze", "--reason", "audit").status == 0)
        #expect(records(shop).contains("shop"))
        shop.write("bluegreen.yaml", Self.pipeline)
        let screen = shop.type("freeze", "--reason", "incident")
        #expect(screen.status == 64, "\(screen)")
        #expect(screen.error.contains(Self.question), "\(screen.error)")
    }

    @Test(arguments: [["freeze", "--reason", "x"], ["unfreeze"], ["history"], ["lock"]])
    func `a service that nothing here knows got a record of its own`(words: [String]) {
        let shop = staged()
        shop.files["bluegreen.yaml"] = nil
        let screen = shop.type(words + ["--service", "shpo"])
        #expect(screen.status == 64, "\(screen)")
        let known = "Neither a pipeline here nor a record in '.bluegreen' knows shpo."
        #expect(screen.error.replacing("\n    ", with: " ").contains(known), "\(screen.error)")
        #expect(shop.files.paths.allSatisfy { !$0.contains("shpo") })
    }
}
