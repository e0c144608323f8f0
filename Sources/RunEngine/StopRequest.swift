package import Contracts
import Synchronization

/// A wish to stop the run, from a signal, a person or a newer run. The first one counts.
package final class StopRequest: Sendable {
    private let wish = Mutex<Interruption?>(nil)
    private let stream: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    package init() {
        (stream, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    package func ask(_ interruption: Interruption) {
        wish.withLock { if $0 == nil { $0 = interruption } }
        wake.finish()
    }

    package var interruption: Interruption? { wish.withLock { $0 } }

    /// Returns when somebody asked, or when the task is cancelled.
    func wait() async -> Interruption? {
        if let interruption { return interruption }
        for await _ in stream {}
        return interruption
    }
}
