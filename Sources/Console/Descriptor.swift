import Glibc
import Synchronization

/// An open file of this process that text is written to.
final class Descriptor: Sendable {
    let number: Int32
    private let state = Mutex(TerminalStream.Condition.open)

    init(_ number: Int32) {
        self.number = number
    }

    var condition: TerminalStream.Condition { state.withLock { $0 } }

    /// Nil if the terminal does not know it.
    var size: TerminalStream.Size? {
        var size = winsize()
        guard ioctl(number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return nil
        }
        return TerminalStream.Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// What two tasks write does not mix. Does nothing once the reader is gone.
    func write(_ text: String) {
        state.withLock { condition in
            guard condition == .open else { return }
            condition = writeAll(Array(text.utf8))
        }
    }

    private func writeAll(_ bytes: [UInt8]) -> TerminalStream.Condition {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            guard count < 0 else {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: waitUntilWritable()
            case EPIPE, EIO: return .closed
            case let code: return .failed(reason: String(cString: strerror(code)))
            }
        }
        return .open
    }

    private func waitUntilWritable() {
        var ready = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
    }
}
