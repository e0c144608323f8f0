import Contracts
import PipelineModel
import RunEngine
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// `wait` returns when it is so, when it is too late, and when it will never be.
@Suite struct WaitTests {
    private let shop = Shop.running()

    @Test func `wait says what it waits for, and what came`() throws {
        shop.type("wait", "--for", "blue")
        shop.type("wait", "--for", "green", "--timeout", "25s")
        shop.type("wait", "--for", "green", after: .seconds(3)) { _ in
            shop.production.setValue("green:blue:0:130")
        }
        shop.production.setValue("blue:green:0:130")
        shop.type("wait", "--for", "healthy")
        shop.type("wait", "--for", "free", "-o", "json")
        _ = shop.begin(Trouble.plan(), Trouble.baking, isAlive: true)
        shop.production.setValue("green:blue:0:194")
        shop.type("wait", "--for", "free", "--timeout", "2s", "-o", "json")
        shop.type("wait", "--for", "healthy", "-q", "--timeout", "2s")
        shop.type("wait", "--for", "free", after: .seconds(3)) { _ in shop.files.restart() }
        shop.type("wait", "--for", "healthy")
        shop.type("wait", "--for", "purple")
        try shop.expectTranscript("wait")
    }

    @Test func `a switch that nobody finishes is no colour to wait for`() {
        _ = shop.begin(Trouble.plan(), Trouble.switching, isAlive: false)
        #expect(shop.type("wait", "--for", "green").status == 20)
        #expect(shop.type("wait", "--for", "healthy").status == 20)
    }

    @Test func `a bake that went back is told with its own status`() {
        #expect(shop.deployBad("2.9").status == 11)
        #expect(shop.type("wait", "--for", "healthy").status == 11)
    }

    @Test(arguments: ["nonsense", "blue:green:50:130", nil])
    func `a bake that was passed made healthy what nobody can see`(value: String?) {
        let before = shop.production.value
        shop.production.setValue(value ?? before)
        shop.production.change { $0.isRouterUp = value != nil }
        let unseen = shop.type("wait", "--for", "healthy", "--timeout", "2s")
        #expect(unseen.status == 124, "\(unseen)")
        #expect(!unseen.output.contains("has passed its bake"), "\(unseen)")
        let seen = shop.type("wait", "--for", "healthy", after: .seconds(2)) { [shop] _ in
            shop.production.setValue(before)
            shop.production.change { $0.isRouterUp = true }
        }
        #expect(seen.status == 0, "\(seen)")
    }

    @Test func `a router that was left out made a bake that was passed healthy for its users`() {
        let passed = BakeVerdict(.passed, why: "every metric kept its bounds", samples: 9)
        var scene = Scene(
            Scene.baking + [.bakeJudged(passed)], live: .green, token: Token(epoch: 41, round: 2))
        scene.requirement = .quorum(2)
        scene.seen[RouterID("lb-2")] = scene.seen[Scene.router]
        scene.seen[RouterID("lb-3")] = .success(Observation(effective: .color(.blue)))
        scene.record.behind = [RouterID("lb-3"): "gone"]
        func answer() -> WaitDecision.Answer {
            WaitDecision(situation: scene.situation, now: Scene.start).answer(to: .healthy)
        }
        #expect(
            answer() == .pending("lb-3 was left out of the last move: it still shows blue."))
        scene.seen[RouterID("lb-3")] = scene.seen[Scene.router]
        #expect(answer() == .met("green with 2.9 has passed its bake."))
    }

    @Test func `after a rollback nothing was said but that it is not baked`() {
        #expect(shop.type("rollback").status == 0)
        let screen = shop.type("wait", "--for", "healthy")
        #expect(screen.status == 32)
        #expect(
            screen.output.contains("Traffic was taken back to green with 2.7, and what is gone"),
            "\(screen.output)")
    }

    @Test func `Ctrl-C ends a wait`() {
        let screen = shop.type("wait", "--for", "green", after: .seconds(2)) {
            $0.ask(.signal(2))
        }
        #expect(screen.status == 130)
    }

    @Test func `a router that does not answer may come back`() {
        shop.production.change { $0.isRouterUp = false }
        let screen = shop.type("wait", "--for", "blue", after: .seconds(12)) { _ in
            shop.production.change { $0.isRouterUp = true }
        }
        #expect(screen.status == 0)
        #expect(screen.error.split(separator: "\n").count == 2, "\(screen.error)")
    }
}
