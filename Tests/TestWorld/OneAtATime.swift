import Dispatch
import Synchronization

/// Runs tasks one at a time and says when nobody has anything left to do.
final class OneAtATime: TaskExecutor {
    private let queue = DispatchQueue(label: "one at a time")
    private let waiting = Mutex(0)
    private let whenIdle: @Sendable () -> Void

    init(whenIdle: @escaping @Sendable () -> Void) {
        self.whenIdle = whenIdle
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        waiting.withLock { $0 += 1 }
        queue.async {
            job.runSynchronously(on: self.asUnownedTaskExecutor())
            let isIdle = self.waiting.withLock { waiting in
                waiting -= 1
                return waiting == 0
            }
            if isIdle { self.whenIdle() }
        }
    }
}
