import NIOPosix

/// Runs an actor on a thread of its own: what blocks there holds up no other task.
final class ThreadExecutor: SerialExecutor {
    private let thread = NIOThreadPool(numberOfThreads: 1)

    init() { thread.start() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        thread.submit { [self] _ in job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
}
