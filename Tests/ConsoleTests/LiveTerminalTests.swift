import Glibc
import Testing

@testable import Console

/// Two ends of a channel, closed with the test.
private final class Channel: Sendable {
    let reader: Int32
    let writer: Int32

    /// A pipe.
    init() throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        (reader, writer) = (ends[0], ends[1])
    }

    /// A pseudo terminal: `writer` is the side of the program, `reader` the side of the person.
    init(terminalOf columns: UInt16, by rows: UInt16) throws {
        var person: Int32 = -1
        var program: Int32 = -1
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        try #require(openpty(&person, &program, nil, nil, &size) == 0)
        (reader, writer) = (person, program)
    }

    deinit {
        close(reader)
        close(writer)
    }

    func read() -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(reader, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    @concurrent func receive(until end: String) async -> String {
        var received = ""
        while !received.hasSuffix(end) { received += read() }
        return received
    }

    func send(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    }
}

struct LiveTerminalTests {
    private func stream(
        _ descriptor: Descriptor, _ environment: [String: String] = ["TERM": "xterm"]
    ) -> TerminalStream {
        Terminal.liveStream(
            descriptor,
            policy: TerminalPolicy(environment: environment, noColor: false, noInput: false),
            environment: environment)
    }

    @Test func `a pipe gets plain text`() throws {
        let channel = try Channel()
        let stream = stream(Descriptor(channel.writer))
        stream.print("live: \("green", .green)")
        #expect(!stream.isTerminal && !stream.allowsColor && !stream.allowsRedrawing)
        #expect(channel.read() == "live: green\n")
    }

    @Test func `a reader that goes away is no error`() async throws {
        var ends: [Int32] = [-1, -1]
        signal(SIGPIPE, SIG_IGN)
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let stream = stream(Descriptor(ends[1]))
        stream.print("lost")
        stream.print("lost too")
        await stream.drain()
        #expect(stream.condition == .closed)
    }

    @Test func `a full disk is told`() async throws {
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        let stream = stream(Descriptor(full))
        stream.print("lost")
        await stream.drain()
        #expect(stream.condition == .failed(reason: "No space left on device"))
    }

    @Test func `a slow reader of a pipe that does not block gets everything`() async throws {
        let channel = try Channel()
        try #require(fcntl(channel.writer, F_SETFL, O_NONBLOCK) == 0)
        let text = String(repeating: "0123456789abcde\n", count: 20_000) + "end"
        async let received = channel.receive(until: "end")
        let descriptor = Descriptor(channel.writer)
        #expect(descriptor.write(text))
        await descriptor.drain()
        try #require(fcntl(channel.writer, F_SETFL, 0) == 0)
        channel.send("end", to: channel.writer)
        #expect(await received.hasPrefix(text))
        #expect(descriptor.condition == .open)
    }

    @Test func `a terminal gets colour and tells its size`() throws {
        let channel = try Channel(terminalOf: 97, by: 31)
        let stream = stream(Descriptor(channel.writer))
        stream.print("\("green", .green)")
        #expect(stream.isTerminal && stream.allowsColor && stream.allowsRedrawing)
        #expect(stream.size() == TerminalStream.Size(columns: 97, rows: 31))
        #expect(channel.read() == "\u{1b}[32mgreen\u{1b}[0m\r\n")
    }

    @Test func `a terminal that does not know its size is as wide as COLUMNS says`() throws {
        let channel = try Channel(terminalOf: 0, by: 0)
        let stream = stream(Descriptor(channel.writer), ["COLUMNS": "132"])
        #expect(stream.size() == TerminalStream.Size(columns: 132, rows: 24))
    }

    @Test func `a dumb terminal gets plain text`() throws {
        let channel = try Channel(terminalOf: 80, by: 24)
        stream(Descriptor(channel.writer), ["TERM": "dumb"]).print("\("green", .green)")
        #expect(channel.read() == "green\r\n")
    }
}

struct KeyboardTests {
    @Test func `lines are read one at a time`() async throws {
        let channel = try Channel()
        channel.send("one\ntwo\n", to: channel.writer)
        #expect(await Keyboard.readLine(from: channel.reader) == "one")
        #expect(await Keyboard.readLine(from: channel.reader) == "two")
    }

    @Test func `a line without end is no answer`() async throws {
        let channel = try Channel(terminalOf: 80, by: 24)
        channel.send("\u{4}", to: channel.reader)
        #expect(await Keyboard.readLine(from: channel.writer) == nil)
    }

    @Test func `a cancelled task does not wait for an answer`() async throws {
        let channel = try Channel()
        let question = Task { await Keyboard.readLine(from: channel.reader) }
        question.cancel()
        #expect(await question.value == nil)
    }

    @Test func `what was typed before the question is dropped`() throws {
        let channel = try Channel(terminalOf: 80, by: 24)
        channel.send("y\n", to: channel.reader)
        var ready = pollfd(fd: channel.writer, events: Int16(POLLIN), revents: 0)
        try #require(poll(&ready, 1, 5000) == 1)
        Keyboard.dropTypeAhead(of: channel.writer)
        #expect(poll(&ready, 1, 0) == 0)
    }
}
