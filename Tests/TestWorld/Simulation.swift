package import Contracts
import Synchronization

/// Runs asynchronous code on one thread with a clock that jumps to the next sleeper: the same code
/// gives the same events at the same moments, every time, and no waiting takes any.
package final class Simulation: TaskExecutor {
    private struct Sleeper {
        let wakes: Duration
        let number: Int
        let wake: CheckedContinuation<Void, Never>
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var number = 0
        var now: Duration
        /// How far somebody has put the wall clock.
        var shift = Duration.zero
    }

    private let state: Mutex<State>
    private let start: WallTime
    private let began: Duration

    package init(
        now: Duration = .seconds(1000), wall: WallTime = WallTime(milliseconds: 1_795_000_000_000)
    ) {
        state = Mutex(State(now: now))
        start = wall
        began = now
    }

    package var time: Time {
        Time(
            now: { self.now }, wall: { self.wall },
            sleep: { await self.sleep($0) })
    }

    package var now: Duration { state.withLock(\.now) }

    private var wall: WallTime {
        state.withLock { start.advanced(by: $0.now - began + $0.shift) }
    }

    /// Somebody sets the wall clock; no time passes.
    package func setClock(by length: Duration) {
        state.withLock { $0.shift += length }
    }

    package func advance(by length: Duration) {
        state.withLock { $0.now += length }
    }

    /// Runs `body` to its end and returns what it returned; `nil` where it waits for something that
    /// never comes.
    package func run<Result: Sendable>(
        _ body: @escaping @Sendable () async -> Result
    ) -> Result? {
        let box = Box<Result>()
        Task(executorPreference: self) { box.put(await body()) }
        while box.value == nil, step() {}
        return box.value
    }

    /// The same in the middle of a `run`, whose tasks stand still meanwhile: the clock goes on, and whom
    /// it would have woken wakes late.
    package func runAside<Result: Sendable>(
        _ body: @escaping @Sendable () async -> Result
    ) -> Result? {
        let standing = state.withLock { state in
            defer { (state.jobs, state.sleepers) = ([], []) }
            return (jobs: state.jobs, sleepers: state.sleepers)
        }
        defer {
            state.withLock { state in
                state.jobs = standing.jobs + state.jobs
                state.sleepers = standing.sleepers + state.sleepers
            }
        }
        return run(body)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
    }

    /// One piece of work, or one jump of the clock; `false` where neither is left.
    private func step() -> Bool {
        let job = state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
        if let job {
            job.runSynchronously(on: asUnownedTaskExecutor())
            return true
        }
        let sleeper = state.withLock { state -> Sleeper? in
            let next = state.sleepers.indices.min {
                (state.sleepers[$0].wakes, state.sleepers[$0].number)
                    < (state.sleepers[$1].wakes, state.sleepers[$1].number)
            }
            guard let next else { return nil }
            state.now = max(state.now, state.sleepers[next].wakes)
            return state.sleepers.remove(at: next)
        }
        sleeper?.wake.resume()
        return sleeper != nil
    }

    private func sleep(_ length: Duration) async {
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { wake in
                let isOver = state.withLock { state in
                    guard state.cancelled.remove(number) == nil else { return true }
                    state.sleepers.append(
                        Sleeper(wakes: state.now + length, number: number, wake: wake))
                    return false
                }
                if isOver { wake.resume() }
            }
        } onCancel: {
            cancel(number)
        }
    }

    private func cancel(_ number: Int) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.number == number }) else {
                state.cancelled.insert(number)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.wake.resume()
    }

    private final class Box<Result: Sendable>: Sendable {
        private let content = Mutex<Result?>(nil)

        var value: Result? { content.withLock { $0 } }

        func put(_ result: Result) { content.withLock { $0 = result } }
    }
}
