import Contracts
import TestWorld
import Testing

@testable import RunEngine

struct StopRequestTests {
    @Test func `a wish still reaches a waiter after an earlier waiter was cancelled`() async {
        let stop = StopRequest()
        let first = Task { await stop.wait() }
        first.cancel()
        #expect(await first.value == nil)
        let second = Task { await stop.wait() }
        stop.ask(.signal(15))
        #expect(await second.value == .signal(15))
    }

    @Test func `a wish reaches everybody who waits`() async {
        let stop = StopRequest()
        let time = ManualTime()
        let heard = await time.play {
            await withTaskGroup(of: Interruption?.self) { group in
                for _ in 0..<3 { group.addTask { await stop.wait() } }
                await time.time.sleep(.seconds(1))
                stop.ask(.aborted)
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(heard == [.aborted, .aborted, .aborted])
    }

    @Test func `who waits no more is forgotten`() async {
        let stop = StopRequest()
        for _ in 0..<3 {
            let waiter = Task { await stop.wait() }
            waiter.cancel()
            #expect(await waiter.value == nil)
        }
        #expect(stop.waiters == 0)
    }

    @Test func `the first wish counts`() async {
        let stop = StopRequest()
        stop.ask(.aborted)
        stop.ask(.signal(15))
        #expect(await stop.wait() == .aborted)
    }
}
