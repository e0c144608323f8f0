import Contracts
import PipelineModel
import ShopRig
import StateStores
import TestWorld
import Testing

@testable import Commands

/// How long a rollback waits for another process that writes to the record.
@Suite struct RollbackPatienceTests {
    /// Blue is live, green the way back; with `isRunOpen`, a deploy of another process has begun and hangs.
    private static func shop(isRunOpen: Bool) -> Shop {
        let shop = Shop.running()
        if isRunOpen { _ = shop.begin(Trouble.plan(), isAlive: true) }
        return shop
    }

    /// How long `rollback` takes, and how it ends, in simulated time.
    private static func rollback(in shop: Shop) -> (length: Duration, screen: Shop.Screen) {
        let began = shop.simulation.now
        let screen = shop.type("rollback", "--to", "green")
        return (shop.simulation.now - began, screen)
    }

    @Test(arguments: [false, true])
    func `a lock that is never free costs a rollback 300 ms in all`(isRunOpen: Bool) throws {
        let usual = Self.rollback(in: Self.shop(isRunOpen: isRunOpen))
        #expect(usual.screen.status == 0, "\(usual.screen.error)")
        let shop = Self.shop(isRunOpen: isRunOpen)
        let lock = try #require(try shop.files.locks.take(".bluegreen/shop/lock"))
        defer { lock.release() }
        let kept = Self.rollback(in: shop)
        #expect(kept.screen.status == 74, "\(kept.screen.error)")
        #expect(shop.production.value?.hasPrefix("green:") == true)
        for line in ["rollbackIntended", "rolledBack", "ended"] {
            #expect(kept.screen.error.contains(#""k":"\#(line)""#), "\(kept.screen.error)")
        }
        let waited = kept.length - usual.length
        #expect(waited <= .milliseconds(310), "\(waited)")
    }

    @Test func `a rollback does not flush again what could not be flushed`() throws {
        let shop = Shop.running()
        let other = Shop(copying: shop)
        let start = other.files.log.count
        other.type("rollback", "--to", "green")
        let done = other.files.log.dropFirst(start)
        let flush = try #require(
            done.firstIndex { $0.hasPrefix("flush .bluegreen/shop/runs/") })
        let before = shop.files.log.count
        shop.files.prepare(.failure(.other), at: flush - start + 1)
        let screen = shop.type("rollback", "--to", "green")
        #expect(screen.status == 74, "\(screen.error)")
        #expect(shop.production.value?.hasPrefix("green:") == true)
        #expect(shop.files.log.dropFirst(before).count { $0 == done[flush] } == 1)
    }

    @Test func `who keeps the lock is ended in that time, and the rollback is recorded`() throws {
        let shop = Self.shop(isRunOpen: true)
        let lock = try #require(try shop.files.locks.take(".bluegreen/shop/lock"))
        shop.production.change { $0.onEnd = { lock.release() } }
        let screen = Self.rollback(in: shop).screen
        #expect(screen.status == 0, "\(screen.error)")
        #expect(shop.production.ended.contains(900))
        #expect(try shop.store.load().record.live?.color == .green)
    }
}
