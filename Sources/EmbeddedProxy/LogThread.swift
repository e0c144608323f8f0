import Glibc
import Logging
import Synchronization

/// Writes the lines about the proxy: a reader that stands still (Ctrl-S, a full pipe) holds up one
/// thread, and neither traffic nor a switch.
final class LogThread: Sendable {
    /// How many lines may wait for the reader.
    private static let most = 1_000

    private let thread = BoundedThread(room: most)
    private let leftOut = Atomic(0)
    private let write: @Sendable (String) -> Void

    /// `write` gets one line after the other, each with its line feed, and may block.
    init(write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    /// Not through `stderr` of the C library: whoever is stuck in there keeps the process from ending.
    static func toStandardError() -> LogThread {
        LogThread { text in
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
                }
                if count > 0 { rest = rest.dropFirst(count) }
                guard count < 0 else { continue }
                guard errno == EINTR || errno == EAGAIN else { return }
                var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, -1)
            }
        }
    }

    /// A logger whose lines this thread writes, in the order in which they were said. Those that find no
    /// room are left out, and the next one that finds room says how many.
    func logger(_ label: String) -> Logger {
        Logger(label: label) { LogSender(label: $0, thread: self) }
    }

    fileprivate func send(_ line: LogLine) {
        let missing = leftOut.exchange(0, ordering: .relaxed)
        var text = ""
        if missing > 0 {
            text += LogLine(.notice, line.label, [:], "\(missing) more lines were left out.").text
        }
        text += line.text
        guard thread.add(size: 1, { [write, text] in write(text) }) else {
            leftOut.wrappingAdd(missing + 1, ordering: .relaxed)
            return
        }
    }

    /// Returns when all is written that was said before, or when `patience` has returned.
    func drain(patience: @escaping @Sendable () async -> Void) async {
        await thread.drain(patience: patience)
    }
}

private struct LogLine {
    let label: String
    let text: String

    init(
        _ level: Logger.Level, _ label: String, _ metadata: Logger.Metadata,
        _ message: Logger.Message
    ) {
        var date = DateLine()
        date.refresh()
        let words = metadata.sorted { $0.key < $1.key }.map { " \($0)=\($1)" }.joined()
        self.label = label
        text = "\(date.iso) \(level) \(label):\(words) \(message)\n"
    }
}

/// Words every line where it is said, and hands it to the thread.
private struct LogSender: LogHandler {
    let label: String
    let thread: LogThread
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, said in said }
        thread.send(LogLine(event.level, label, all, event.message))
    }
}
