import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import Routers

/// On a disk in memory; that a real one behaves the same is shown where it is made.
@Suite struct NginxAccessLogTests {
    private static let path = "/var/log/nginx/shop.log"
    private let disk = MemoryFiles()
    private let log: NginxAccessLog

    init() {
        log = NginxAccessLog(path: Self.path, files: disk.files)
        disk[Self.path] = []
    }

    private func append(_ text: String) {
        disk[Self.path] = (disk[Self.path] ?? []) + Array(text.utf8)
    }

    private static func line(
        _ color: String = "blue", _ status: Int = 200, _ milliseconds: Int = 5
    ) -> String {
        let time = "000\(milliseconds)".suffix(3)
        return
            #"{"color":"\#(color)","status":"\#(status)","time":\#(milliseconds / 1000).\#(time)}"#
            + "\n"
    }

    private func requests(on color: Color = .blue) throws(Failure) -> Int? {
        try log.counters()[color]?.requests
    }

    private func expectUnreadable(_ words: String) {
        let failure = #expect(throws: Failure.self) { try log.counters() }
        #expect(failure?.code == .metricUnreadable)
        let said = ([failure?.message ?? ""] + (failure?.evidence ?? [])).joined(separator: " ")
        #expect(said.contains(words), "\(said)")
    }

    // MARK: - Counting

    @Test func `requests, errors and times are counted per colour`() throws {
        _ = try log.counters()
        append(Self.line("blue") + Self.line("green", 503, 40) + Self.line("green", 404, 20))
        let counters = try log.counters()
        #expect(counters[.blue]?.requests == 1)
        #expect(counters[.blue]?.errors == 0)
        #expect(counters[.green]?.requests == 2)
        #expect(counters[.green]?.errors == 1)
        #expect(counters[.green]?.responseTimes.percentile(0.5) == .milliseconds(20))
        #expect(counters[.green]?.responseTimes.percentile(0.95) == .milliseconds(40))
    }

    @Test func `what was there before is not counted`() throws {
        append(String(repeating: Self.line(), count: 10))
        #expect(try requests() == 0)
        append(Self.line())
        #expect(try requests() == 1)
    }

    @Test func `asking twice counts nothing twice`() throws {
        _ = try log.counters()
        append(Self.line())
        #expect(try requests() == 1)
        #expect(try requests() == 1)
    }

    @Test func `a tunnel is a request without a response time`() throws {
        _ = try log.counters()
        append(Self.line("green", 101, 60_000))
        let counters = try log.counters()
        #expect(counters[.green]?.requests == 1)
        #expect(counters[.green]?.responseTimes == ResponseTimes())
    }

    @Test func `a request that reached no colour counts on none`() throws {
        _ = try log.counters()
        append(Self.line("", 400))
        #expect(try requests(on: .blue) == 0)
        #expect(try requests(on: .green) == 0)
    }

    // MARK: - Lines and files that are not whole

    @Test(arguments: [0, 1, 20, 44])
    func `a line that is half written is counted when it is whole`(length: Int) throws {
        let line = Self.line()
        append(Self.line() + line.prefix(length))
        _ = try log.counters()
        append(String(line.dropFirst(length)))
        #expect(try requests() == 1)
        append(String(line.prefix(length)))
        #expect(try requests() == 1)
        append(String(line.dropFirst(length)))
        #expect(try requests() == 2)
    }

    @Test func `a renamed log is read to its end, and the new one from its beginning`() throws {
        _ = try log.counters()
        append(Self.line())
        #expect(try requests() == 1)
        append(Self.line())
        try disk.files.rename(Self.path, "shop.log.1")
        // nginx goes on in the old one until it is told.
        disk[Self.path + ".1"]?.append(contentsOf: Self.line().utf8)
        #expect(try requests() == 3)
        disk[Self.path + ".1"]?.append(contentsOf: Self.line().utf8)
        append(Self.line() + Self.line())
        #expect(try requests() == 6)
    }

    /// Between the new name and the order to open the new log lies a moment, and workers are not all as
    /// quick.
    @Test func `what comes into a renamed log after the new one was made is counted`() throws {
        _ = try log.counters()
        try disk.files.rename(Self.path, "shop.log.1")
        append("")
        #expect(try requests() == 0)
        for number in 1...3 {
            disk[Self.path + ".1"]?.append(contentsOf: Self.line().utf8)
            append(Self.line())
            #expect(try requests() == number * 2)
        }
        try disk.files.rename(Self.path, "shop.log.2")
        append(Self.line())
        #expect(try requests() == 7)
    }

    /// What `copytruncate` does: the bytes are gone from the log that is followed.
    @Test func `of a log that is copied and emptied only what came since the last look is lost`()
        throws
    {
        append(Self.line())
        _ = try log.counters()
        append(Self.line())
        #expect(try requests() == 1)
        append(Self.line())
        disk[Self.path] = []
        #expect(try requests() == 1)
        append(Self.line() + Self.line())
        #expect(try requests() == 3)
    }

    @Test func `a log that is emptied goes on from its beginning`() throws {
        append(Self.line() + Self.line())
        _ = try log.counters()
        disk[Self.path] = Array(Self.line().utf8)
        #expect(try requests() == 1)
    }

    /// A log that begins with so many bytes that nobody could read.
    private func hugeLog(_ hidden: Hidden) -> NginxAccessLog {
        let disk = disk
        var files = disk.files
        files.follow = { path throws(FileFailure) in
            let file = try disk.files.follow(path)
            return FollowedFile(
                length: { () throws(FileFailure) in
                    hidden.bytes + (try file.length())
                },
                read: { offset, limit throws(FileFailure) in
                    let start = hidden.bytes
                    guard offset < start else { return try file.read(offset - start, limit) }
                    throw FileFailure(.other, "read from \(offset)")
                }, isReplaced: { false })
        }
        return NginxAccessLog(path: Self.path, files: files)
    }

    @Test func `a log of any length is only read at its end`() throws {
        // What the first look reads, at most.
        append(String(repeating: Self.line(), count: 2000))
        let log = hugeLog(Hidden(1 << 42))
        #expect(try log.counters()[.blue]?.requests == 0)
        append(Self.line())
        #expect(try log.counters()[.blue]?.requests == 1)
    }

    @Test func `more than can be read at once is passed over, and that is said`() throws {
        append(String(repeating: Self.line(), count: 2000))
        let hidden = Hidden(0)
        let log = hugeLog(hidden)
        #expect(try log.counters()[.blue]?.requests == 0)
        hidden.bytes = NginxLogReading.limit + 1
        let failure = #expect(throws: Failure.self) { try log.counters() }
        #expect(failure?.message.contains("grew by more than 64 MiB") == true)
        append(Self.line())
        #expect(try log.counters()[.blue]?.requests == 1)
    }

    // MARK: - No data

    @Test func `a missing log says so until it is there`() throws {
        disk[Self.path] = nil
        expectUnreadable("cannot read \(Self.path)")
        append("")
        #expect(try requests() == 0)
        append(Self.line())
        #expect(try requests() == 1)
    }

    @Test func `a log in another format is refused before anything is counted`() throws {
        append("127.0.0.1 - - \"GET / HTTP/1.1\" 200 5\n")
        expectUnreadable("has lines in another format. 127.0.0.1 - - \"GET")
        append(Self.line())
        #expect(try requests() == 0)
    }

    @Test func `a line in another format leaves a gap, and counting goes on`() throws {
        _ = try log.counters()
        append(Self.line() + "nonsense\n" + Self.line())
        expectUnreadable("nonsense")
        #expect(try requests() == 2)
    }

    @Test func `bytes without a line end are not kept`() throws {
        _ = try log.counters()
        append(String(repeating: "x", count: 70_000))
        expectUnreadable("has lines in another format")
    }
}

private final class Hidden: Sendable {
    private let count: Mutex<Int>

    init(_ count: Int) { self.count = Mutex(count) }

    var bytes: Int {
        get { count.withLock(\.self) }
        set { count.withLock { $0 = newValue } }
    }
}
