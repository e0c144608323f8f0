import Contracts
import PipelineModel
import RunEngine
import ShopRig
import StateStores
import TestWorld
import Testing

@testable import Commands
@testable import Console

/// What `retire` asks.
@Suite struct RetireTests {
    @Test func `history names the colour that was retired`() throws {
        let shop = Shop.running()
        #expect(shop.type("retire", "--now", "--reason", "no memory", "-y").status == 0)
        let row = shop.type("history", "-n", "1").output
        #expect(row.contains(#/retire +- +green/#), "\(row)")
    }

    @Test func `what is no way back is not given up as one`() {
        let shop = Shop.running()
        shop.type("rollback")
        shop.wait(.seconds(7200))
        shop.answer("y")
        let screen = shop.type("retire")
        #expect(screen.status == 0)
        #expect((screen.output + screen.error).contains("no way back already"), "\(screen.error)")
        #expect(!screen.error.contains("giving up"))
    }

    @Test func `the way back from a release that failed its bake was stopped`() {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Shop.pipeline + "rollback:\n  auto: false\n")
        #expect(shop.deployBad("2.9").status == 22)
        shop.wait(.seconds(7200))
        let before = shop.production.started.count
        let screen = shop.type("retire", "-y")
        #expect(screen.status == 32)
        #expect(screen.error.contains("blue is the way back from green"), "\(screen.error)")
        #expect(shop.production.started.count == before)
        #expect(shop.type("rollback", "--dry-run").status == 0)
        #expect(shop.type("retire", "--now", "--reason", "no memory", "-y").status == 0)
    }

    @Test func `a release that was ready to switch was stopped as an old one`() {
        let shop = Shop.running()
        shop.wait(.seconds(86_400))
        shop.type("deploy", "3.0", "--until", "ready")
        let before = shop.production.started.count
        let screen = shop.type("retire", "-y")
        #expect(screen.status == 32)
        #expect(screen.error.contains("green 3.0 is ready to switch"), "\(screen.error)")
        #expect(shop.production.started.count == before)
        #expect(shop.type("switch", "--no-bake").status == 0)
    }

    @Test func `what --adopt accepts is written down`() throws {
        let shop = Shop.running()
        shop.production.setValue("green:blue:0:0")
        let words = ["retire", "--adopt", "--now", "--reason", "by hand", "-y"]
        #expect(shop.type(words).status == 0)
        #expect(try shop.store.load().record.live?.color == .green)
        #expect(shop.type("status").status == 0)
    }

    @Test func `before any deploy nothing is known to be old`() {
        let shop = Shop()
        let screen = shop.type("retire", "-y")
        #expect(screen.status == 32)
        #expect(screen.error.contains("No run has made blue live"), "\(screen.error)")
        #expect(shop.production.started.isEmpty)
        #expect(shop.production.value == "blue:green:0:0")
        #expect(shop.type("retire", "--now", "--reason", "moved away", "-y").status == 0)
        #expect(shop.production.started == [["./stop", "green"]])
    }

    @Test func `a pipeline that was edited since the last run is said, and used as it is now`() {
        let shop = Shop.running()
        shop.wait(.seconds(86_400))
        shop.write("bluegreen.yaml", Shop.pipeline.replacing("./stop", with: "./halt"))
        let screen = shop.type("retire")
        #expect(screen.status == 0)
        #expect(screen.error.contains("bluegreen.yaml was edited since run r-000002"))
        #expect(shop.production.started.last == ["./halt", "green"])
    }

    @Test func `what was retired and deployed again can be switched to`() {
        let shop = Shop.running()
        shop.wait(.seconds(86_400))
        shop.type("retire", "-y")
        #expect(shop.type("deploy", "3.0", "--until", "ready").status == 0)
        #expect(shop.type("status").output.contains("ready to switch"))
        #expect(shop.type("switch", "blue", "--to", "green").status == 64)
        #expect(shop.type("switch", "--to", "green", "--no-bake").status == 0)
    }

    @Test func `the question can be answered by Ctrl-C`() {
        let shop = Shop.running()
        shop.wait(.seconds(86_400))
        let stop = StopRequest()
        let time = shop.simulation.time
        let recording = TerminalRecording(isTerminal: true, environment: [:], answers: [])
        let terminal = Terminal(
            output: recording.terminal.output, error: recording.terminal.error, canPrompt: true,
            readLine: {
                stop.ask(.signal(2))
                await time.sleep(.seconds(3600))
                return "yes"
            })
        let app = App(
            world: shop.world, version: "0.1.0", stop: stop, proxy: shop.production.proxyHost,
            terminal: { _, _ in terminal })
        #expect(shop.simulation.run { await app.run(["retire"]) } == 130)
        #expect(shop.production.started.allSatisfy { !$0.contains("stop") })
    }
}
