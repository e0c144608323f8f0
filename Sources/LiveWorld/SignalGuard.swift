import Glibc
import Synchronization

/// Turns SIGINT, SIGTERM and SIGHUP into calls, and SIGPIPE and SIGXFSZ into errors of `write`.
package enum SignalGuard {
    /// Where the handler, which may do almost nothing, writes the number of the signal.
    private static let cord = Atomic<Int32>(-1)

    /// Guards until the process ends; called once, before there is anything to guard.
    ///
    /// `first` gets the number of the first signal, `second` that of every later one; both are called
    /// on a thread of their own, one after the other. SIGHUP stays ignored where it was (`nohup`).
    /// Children are not affected: they start with the usual signals. Where the system gives no thread,
    /// a signal ends the process at once, as it would have without a guard.
    package static func start(
        first: @escaping @Sendable (Int32) -> Void, second: @escaping @Sendable (Int32) -> Void
    ) {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else { return }
        cord.store(pair[1], ordering: .sequentiallyConsistent)
        let arrivals = pair[0]
        guard PlainThread.startIfPossible({ pass(arrivals, first, second) }) else { return }
        for number in [SIGINT, SIGTERM] + (isIgnored(SIGHUP) ? [] : [SIGHUP]) { watch(number) }
    }

    private static func pass(
        _ arrivals: Int32, _ first: (Int32) -> Void, _ second: (Int32) -> Void
    ) {
        var isFirst = true
        while true {
            var number: UInt8 = 0
            let count = read(arrivals, &number, 1)
            guard count == 1 else { continue }
            if isFirst { first(Int32(number)) } else { second(Int32(number)) }
            isFirst = false
        }
    }

    private static func watch(_ number: Int32) {
        var action = sigaction()
        action.sa_flags = SA_RESTART
        action.__sigaction_handler.sa_handler = { number in
            let before = errno
            var byte = UInt8(truncatingIfNeeded: number)
            write(SignalGuard.cord.load(ordering: .sequentiallyConsistent), &byte, 1)
            errno = before
        }
        sigaction(number, &action, nil)
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
