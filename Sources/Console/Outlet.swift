import Glibc
import Synchronization

/// The way to one place outside. A thread of its own writes, so that a reader that has stopped
/// reading (Ctrl-S, a dead connection) never holds up whoever has something to say.
final class Outlet: Sendable {
    private struct Piece {
        let descriptor: Descriptor
        let bytes: [UInt8]
    }

    private struct State {
        var queue: [Piece] = []
        /// Whether there is a thread; it ends when the queue is empty.
        var isWriting = false
        var writtenBytes = 0
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    /// Written after everything that was added before, for whichever descriptor.
    func add(_ bytes: [UInt8], for descriptor: Descriptor) {
        let needsThread = state.withLock { state in
            state.queue.append(Piece(descriptor: descriptor, bytes: bytes))
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if needsThread { startThread() }
    }

    /// Returns when all is written, when the task is cancelled, or when the reader has taken nothing
    /// for `patience`; without one it waits for as long as it takes.
    func drain(patience: Duration?) async {
        let (written, waiter) = AsyncStream.makeStream(of: Void.self)
        state.withLock { state in
            guard state.isWriting else { return waiter.finish() }
            state.waiting.append(waiter)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in written {} }
            if let patience {
                group.addTask { await self.waitForStandstill(of: patience) }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForStandstill(of patience: Duration) async {
        var before: Int
        repeat {
            before = state.withLock(\.writtenBytes)
            do { try await Task.sleep(for: patience) } catch { return }
        } while state.withLock(\.writtenBytes) != before
    }

    // MARK: - The thread

    /// Where the system gives no thread it is written here: late words are better than lost ones.
    private func startThread() {
        let outlet = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { raw in
                if let raw { Unmanaged<Outlet>.fromOpaque(raw).takeRetainedValue().writeQueue() }
                return nil
            }, outlet.toOpaque())
        guard failure == 0 else { return outlet.takeRetainedValue().writeQueue() }
        pthread_detach(thread)
    }

    private func writeQueue() {
        while let pieces = nextPieces() {
            for piece in pieces {
                piece.descriptor.writeAdmitted(piece.bytes) { count in
                    state.withLock { $0.writtenBytes += count }
                }
            }
        }
    }

    /// Nil at the end of the thread; whoever waits is told.
    private func nextPieces() -> [Piece]? {
        state.withLock { state in
            guard state.queue.isEmpty else {
                defer { state.queue = [] }
                return state.queue
            }
            state.isWriting = false
            for waiter in state.waiting { waiter.finish() }
            state.waiting = []
            return nil
        }
    }
}
