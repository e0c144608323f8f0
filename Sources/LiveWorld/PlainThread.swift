import Glibc

/// A thread outside the task pool, for calls that block.
enum PlainThread {
    static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { waiting in
            start { waiting.resume(returning: work()) }
        }
    }

    /// Where the system gives no thread, the work is done here: a task that waits is better than work
    /// that is never done.
    static func start(_ work: @escaping @Sendable () -> Void) {
        guard !startIfPossible(work) else { return }
        work()
    }

    /// For work that may as well never be done. Returns whether the system gave a thread.
    @discardableResult
    static func startIfPossible(_ work: @escaping @Sendable () -> Void) -> Bool {
        guard let thread = create(work) else { return false }
        pthread_detach(thread)
        return true
    }

    /// To be joined or detached; `nil` where the system gives no thread.
    static func create(_ work: @escaping @Sendable () -> Void) -> pthread_t? {
        let parcel = Unmanaged.passRetained(Parcel(work))
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<Parcel>.fromOpaque(raw).takeRetainedValue().work()
                return nil
            }, parcel.toOpaque())
        guard failure == 0 else {
            parcel.release()
            return nil
        }
        return thread
    }

    private final class Parcel: Sendable {
        let work: @Sendable () -> Void

        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
}
