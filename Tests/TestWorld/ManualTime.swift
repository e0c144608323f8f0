package import Contracts
import Synchronization

/// A clock that stands still until a test, or a sleep, moves it.
///
/// A sleep returns at once and moves the clock by its length: tests of waiting code take no time.
package final class ManualTime: Sendable {
    private let elapsed: Mutex<Duration>
    private let start: WallTime

    package init(
        now: Duration = .seconds(1000), wall: WallTime = WallTime(milliseconds: 1_795_000_000_000)
    ) {
        elapsed = Mutex(now)
        start = WallTime(milliseconds: wall.milliseconds - Self.milliseconds(now))
    }

    package func advance(by length: Duration) {
        elapsed.withLock { $0 += length }
    }

    package var now: Duration { elapsed.withLock { $0 } }

    package var time: Time {
        Time(
            now: { self.now }, wall: { self.start.advanced(by: self.now) },
            sleep: { length in
                self.advance(by: length)
                await Task.yield()
            })
    }

    private static func milliseconds(_ length: Duration) -> Int64 {
        let parts = length.components
        return parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
    }
}
