import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// Who owns the service, and how to end that process.
@Suite struct LockTests {
    private let shop = Shop.running()

    @Test(arguments: ["", "r", "r-0000"])
    func `an abort of no run in particular stops none`(id: String) {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.ready, isAlive: true)
        #expect(shop.type("abort", id).status == 32)
        #expect(shop.production.ended == [])
    }

    @Test func `the owner is shown, ended when asked to, and what it left is said`() throws {
        shop.type("lock")
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: true)
        shop.production.setValue("blue:-:0:193")
        shop.wait(.seconds(240))
        shop.type("lock")
        shop.type("lock", "-o", "json")
        shop.type("lock", "--release")
        shop.answer("n")
        shop.type("lock", "--release", "--reason", "hangs")
        shop.answer("y")
        shop.production.change { $0.onEnd = { shop.files.restart() } }
        shop.type("lock", "--release", "--reason", "hangs")
        #expect(shop.production.ended == [900])
        shop.type("lock")
        shop.type("lock", "--release", "--reason", "hangs")
        try shop.expectTranscript("lock")
    }

    @Test func `an owner that ended in order leaves what its record says`() {
        let process = ProcessIdentity(pid: 900, startTime: 7, bootID: "boot-1")
        let ended = Shop(copying: shop)
        let outcome = Outcome(.interrupted(.signal(15)), production: .untouched(.blue))
        _ = ended.begin(Trouble.plan(), Trouble.claimed + [.ended(outcome)], isAlive: false)
        _ = shop.begin(
            Trouble.plan(), Trouble.claimed, isAlive: true,
            owner: Owner(process: process, host: "ci-7", user: "ben"))
        shop.production.setValue("blue:-:0:193")
        shop.production.change { [shop] state in
            state.onEnd = {
                shop.files.restart()
                for path in ended.files.paths where path.hasPrefix(".bluegreen") {
                    shop.files[path] = ended.files[path]
                }
            }
        }
        let screen = shop.type("lock", "--release", "--reason", "hangs", "-y")
        #expect(screen.status == 0)
        #expect(screen.output.contains("Next: 'bluegreen deploy 2.9' begins again"))
        #expect(!screen.output.contains("resume"), "\(screen.output)")
    }

    @Test func `a bake whose owner is gone is not shown as one under way`() {
        _ = shop.begin(Trouble.plan(), Trouble.baking, isAlive: false)
        let screen = shop.type("lock")
        #expect(screen.output.contains("died while baking"), "\(screen.output)")
    }

    @Test func `an owner on another machine is not ended from here`() {
        let process = ProcessIdentity(pid: 900, startTime: 7, bootID: "boot-9")
        _ = shop.begin(
            Trouble.plan(), Trouble.claimed, isAlive: true,
            owner: Owner(process: process, host: "ci-9", user: "ben"))
        let screen = shop.type("lock", "--release", "--reason", "hangs", "-y")
        #expect(screen.status == 30)
        #expect(screen.error.contains("End it on ci-9"))
        #expect(shop.production.ended.isEmpty)
    }

    @Test func `somebody who holds the short lock is told`() throws {
        let lock = try #require(try shop.files.locks.take(".bluegreen/shop/lock"))
        #expect(shop.type("lock").output.contains("writes to .bluegreen/shop at this moment"))
        lock.release()
        #expect(!shop.type("lock").output.contains("at this moment"))
    }
}
