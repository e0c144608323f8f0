import Console
import Contracts
import RunEngine
import ShopRig
import Synchronization
import TestWorld
import Testing

@testable import Commands
@testable import Console

/// A rollback on a machine whose resolver is slower than it.
@Suite struct RollbackNamesTests {
    private static let recorded = ["lb.test": ["192.0.2.1"]]

    private func rollBack(
        _ shop: Shop, resolvedTo addresses: [String]
    ) -> (status: Int32?, error: String) {
        var world = shop.world
        world.names = Names(
            stoodIn: { Self.recorded },
            late: { names, _ in
                addresses.isEmpty ? [:] : names.reduce(into: [:]) { $0[$1] = addresses }
            })
        let recording = TerminalRecording()
        let app = App(
            world: world, version: "0.1.0", proxy: shop.production.proxyHost,
            terminal: { _, _ in recording.terminal })
        let status = shop.simulation.run { await app.run(["rollback"]) }
        return (status, recording.error)
    }

    @Test func `a name that leads elsewhere by now is 20, with both addresses`() {
        let shop = Shop.running()
        let done = rollBack(shop, resolvedTo: ["192.0.2.9"])
        #expect(done.status == 20)
        #expect(done.error.contains("lb.test leads elsewhere than where this run went"))
        #expect(done.error.contains("192.0.2.1") && done.error.contains("192.0.2.9"))
        #expect(done.error.contains("'bluegreen resume'"))
        #expect(shop.production.value?.hasPrefix("green:") == true)
    }

    @Test func `a name that leads there by now is no warning`() {
        let done = rollBack(Shop.running(), resolvedTo: ["192.0.2.1"])
        #expect(done.status == 0)
        #expect(!done.error.contains("lb.test"), "\(done.error)")
    }

    @Test func `a name that nobody resolves is a warning`() {
        let done = rollBack(Shop.running(), resolvedTo: [])
        #expect(done.status == 0)
        #expect(done.error.contains("lb.test is not resolved in time"), "\(done.error)")
    }

    @Test func `a refusal says which recorded addresses it goes by`() {
        let shop = Shop.running()
        shop.production.change { $0.isRouterUp = false }
        let done = rollBack(shop, resolvedTo: [])
        #expect(done.status == 21)
        #expect(done.error.contains("lb.test is not resolved in time"), "\(done.error)")
    }
}
