import Contracts
import PipelineModel
import ShopRig
import StateStores
import TestWorld
import Testing

@testable import Commands

/// What `adopt` writes, and what it leaves.
@Suite struct AdoptTests {
    /// Blue is live, and a restart of the router would forget it.
    private func forgetful() -> Shop {
        let shop = Shop.running()
        shop.production.persist("green:blue:0:130")
        return shop
    }

    @Test func `the router is not written before the record says so, wherever the process dies`() {
        let before = forgetful().production.value
        var written = 0
        for operation in 1...60 {
            let shop = forgetful()
            shop.files.prepare(.death(), at: operation)
            shop.type("adopt")
            guard shop.production.value != before else { continue }
            written += 1
            shop.files.cutPower()
            #expect(shop.recorded.contains("\"k\":\"adoptIntended\""), "operation \(operation)")
        }
        #expect(written > 0)
    }

    @Test(arguments: ["green:blue:0:130", "blue:green:0:1"])
    func `a rollback to what is live left a reload to forget it, or its token`(durable: String) {
        let shop = Shop.running()
        shop.production.persist(durable)
        #expect(shop.type("status").status == 33)
        #expect(shop.type("rollback", "--to", "blue").status == 0)
        #expect(shop.type("status").status == 0)
    }

    @Test(arguments: ["blue:-:0:193", "green:-:0:131"])
    func `a rollback that could not be recorded left the record behind for ever`(value: String) {
        let shop = Shop.running()
        shop.production.setValue(value)
        let live = String(value.prefix { $0 != ":" })
        #expect(shop.type("status").status == 33)
        #expect(shop.type("rollback", "--to", live).status == 0)
        #expect(shop.type("status").status == 0)
    }

    private static let undoing =
        Trouble.switching + [.undoIntended(Trouble.intent(.blue, Token(epoch: 3, round: 3)))]

    @Test(arguments: [Trouble.switching, undoing])
    func `a switch that was adopted where it stood had no way back`(events: [RunEvent]) {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), events, isAlive: false)
        shop.production.setValue("green:blue:0:194")
        #expect(shop.type("rollback", "--dry-run").status == 0)
        #expect(shop.type("adopt").status == 0)
        let status = shop.type("status")
        #expect(status.status == 0)
        #expect(status.output.contains("ROLLBACK READY → blue  2.8"), "\(status.output)")
        #expect(shop.type("rollback").status == 0)
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }

    @Test func `nothing to adopt is no run`() {
        let shop = Shop.running()
        let before = shop.recorded
        let screen = shop.type("adopt")
        #expect(screen.status == 0)
        #expect(screen.output.contains("Nothing to adopt: record and router agree that blue"))
        #expect(shop.recorded == before)
    }

    @Test func `a rollback forgot that another machine may have deployed to idle by half`() {
        let shop = Shop.running()
        shop.production.setValue("blue:-:0:577")
        #expect(shop.type("switch", "green", "--no-bake").status != 0)
        #expect(shop.type("rollback", "--to", "blue").status == 0)
        let screen = shop.type("switch", "green", "--no-bake")
        #expect(screen.status == 32, "\(screen.error)")
        #expect(
            screen.error.contains("green is claimed, and this record does not know by whom"),
            "\(screen.error)")
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }

    @Test func `what a rollback left that was never recorded was called half deployed`() {
        let shop = Shop.running()
        // Another machine went back: blue 2.8 is whole.
        shop.production.setValue("green:-:0:577")
        #expect(shop.type("adopt").status == 0)
        let status = shop.type("status").output
        #expect(
            status.contains("blue  release unknown  may be half deployed, no way back"),
            "\(status)")
        let back = shop.type("rollback", "--to", "blue")
        #expect(back.status == 21)
        #expect(
            back.error.contains("blue was claimed, and this record does not know by whom"),
            "\(back.error)")
        #expect(!back.error.contains("half deployed by run"), "\(back.error)")
    }

    @Test func `a bake of a colour that is not live any more is nobody's to resume`() {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.baking, isAlive: false)
        shop.production.setValue("blue:green:0:130")
        let status = shop.type("status")
        #expect(status.status == 33)
        #expect(!status.output.contains("bluegreen resume"))
        #expect(shop.type("resume").status == 33)
        #expect(shop.type("adopt").status == 0)
        #expect(shop.type("status").status == 0)
    }

    @Test func `an abort that died was sent to resume, which refused`() {
        let shop = Shop.running()
        let plan = RunPlan(verb: .abort, entry: .adopting, from: .blue, to: .blue)
        _ = shop.begin(plan, [], isAlive: false)
        #expect(shop.type("status").output.contains("next: bluegreen abort"))
        #expect(shop.type("resume").error.contains("was an 'abort'"))
        #expect(shop.type("abort").status == 0)
        #expect(shop.type("status").status == 0)
    }

    @Test func `an adopt that died is typed again, not resumed`() {
        let shop = forgetful()
        let plan = RunPlan(verb: .adopt, entry: .adopting, from: .blue, to: .blue)
        let datum = Datum(live: .blue, token: Token(epoch: 3, round: 1))
        _ = shop.begin(
            plan, [.adoptIntended(Intent(datum: datum, from: .blue, recipes: []))], isAlive: false)
        #expect(shop.type("status").output.contains("bluegreen adopt"))
        #expect(shop.type("resume").error.contains("bluegreen adopt"))
        #expect(shop.type("adopt").status == 0)
        #expect(shop.type("status").status == 0)
        #expect(shop.type("rollback").status == 0)
    }

    @Test func `an adopt that cannot make the colour durable leaves no orphan`() throws {
        let shop = forgetful()
        shop.production.change { $0.ignoresWrites = true }
        #expect(shop.type("adopt").status != 0)
        let run = try #require(try shop.store.load().record.run)
        #expect(run.beginning.plan.verb == .adopt)
        #expect(run.outcome?.ending == .failedBeforeSwitch)
    }
}
