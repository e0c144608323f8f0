import Contracts
import PipelineModel
import StateStores
import Testing

@testable import Commands

/// What `adopt` writes, and what it leaves.
@Suite struct AdoptTests {
    @Test func `an adopt that cannot make the colour durable leaves no orphan`() throws {
        let shop = Shop.running()
        shop.production.persist("green:blue:0:130")
        shop.production.change { $0.ignoresWrites = true }
        #expect(shop.type("adopt").status != 0)
        let run = try #require(try shop.store.load().record.run)
        #expect(run.beginning.plan.verb == .adopt)
        #expect(run.outcome?.ending == .failedBeforeSwitch)
    }
}
