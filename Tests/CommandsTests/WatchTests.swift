import Console
import Contracts
import FoundationEssentials
import PipelineModel
import RunEngine
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// `watch` does what nobody else is there to do, and nothing else.
@Suite struct WatchTests {
    private let shop = Shop.running()

    private func orphanBake() {
        _ = shop.begin(Trouble.plan(), Trouble.baking, isAlive: false)
        shop.production.setValue("green:blue:0:194")
        shop.wait(.seconds(240))
    }

    @Test func `an orphaned bake is watched for its full length, and what is due is retired`()
        throws
    {
        orphanBake()
        shop.type("status")
        shop.type("watch", "--once")
        shop.type("watch", "--once")
        shop.wait(.seconds(3600))
        shop.type("watch", "--once")
        #expect(shop.production.started.last == ["./stop", "blue"])
        shop.type("watch", "--once")
        shop.type("history")
        try shop.expectTranscript("watch")
    }

    @Test func `the unit that is shipped adopts a bake, and calls a way back a success`() throws {
        let examples = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "examples/watch")
        let unit = try String(
            contentsOf: examples.appending(path: "bluegreen-watch.service"), encoding: .utf8)
        let call = try #require(unit.firstMatch(of: #/\nExecStart=/\S+/bluegreen (.+)\n/#))
        orphanBake()
        shop.production.change { $0.environments[.green]?.status = 500 }
        let screen = shop.type(call.1.split(separator: " ").map(String.init))
        #expect(screen.status == 11, "\(screen)")
        #expect(shop.production.value?.hasPrefix("blue:") == true)
        #expect(unit.contains("\nSuccessExitStatus=\(screen.status)\n"))
        // However long the bake is.
        #expect(unit.contains("\nType=oneshot\n"))
        #expect(unit.contains("\nTimeoutStartSec=infinity\n"))
        let timer = try String(
            contentsOf: examples.appending(path: "bluegreen-watch.timer"), encoding: .utf8)
        #expect(timer.contains("\nOnUnitInactiveSec="))
        #expect(timer.contains("\nWantedBy=timers.target"))
    }

    @Test func `an orphaned bake that fails is brought back`() {
        orphanBake()
        shop.production.change { $0.environments[.green]?.status = 500 }
        #expect(shop.type("watch", "--once").status == 11)
        #expect(shop.production.value?.hasPrefix("blue:") == true)
        #expect(shop.type("watch", "--once").status == 0)
    }

    @Test func `the loop ends with 0 when it is told to, and adopts meanwhile`() {
        orphanBake()
        let screen = shop.type("watch", "--interval", "5s", after: .seconds(60)) {
            $0.ask(.signal(15))
        }
        #expect(screen.status == 0)
        #expect(screen.output.contains("green 2.9 is live"))
        #expect(shop.type("status").status == 0)
    }

    @Test func `the loop tells a trouble once`() {
        shop.production.change { $0.isRouterUp = false }
        shop.wait(.seconds(3600))
        let screen = shop.type("watch", after: .seconds(60)) { $0.ask(.signal(2)) }
        #expect(screen.status == 0)
        #expect(screen.error.ranges(of: "error:").count == 1, "\(screen.error)")
        #expect(shop.type("watch", "--once").status == 40)
    }

    @Test func `a living run, an open switch and requests under way are left alone`() {
        shop.wait(.seconds(3600))
        shop.production.change { $0.environments[.green]?.inFlight = 2 }
        let busy = shop.type("watch", after: .seconds(60)) { $0.ask(.signal(2)) }
        #expect(busy.error.ranges(of: "not now: 2 requests").count == 1, "\(busy.error)")
        shop.production.change { $0.environments[.green]?.inFlight = 0 }
        let before = shop.production.started.count
        _ = shop.begin(Trouble.plan(), Trouble.switching, isAlive: true)
        #expect(shop.type("watch", "--once").status == 0)
        shop.files.restart()
        #expect(shop.type("watch", "--once").status == 0)
        #expect(shop.production.started.count == before)
        #expect(shop.type("status").status == 20)
    }

    private func app(_ world: World, _ stop: StopRequest = StopRequest()) -> App {
        App(
            world: world, version: "0.1.0", stop: stop, proxy: shop.production.proxyHost,
            terminal: { _, _ in TerminalRecording().terminal })
    }

    /// How often the loop looks every ten seconds until SIGTERM comes, and how it ends; after four
    /// seconds somebody types `words`.
    private func looks(
        during length: Duration, typing words: [String]? = nil
    ) -> (count: Int, status: Int32?, typed: Int32?) {
        let (diary, stop) = (Diary(), StopRequest())
        var world = shop.world
        world.names.forget = { diary.note("forgot") }
        let (loop, other) = (app(world, stop), app(shop.world))
        let time = shop.simulation.time
        let statuses = shop.simulation.run {
            async let signal: Void = time.sleep(length)
            async let status = loop.run(["watch", "--interval", "10s"])
            await time.sleep(.seconds(4))
            var typed: Int32?
            if let words { typed = await other.run(words) }
            await signal
            stop.ask(.signal(15))
            return (await status, typed)
        }
        return (diary.lines.count, statuses?.0, statuses?.1)
    }

    @Test func `each look asks for the names anew`() {
        let seen = looks(during: .seconds(25))
        #expect(seen.status == 0)
        #expect(seen.count == 3)
    }

    @Test func `a rollback that overtook an adopted bake ended the loop`() {
        orphanBake()
        let seen = looks(during: .seconds(64), typing: ["rollback"])
        #expect(seen.typed == 0 && seen.status == 0)
        #expect(seen.count > 5, "\(seen)")
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }

    @Test func `a bake that failed and stays is left to a person, and said`() {
        shop.write("bluegreen.yaml", Shop.pipeline + "rollback:\n  auto: false\n")
        #expect(shop.deployBad("2.9").status == 22)
        let screen = shop.type("watch", "--once")
        #expect(screen.status == 0)
        #expect(screen.error.contains("left to a person: The bake failed: "), "\(screen.error)")
        #expect(screen.error.contains("Next: bluegreen status"), "\(screen.error)")
    }

    @Test func `in CI a bake that only the job watches is a warning`() {
        #expect(!shop.type("validate").error.contains("warning"))
        shop.set("CI", "true")
        let screen = shop.type("validate")
        #expect(screen.status == 0)
        #expect(screen.error.contains("only the CI job watches this bake"), "\(screen.error)")
        shop.write("bluegreen.yaml", Shop.pipeline + "rollback:\n  auto: false\n")
        #expect(!shop.type("validate").error.contains("warning"))
    }
}

/// What is due, by values.
@Suite struct WatchDecisionTests {
    private static let after = Duration.seconds(3600)

    private func due(
        _ scene: Scene, canRetire: Bool = true, at age: Duration = WatchDecisionTests.after
    ) -> WatchDecision.Due? {
        WatchDecision(
            situation: scene.situation, retireAfter: Self.after, canRetire: canRetire,
            liveFor: age
        ).due
    }

    @Test func `the way back is retired when its time has come, if there is something to stop`() {
        #expect(due(Scene()) == .retire(.green))
        #expect(due(Scene(), at: .seconds(3599)) == nil)
        #expect(due(Scene(), canRetire: false) == nil)
    }

    @Test func `a bake is adopted, or the way back kept, whatever the age`() {
        #expect(due(Self.green(Scene.baking)) == .bake)
        #expect(due(Self.green(Scene.judged)) == .bake)
        var scene = Self.green(Scene.judged)
        scene.record.run?.outcome = Outcome(.keptUnhealthy, production: .proven(.green))
        #expect(due(scene) == nil)
    }

    @Test func `where anything is not as recorded a person decides`() {
        var alive = Self.green(Scene.baking)
        alive.isAlive = true
        var damaged = Scene()
        damaged.condition = .corrupt("x")
        var moved = Scene()
        moved.shows(.green, token: nil)
        var newer = Scene()
        newer.shows(.blue, token: Token(epoch: 50, round: 1))
        for scene in [alive, damaged, moved, newer, Self.green(Scene.switching)] {
            #expect(due(scene) == nil)
        }
    }

    private static func green(_ events: [RunEvent]) -> Scene {
        Scene(events, live: .green, token: Token(epoch: 41, round: 2))
    }
}
