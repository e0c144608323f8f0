@preconcurrency import Dispatch
import Glibc

/// SIGTERM and SIGINT as something that can be waited for.
package struct TerminationSignal: Sendable {
    private let signals: AsyncStream<Void>

    /// From now on the two signals no longer end the process.
    package init() {
        signals = AsyncStream { continuation in
            let sources = [SIGTERM, SIGINT].map { number in
                signal(number, SIG_IGN)
                return DispatchSource.makeSignalSource(signal: number)
            }
            for source in sources {
                source.setEventHandler { continuation.yield() }
                source.resume()
            }
            continuation.onTermination = { _ in sources.forEach { $0.cancel() } }
        }
    }

    /// Returns at the first signal since the creation, or when the task is cancelled.
    package func wait() async {
        for await _ in signals { return }
    }
}
