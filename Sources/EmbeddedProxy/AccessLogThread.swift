import Logging
import NIOCore
import Synchronization

/// Prints the access log: a reader that is too slow misses lines, which are counted; it never holds up
/// traffic, and no more than a megabyte waits for it.
final class AccessLogThread: Sendable {
    private static let roomInBytes = 1 << 20
    /// How often it is said what a reader misses who takes some lines and never all.
    private static let interval = TimeAmount.seconds(1)

    private let thread = BoundedThread(room: roomInBytes)
    private let dropped = Atomic(0)
    private let lastSaid = Mutex(NIODeadline.uptimeNanoseconds(0))
    private let print: @Sendable (String) -> Void
    private let log: Logger

    /// `print` gets whole lines, each with its line feed, and may block; `log` is told how many lines were
    /// dropped, when the reader takes lines again.
    init(print: @escaping @Sendable (String) -> Void, log: Logger) {
        self.print = print
        self.log = log
    }

    var accessLog: AccessLog { AccessLog { self.take($0) } }

    /// Copies what is readable: the buffer itself may be many times larger than its lines.
    private func take(_ lines: ByteBuffer) {
        let text = String(buffer: lines)
        let isTaken = thread.add(
            size: text.utf8.count, { self.write(text) }, whenIdle: { self.sayDropped() })
        guard !isTaken else { return }
        let count = text.utf8.count { $0 == UInt8(ascii: "\n") }
        dropped.wrappingAdd(count, ordering: .relaxed)
    }

    private func write(_ text: String) {
        print(text)
        let now = NIODeadline.now()
        let isDue = lastSaid.withLock { last in
            guard now - last > Self.interval else { return false }
            last = now
            return true
        }
        if isDue { sayDropped() }
    }

    private func sayDropped() {
        let count = dropped.exchange(0, ordering: .relaxed)
        guard count > 0 else { return }
        log.warning("access log: \(count) lines dropped, the reader was too slow")
    }

    /// Returns when all is printed, or when `patience` has returned; what was dropped is said.
    func drain(patience: @escaping @Sendable () async -> Void) async {
        await thread.drain(patience: patience)
        sayDropped()
    }
}
