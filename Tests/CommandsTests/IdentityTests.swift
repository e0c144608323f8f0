import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// A mistyped `public.identity` is found before anything is done, where something runs that can tell.
@Suite struct IdentityTests {
    private static func pipeline(identity: String) -> String {
        Shop.pipeline.replacing("header: X-Color", with: identity)
    }

    @Test(arguments: [
        ("header: X-Colour", ["no header X-Colour", "it has a header X-Color", "status 200"]),
        ("header: Server", ["no header Server", "its headers: X-Color"]),
        ("json: $.color", ["no $.color in the body"]),
        (
            "{header: X-Color, equals: \"shop-${color}\"}",
            ["answered 'blue'", "expected of blue: 'shop-blue'"]
        ),
    ])
    func `an identity that no answer carries is refused before the claim`(
        identity: String, says: [String]
    ) {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Self.pipeline(identity: identity))
        let (before, steps) = (shop.recorded, shop.production.started.count)
        let screen = shop.type("deploy", "2.9")
        #expect(screen.status == 32)
        for words in says { #expect(screen.error.contains(words), "\(screen.error)") }
        #expect(screen.error.contains("production: not touched"))
        #expect(shop.recorded == before)
        #expect(shop.production.started.count == steps)
        let plan = shop.type("plan", "2.9")
        #expect(plan.status == 32)
        #expect(plan.output.contains("It would be refused now"))
    }

    @Test func `a first deployment beside nothing that runs is not held up`() {
        let shop = Shop(pipeline: Self.pipeline(identity: "header: X-Colour"))
        shop.production.change { $0.environments[.blue]?.isUp = false }
        let screen = shop.type("deploy", "1.0")
        #expect(shop.production.started.contains(["./start", "green", "1.0"]))
        #expect(screen.error.contains("green does not answer as green"), "\(screen.error)")
        #expect(screen.error.contains("it has a header X-Color"))
    }

    @Test func `a release that does not say who it is is not called ready`() {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Self.pipeline(identity: "header: X-Colour"))
        let screen = shop.type("deploy", "2.9", "--until", "ready")
        #expect(screen.status == 10)
        #expect(!(screen.error + screen.output).contains("ready"), "\(screen.error)")
        #expect(screen.error.contains("http://127.0.0.1:8082/version: no header X-Colour"))
    }

    @Test func `one odd answer is no mistyped identity`() {
        let shop = Shop.running()
        shop.production.change { $0.environments[.blue]?.oddAnswers = 1 }
        #expect(shop.type("deploy", "2.9").status == 0)
    }

    @Test func `a release that has lost its identity can be replaced by one that has it`() {
        let shop = Shop.running()
        shop.production.change { $0.environments[.blue]?.identity = "error page" }
        let screen = shop.type("deploy", "2.9")
        #expect(screen.status != 32, "\(screen.error)")
        #expect(shop.production.started.contains(["./start", "green", "2.9"]))
    }

    @Test func `another version than the recorded one is no mistyped identity`() {
        let shop = Shop(
            pipeline: Self.pipeline(identity: "{header: X-Color, equals: \"${version}\"}"))
        shop.production.change { $0.environments[.blue]?.identity = "hotfix" }
        shop.production.change { $0.environments[.green]?.identity = "2.9" }
        #expect(shop.type("deploy", "2.9").status == 0)
    }

    @Test func `a rollback is not held up by a mistyped identity`() {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Self.pipeline(identity: "header: X-Colour"))
        #expect(shop.type("rollback").status == 0)
        #expect(shop.production.value?.hasPrefix("green") == true)
    }

    @Test(arguments: [
        ("header: X-Color", "header: \"X Color\"", "19:13: error: 'X Color'"),
        (
            "  identity:", "  headers: {\"X-Key:\": a}\n  identity:",
            "18:13: error: 'X-Key:'"
        ),
        (
            "http: /healthz", "http: /healthz\n    headers: {\"X-Größe\": a}",
            "28:15: error: 'X-Größe'"
        ),
        (
            "http: /healthz", "http: /healthz\n    expect: {header: {\"(x)\": a}}",
            "28:23: error: '(x)'"
        ),
        (
            "probe: p95", "http: /p95\n      json: $.a\n      headers: {\"a b\": c}",
            ":17: error: 'a b'"
        ),
    ])
    func `a header name that HTTP does not allow is a mistake with its place`(
        old: String, new: String, message: String
    ) {
        let screen = Shop(pipeline: Shop.pipeline.replacing(old, with: new)).type("validate")
        #expect(screen.status == 78)
        #expect(
            screen.error.contains("\(message) cannot be the name of a header"), "\(screen.error)")
    }
}
