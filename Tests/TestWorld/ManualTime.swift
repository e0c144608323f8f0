package import Contracts
import Synchronization

/// A clock that stands still until a test, or a sleep, moves it.
///
/// By itself a sleep returns at once and moves the clock by its length. For tasks that wait for each
/// other there is `play`. Either way, waiting takes no time.
package final class ManualTime: Sendable {
    private struct Sleeper: Sendable {
        var wakes: Duration
        var number: Int
        var wake: CheckedContinuation<Void, Never>
    }

    private struct State: Sendable {
        var elapsed: Duration
        var isPlaying = false
        var sleepers: [Sleeper] = []
        var sleeps = 0
    }

    private let state: Mutex<State>
    private let start: WallTime

    package init(
        now: Duration = .seconds(1000), wall: WallTime = WallTime(milliseconds: 1_795_000_000_000)
    ) {
        state = Mutex(State(elapsed: now))
        start = WallTime(milliseconds: wall.milliseconds - Self.milliseconds(now))
    }

    package func advance(by length: Duration) {
        state.withLock { $0.elapsed += length }
    }

    package var now: Duration { state.withLock { $0.elapsed } }

    package var time: Time {
        Time(
            now: { self.now }, wall: { self.start.advanced(by: self.now) },
            sleep: { await self.sleep($0) })
    }

    /// Runs `body` and its child tasks one at a time; the clock moves only when all of them wait, to
    /// the moment at which the first of them wakes. The same code always takes the same turns.
    package func play<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async rethrows -> Result {
        state.withLock { $0.isPlaying = true }
        defer { state.withLock { $0.isPlaying = false } }
        let turns = OneAtATime { self.wakeNext() }
        return try await withTaskExecutorPreference(turns) { try await body() }
    }

    private func sleep(_ length: Duration) async {
        guard state.withLock({ $0.isPlaying }) else {
            advance(by: length)
            return await Task.yield()
        }
        let number = state.withLock { state in
            state.sleeps += 1
            return state.sleeps
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { wake in
                let mayFallAsleep = state.withLock { state in
                    guard !Task.isCancelled else { return false }
                    let wakes = state.elapsed + max(length, .zero)
                    state.sleepers.append(Sleeper(wakes: wakes, number: number, wake: wake))
                    return true
                }
                if !mayFallAsleep { wake.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.number == number }
                    .map { state.sleepers.remove(at: $0) }
            }
            sleeper?.wake.resume()
        }
    }

    private func wakeNext() {
        let sleeper = state.withLock { state -> Sleeper? in
            let first = state.sleepers.indices.min {
                let (left, right) = (state.sleepers[$0], state.sleepers[$1])
                return (left.wakes, left.number) < (right.wakes, right.number)
            }
            guard let first else { return nil }
            let sleeper = state.sleepers.remove(at: first)
            state.elapsed = max(state.elapsed, sleeper.wakes)
            return sleeper
        }
        sleeper?.wake.resume()
    }

    private static func milliseconds(_ length: Duration) -> Int64 {
        let parts = length.components
        return parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
    }
}
