import NIOPosix
import Synchronization

/// Does one piece of work after the other on a thread of its own, for work that may wait for somebody
/// outside, and lets only so much of it wait.
final class BoundedThread: Sendable {
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let waiting = Atomic(0)
    private let room: Int

    /// Pieces that wait have this size together, at most.
    init(room: Int) {
        self.room = room
        thread.start()
    }

    /// Returns at once. False where so much waits that this piece finds no room: then nothing is done.
    /// `whenIdle` follows the piece where no other one waits.
    func add(
        size: Int, _ work: @escaping @Sendable () -> Void,
        whenIdle: @escaping @Sendable () -> Void = {}
    ) -> Bool {
        guard waiting.wrappingAdd(size, ordering: .relaxed).newValue <= room else {
            waiting.wrappingSubtract(size, ordering: .relaxed)
            return false
        }
        thread.submit { [self] _ in
            work()
            let left = waiting.wrappingSubtract(size, ordering: .relaxed).newValue
            if left == 0 { whenIdle() }
        }
        return true
    }

    /// Returns when all is done that was added before, or when `patience` has returned.
    func drain(patience: @escaping @Sendable () async -> Void) async {
        let (done, working) = AsyncStream.makeStream(of: Void.self)
        thread.submit { _ in working.finish() }
        await withTaskGroup { group in
            group.addTask { for await _ in done {} }
            group.addTask { await patience() }
            await group.next()
            group.cancelAll()
        }
    }
}
