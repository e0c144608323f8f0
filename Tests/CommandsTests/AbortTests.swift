import Contracts
import PipelineModel
import RunEngine
import ShopRig
import TestWorld
import Testing

/// A run that is stopped ends its step itself, and no second one begins beside it.
@Suite struct AbortTests {
    private let shop = Shop.running()
    private let run: RunID?

    init() {
        let start = StepMark(.deploy, 0, "start")
        let child = ProcessIdentity(pid: 4242, startTime: 9, bootID: "boot-1")
        run = shop.begin(
            Trouble.plan(), Trouble.claimed + [.stepBegan(start), .stepSpawned(start, child)],
            isAlive: true)
        shop.production.setValue("blue:-:0:193")
    }

    @Test func `an abort waits for the run to end in order`() throws {
        let began = shop.simulation.now
        let screen = shop.type("abort", after: .seconds(6)) { [shop] _ in
            shop.production.change { $0.living.remove(900) }
        }
        #expect(screen.status == 0)
        #expect(shop.production.ended.isEmpty)
        #expect(screen.error.contains("Waiting up to 10 s for \(try #require(run)) to end."))
        #expect(shop.simulation.now - began < .seconds(7))
    }

    @Test func `an abort ends what does not end`() {
        let began = shop.simulation.now
        #expect(shop.type("abort").status == 0)
        #expect(shop.production.ended == [900])
        #expect(shop.simulation.now - began >= .seconds(10))
    }

    @Test func `an abort that is stopped itself ends nothing`() {
        let screen = shop.type("abort", after: .seconds(1)) { $0.ask(.signal(2)) }
        #expect(shop.production.ended.isEmpty)
        #expect(screen.error.contains("has not ended yet"), "\(screen.error)")
    }

    @Test func `an abort that reaches no router does not say where production is`() {
        shop.production.change { $0.isRouterUp = false }
        let screen = shop.type("abort")
        #expect(screen.status == 20)
        #expect(screen.output.contains("UNKNOWN"), "\(screen.output)")
        #expect(!screen.output.contains("not touched"))
    }

    @Test(arguments: ["abort", "rollback"])
    func `no step begins beside one of a run that was stopped`(verb: String) {
        shop.production.change { $0.living.insert(4242) }
        let screen = shop.type(verb)
        #expect(screen.status == 0)
        #expect(screen.error.contains("a step of the old run is still running: pid 4242"))
        let steps = shop.production.started.count
        for words in [
            ["deploy", "3.4"], ["retire", "-y", "--now", "--reason", "full"], ["plan", "3.4"],
            ["retire", "--dry-run", "--now", "--reason", "full"],
        ] {
            let refused = shop.type(words)
            #expect(refused.status == 30, "\(refused)")
            #expect(
                refused.error.contains("A step of an earlier run is still running: pid 4242"),
                "\(refused.error)")
        }
        #expect(shop.production.started.count == steps)
        shop.production.change { $0.living.remove(4242) }
        #expect(shop.type("deploy", "3.4").status == 0)
    }

    @Test(arguments: [[], ["--dry-run"]])
    func `a switch that was only shown was not refused beside a living step`(words: [String]) {
        shop.production.change { $0.living.remove(900) }
        shop.type("abort")
        #expect(shop.type("deploy", "3.4", "--until", "ready").status == 0)
        shop.wait(.seconds(7200))
        let start = StepMark(.deploy, 0, "start")
        let child = ProcessIdentity(pid: 4243, startTime: 9, bootID: "boot-1")
        _ = shop.begin(
            Trouble.plan(.checking), [.stepBegan(start), .stepSpawned(start, child)],
            isAlive: false)
        shop.production.change { $0.living.insert(4243) }
        let refused = shop.type(["switch"] + words)
        #expect(refused.status == 30, "\(refused)")
        #expect(refused.error.contains("is still running: pid 4243"), "\(refused.error)")
    }
}
