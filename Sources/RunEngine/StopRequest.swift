package import Contracts
import Synchronization

/// A wish to stop the run, from a signal, a person or a newer run. The first one counts.
package final class StopRequest: Sendable {
    private struct State: Sendable {
        var wish: Interruption?
        /// One for every wait so far: a stream serves a single waiter and ends with its task.
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func ask(_ interruption: Interruption) {
        let waiting = state.withLock { state in
            state.wish = state.wish ?? interruption
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting { waiter.finish() }
    }

    package var interruption: Interruption? { state.withLock { $0.wish } }

    /// Returns when somebody asked, or with `nil` when the task is cancelled.
    package func wait() async -> Interruption? {
        let (asked, waiter) = AsyncStream.makeStream(of: Void.self)
        let wish = state.withLock { state in
            if state.wish == nil { state.waiting.append(waiter) }
            return state.wish
        }
        if let wish { return wish }
        for await _ in asked {}
        return interruption
    }
}
