import Glibc
import Synchronization

/// An open file of this process that text is written to, in order and without waiting for the reader.
final class Descriptor: Sendable {
    /// What is said there, which decides what becomes of it when nobody reads.
    enum Purpose {
        /// Whole or not at all: with a gap it would be a lie.
        case answer
        /// Also written down elsewhere: what nobody reads may be left out, and that is said.
        case conversation

        /// How much may wait for the reader; a single text may be longer.
        var roomInBytes: Int {
            switch self {
            case .answer: 16 << 20
            case .conversation: 256 << 10
            }
        }

        /// How long the end of the program waits for a reader that takes nothing; nil is without end,
        /// as a person with a pager reads for as long as they like.
        var patience: Duration? {
            switch self {
            case .answer: nil
            case .conversation: .seconds(3)
            }
        }
    }

    private struct State {
        var condition = TerminalStream.Condition.open
        var waitingBytes = 0
        var leftOutLines = 0
    }

    private static let stalled = TerminalStream.Condition.failed(reason: "nobody reads it")
    /// What can be redrawn is not worth queueing behind this much.
    private static let backlogInBytes = 4096
    private static let pieceInBytes = 16 << 10

    let number: Int32
    private let purpose: Purpose
    private let outlet: Outlet
    private let state = Mutex(State())

    /// Texts for descriptors with the same outlet are written in the order of their coming.
    init(_ number: Int32, for purpose: Purpose = .answer, through outlet: Outlet = Outlet()) {
        self.number = number
        self.purpose = purpose
        self.outlet = outlet
    }

    var condition: TerminalStream.Condition { state.withLock(\.condition) }

    /// The reader is so slow that what is shown now will be seen late.
    var isBehind: Bool { state.withLock { $0.waitingBytes > Self.backlogInBytes } }

    /// Nil if the terminal does not know it.
    var size: TerminalStream.Size? {
        var size = winsize()
        guard ioctl(number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return nil
        }
        return TerminalStream.Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// Returns at once; what two tasks write does not mix. False if it will not be written, because
    /// the reader is gone or too much waits for it.
    func write(_ text: String) -> Bool {
        guard let bytes = state.withLock({ admitted(text, &$0) }) else { return false }
        outlet.add(bytes, for: self)
        return true
    }

    private func admitted(_ text: String, _ state: inout State) -> [UInt8]? {
        guard state.condition == .open else { return nil }
        let isFull =
            state.waitingBytes > 0
            && state.waitingBytes + text.utf8.count > purpose.roomInBytes
        guard !isFull else {
            switch purpose {
            case .answer: state.condition = Self.stalled
            case .conversation: state.leftOutLines += text.count(where: \.isNewline)
            }
            return nil
        }
        let bytes = notice(&state) + Array(text.utf8)
        state.waitingBytes += bytes.count
        return bytes
    }

    /// Says, once, what was left out; empty where nothing was.
    private func notice(_ state: inout State) -> [UInt8] {
        guard state.leftOutLines > 0, state.condition == .open else { return [] }
        defer { state.leftOutLines = 0 }
        return Array("(nobody read \(state.leftOutLines) lines here)\n".utf8)
    }

    /// Waits until everything is written, or the task is cancelled. Of a conversation, a reader that
    /// takes nothing for long ends the wait too; of an answer that was not written `condition` tells.
    /// What waits may still be read until the program has ended.
    func drain() async {
        let last = state.withLock { state in
            let bytes = notice(&state)
            state.waitingBytes += bytes.count
            return bytes
        }
        if !last.isEmpty { outlet.add(last, for: self) }
        guard state.withLock({ $0.waitingBytes > 0 }) else { return }
        await outlet.drain(patience: purpose.patience)
        state.withLock { state in
            guard purpose == .answer, state.condition == .open, state.waitingBytes > 0 else {
                return
            }
            state.condition = Self.stalled
        }
    }

    // MARK: - On the thread of the outlet

    /// Writes what was admitted, however long that takes, and tells how far it came. Does nothing once
    /// the reader is gone.
    func writeAdmitted(_ bytes: [UInt8], tell: (Int) -> Void) {
        let failure = writeAll(bytes, tell: tell)
        state.withLock { state in
            state.waitingBytes -= bytes.count
            if let failure, state.condition == .open { state.condition = .failed(reason: failure) }
        }
    }

    // MARK: - On any thread that may wait

    /// The same for lines of a log: what cannot be written is lost, and the next lines are tried again.
    func writeNow(_ text: String) { _ = writeAll(Array(text.utf8)) { _ in } }

    /// Returns what kept it from writing all; nil also where the reader is gone.
    private func writeAll(_ bytes: [UInt8], tell: (Int) -> Void) -> String? {
        var rest = bytes[...]
        while !rest.isEmpty, condition == .open {
            let piece = rest.prefix(Self.pieceInBytes)
            let count = piece.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            guard count < 0 else {
                rest = rest.dropFirst(count)
                tell(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: waitUntilWritable()
            case EPIPE, EIO: state.withLock { $0.condition = .closed }
            case let code: return String(cString: strerror(code))
            }
        }
        return nil
    }

    private func waitUntilWritable() {
        var ready = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
    }
}
