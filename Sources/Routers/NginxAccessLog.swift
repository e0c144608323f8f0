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
    private static let chunk = 1 << 20
    private static let longestLine = 64 << 10
    private static let newline = UInt8(ascii: "\n")

    private(set) var counters = [
        Color.blue: TrafficCounters(requests: 0, errors: 0),
        .green: TrafficCounters(requests: 0, errors: 0),
    ]
    private var file: FollowedFile?
    private var offset = 0
    /// The beginning of a line that is not whole yet.
    private var rest: [UInt8] = []
    private var gap: Gap?

    /// Counts what was appended since the last time.
    mutating func advance(_ path: String, _ files: Files) throws(FileFailure) -> Gap? {
        gap = nil
        guard let file else {
            try begin(try files.follow(path))
            return gap
        }
        let isReplaced = try file.isReplaced()
        try take(file)
        guard isReplaced else { return gap }
        let next = try files.follow(path)
        (self.file, offset, rest) = (next, 0, [])
        try take(next)
        return gap
    }

    /// At the end of the log, if its last line shows that it can be counted.
    private mutating func begin(_ file: FollowedFile) throws(FileFailure) {
        let start = max(0, try file.length() - Self.longestLine)
        let bytes = try file.read(start, Self.longestLine)
        offset = start + bytes.count
        let lines = bytes.split(separator: Self.newline, omittingEmptySubsequences: false)
        rest = Array(lines.last ?? [])
        if let line = lines.dropLast().last, NginxLogLine(line) == nil {
            gap = .foreign(Evidence.line(line))
            return
        }
        self.file = file
    }

    private mutating func take(_ file: FollowedFile) throws(FileFailure) {
        let length = try file.length()
        // Somebody copied it and emptied it.
        if length < offset { (offset, rest) = (0, []) }
        guard length - offset <= Self.limit else {
            try begin(file)
            gap = .passedOver
            return
        }
        while offset < length {
            let bytes = try file.read(offset, Self.chunk)
            guard !bytes.isEmpty else { return }
            offset += bytes.count
            note(bytes)
        }
    }

    private mutating func note(_ bytes: [UInt8]) {
        rest += bytes
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: Self.newline) {
            count(rest[start..<end])
            start = end + 1
        }
        rest.removeFirst(start)
        guard rest.count > Self.longestLine else { return }
        gap = .foreign(Evidence.line(rest))
        rest = []
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
