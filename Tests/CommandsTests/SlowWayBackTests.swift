import PipelineModel
import ShopRig
import TestWorld
import Testing

/// A way back that is cold, or has too much to do, and answers late.
@Suite struct SlowWayBackTests {
    private let shop = Shop.running()

    private func green(_ change: @escaping @Sendable (inout FakeProduction.Environment) -> Void) {
        shop.production.change { state in
            guard var green = state.environments[.green] else { return }
            change(&green)
            state.environments[.green] = green
        }
    }

    @Test(arguments: [405, 700])
    func `a rollback goes to what answers within a second`(milliseconds: Int) {
        green { $0.takes = .milliseconds(milliseconds) }
        let screen = shop.type("rollback")
        #expect(screen.status == 0, "\(screen)")
        #expect(shop.production.value?.hasPrefix("green:") == true)
    }

    @Test func `one lost answer is no verdict`() {
        green { $0.takes = .seconds(30) }
        let screen = shop.type("rollback", after: .milliseconds(500)) { [shop] _ in
            shop.production.change { $0.environments[.green]?.takes = .milliseconds(2) }
        }
        #expect(screen.status == 0, "\(screen)")
    }

    @Test func `what never answers is refused after two seconds`() {
        green { $0.takes = .seconds(30) }
        let (began, before) = (shop.simulation.now, shop.production.value)
        let screen = shop.type("rollback")
        #expect(screen.status == 21)
        #expect(screen.error.contains("green does not serve on its direct address"))
        #expect(screen.error.contains("no answer in 1.0 s"), "\(screen.error)")
        #expect(shop.production.value == before)
        #expect((Duration.seconds(2)...(.seconds(3))).contains(shop.simulation.now - began))
    }

    @Test func `what refuses is refused at once, and what answers costs nothing`() {
        let began = shop.simulation.now
        green { $0.isUp = false }
        #expect(shop.type("rollback").status == 21)
        green { $0.isUp = true }
        #expect(shop.type("rollback").status == 0)
        #expect(shop.simulation.now - began < .seconds(1))
    }

    @Test func `status says that it is slow, and stays quick`() {
        green { $0.takes = .milliseconds(405) }
        let began = shop.simulation.now
        let screen = shop.type("status")
        #expect(
            screen.output.contains("ROLLBACK READY → green  2.7  slow: no answer in 0.3 s"),
            "\(screen.output)")
        #expect(screen.status == 0)
        #expect(shop.simulation.now - began < .milliseconds(500))
        #expect(shop.type("status", "-o", "json").output.contains("\"isReady\" : true"))
        let doctor = shop.type("doctor", "--rollback-from-here")
        #expect(doctor.status == 0)
        #expect(doctor.output.contains("answers green in 405 ms"), "\(doctor.output)")
    }
}
