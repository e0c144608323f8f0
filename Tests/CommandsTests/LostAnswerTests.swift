import Console
import Contracts
import RunEngine
import ShopRig
import Synchronization
import TestWorld
import Testing

@testable import Commands

/// What becomes of the exit status where the answer does not arrive.
@Suite struct LostAnswerTests {
    private static func statuses(
        _ words: [String], _ condition: TerminalStream.Condition
    ) -> (final: Int32?, told: [Int32], error: String) {
        let shop = Shop()
        let recording = TerminalRecording()
        recording.endOutput(as: condition)
        let told = Told()
        let app = App(
            world: shop.world, version: "0.1.0", proxy: shop.production.proxyHost,
            returned: { status in told.list.withLock { $0.append(status) } },
            terminal: { _, _ in recording.terminal })
        let final = shop.simulation.run { await app.run(words) }
        return (final, told.list.withLock { $0 }, recording.error)
    }

    private final class Told: Sendable {
        let list = Mutex<[Int32]>([])
    }

    @Test func `a success whose answer is lost is none`() {
        let seen = Self.statuses(["validate"], .failed(reason: "No space left on device"))
        #expect(seen.final == 1)
        #expect(seen.told == [0, 1])
        #expect(seen.error.contains("could not be written: No space left on device"))
    }

    @Test func `a reader that goes away is no failure`() {
        let seen = Self.statuses(["validate"], .closed)
        #expect(seen.final == 0)
        #expect(seen.told == [0])
    }

    @Test func `a failure keeps its status where the answer is lost`() {
        let seen = Self.statuses(["validate", "--nonsense"], .failed(reason: "full"))
        #expect(seen.final == 64)
        #expect(seen.told == [64, 64])
    }

    /// The reader takes so long for the answer, and Ctrl-C comes a second after the beginning.
    private static func reading(for length: Duration) -> (isTaken: Bool, took: Duration) {
        let (shop, stop, recording) = (Shop(), StopRequest(), TerminalRecording())
        let time = shop.simulation.time
        let isTaken = Mutex(false)
        recording.whileOutputIsRead {
            await time.sleep(length)
            if !Task.isCancelled { isTaken.withLock { $0 = true } }
        }
        let app = App(
            world: shop.world, version: "0.1.0", stop: stop, proxy: shop.production.proxyHost,
            terminal: { _, _ in recording.terminal })
        let began = time.now()
        _ = shop.simulation.run {
            async let signal: Void = time.sleep(.seconds(1))
            async let status = app.run(["--version"])
            await signal
            stop.ask(.signal(2))
            return await status
        }
        return (isTaken.withLock { $0 }, time.now() - began)
    }

    @Test func `a reader has a tenth of a second after Ctrl-C to take the answer`() {
        #expect(Self.reading(for: .milliseconds(1090)).isTaken)
    }

    @Test func `a reader that takes longer after Ctrl-C is not waited for`() {
        let (isTaken, took) = Self.reading(for: .seconds(60))
        #expect(!isTaken)
        #expect(took == .milliseconds(1100))
    }
}
