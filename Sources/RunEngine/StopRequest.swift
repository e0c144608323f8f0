package import Contracts
import Synchronization

/// A wish to stop the run, from a signal, a person or a newer run. The first one counts.
package final class StopRequest: Sendable {
    private struct State: Sendable {
        var wish: Interruption?
        /// One for every wait under way: a stream serves a single waiter and ends with its task.
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
        var waits = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func ask(_ interruption: Interruption) {
        let waiting = state.withLock { state in
            state.wish = state.wish ?? interruption
            return state.waiting.values
        }
        for waiter in waiting { waiter.finish() }
    }

    /// How many wait now.
    var waiters: Int { state.withLock { $0.waiting.count } }

    package var interruption: Interruption? { state.withLock { $0.wish } }

    /// Returns when somebody asked, or with `nil` when the task is cancelled.
    package func wait() async -> Interruption? {
        let (asked, waiter) = AsyncStream.makeStream(of: Void.self)
        let (wish, number) = state.withLock { state in
            state.waits += 1
            if state.wish == nil { state.waiting[state.waits] = waiter }
            return (state.wish, state.waits)
        }
        if let wish { return wish }
        for await _ in asked {}
        return state.withLock { state in
            state.waiting[number] = nil
            return state.wish
        }
    }
}
