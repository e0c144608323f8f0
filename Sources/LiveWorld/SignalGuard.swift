@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Turns SIGINT, SIGTERM and SIGHUP into calls, and SIGPIPE into an error of `write`.
///
/// Guards until the process ends. Children are not affected: they start with the usual signals.
package final class SignalGuard: Sendable {
    private let count = Mutex(0)
    private let sources: [any DispatchSourceSignal]

    /// `first` gets the number of the first signal, `second` that of every later one; both are called
    /// on a thread of their own, one after the other. SIGHUP stays ignored where it was (`nohup`).
    package init(
        first: @escaping @Sendable (Int32) -> Void, second: @escaping @Sendable (Int32) -> Void
    ) {
        signal(SIGPIPE, SIG_IGN)
        let queue = DispatchQueue(label: "signals")
        let caught = [SIGINT, SIGTERM] + (Self.isIgnored(SIGHUP) ? [] : [SIGHUP])
        sources = caught.map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        for (number, source) in zip(caught, sources) {
            source.setEventHandler { [self] in
                let isFirst = count.withLock { count in
                    count += 1
                    return count == 1
                }
                isFirst ? first(number) : second(number)
            }
            source.resume()
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
