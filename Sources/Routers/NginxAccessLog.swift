import Contracts
import PipelineModel
import Synchronization

/// Counts requests per colour by what nginx appends to its access log.
///
/// Counting begins with the first question, at the end of the log; what was there before is not read. A
/// log that is renamed is read to its end, and counting goes on in the one that has its name then.
final class NginxAccessLog: Sendable {
    private let path: String
    private let files: Files
    private let reading = Mutex(NginxLogReading())

    init(path: String, files: Files) {
        self.path = path
        self.files = files
    }

    /// Fails where something was not counted; what is appended later is, from the next question on.
    func counters() throws(Failure) -> [Color: TrafficCounters] {
        try reading.withLock { reading throws(Failure) in
            let gap: NginxLogReading.Gap?
            do throws(FileFailure) {
                gap = try reading.advance(path, files)
            } catch {
                throw unreadable(error)
            }
            if let gap { throw failure(gap) }
            return reading.counters
        }
    }

    private func unreadable(_ failure: FileFailure) -> Failure {
        Failure(
            .metricUnreadable, "nginx's access log cannot be read.", evidence: [failure.message],
            hint: "nginx must write it, and this user must be able to read it"
                + " (docs/routers/nginx.md#metrics-for-the-bake).")
    }

    private func failure(_ gap: NginxLogReading.Gap) -> Failure {
        switch gap {
        case .foreign(let line):
            Failure(
                .metricUnreadable, "\(path) has lines in another format.", evidence: [line],
                hint: "Give it the log_format of docs/routers/nginx.md#metrics-for-the-bake.")
        case .passedOver:
            Failure(
                .metricUnreadable,
                "\(path) grew by more than \(NginxLogReading.limit >> 20) MiB between two looks;"
                    + " what was in between is not counted.")
        }
    }
}

/// How far an access log was read, and what was counted.
struct NginxLogReading {
    /// Why something was not counted.
    enum Gap {
        case foreign(String)
        case passedOver
    }

    /// More than this is passed over: who asks cannot wait for it.
    static let limit = 64 << 20

    private(set) var counters = [
        Color.blue: TrafficCounters(requests: 0, errors: 0),
        .green: TrafficCounters(requests: 0, errors: 0),
    ]
    private var current: NginxLogTail?
    /// The log before the last change of names: nginx writes there until it is told to open the new one.
    private var former: NginxLogTail?
    private var gap: Gap?

    /// Counts what was appended since the last time.
    mutating func advance(_ path: String, _ files: Files) throws(FileFailure) -> Gap? {
        gap = nil
        guard let file = current?.file else {
            try begin(NginxLogTail(try files.follow(path)))
            return gap
        }
        try take(\.former)
        let isReplaced = try file.isReplaced()
        try take(\.current)
        guard isReplaced else { return gap }
        let next = NginxLogTail(try files.follow(path))
        (former, current) = (current, next)
        try take(\.current)
        return gap
    }

    /// At the end of the log, if its last line shows that it can be counted.
    private mutating func begin(_ log: NginxLogTail) throws(FileFailure) {
        var log = log
        if let line = try log.skip(), NginxLogLine(line) == nil {
            gap = .foreign(Evidence.line(line))
            return
        }
        current = log
    }

    private mutating func take(
        _ log: WritableKeyPath<Self, NginxLogTail?>
    ) throws(FileFailure) {
        guard let unread = try self[keyPath: log]?.unread() else { return }
        guard unread <= Self.limit else {
            _ = try self[keyPath: log]?.skip()
            gap = .passedOver
            return
        }
        while let lines = try self[keyPath: log]?.lines() {
            for line in lines { count(line) }
        }
    }

    private mutating func count(_ bytes: ArraySlice<UInt8>) {
        guard let line = NginxLogLine(bytes) else {
            gap = .foreign(Evidence.line(bytes))
            return
        }
        guard let color = line.color else { return }
        counters[color]?.requests += 1
        if line.status >= 500 { counters[color]?.errors += 1 }
        // How long a tunnel was open says nothing about an answer.
        if line.status != 101 {
            counters[color]?.responseTimes.note(milliseconds: line.milliseconds)
        }
    }
}
