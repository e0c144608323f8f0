import Foundation
import Glibc
import Testing

@testable import Console

/// A pipe whose reader reads only when it is told to.
private final class Pipe: Sendable {
    let reader: Int32
    let writer: Int32

    init() throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Everything that comes until it ends with `end`, read on a thread of its own: the pool of the
    /// tasks may be busy with other tests.
    func read(until end: String, pausing pause: UInt32 = 0) async -> String {
        await withCheckedContinuation { waiting in
            Thread { waiting.resume(returning: self.readNow(until: end, pause)) }.start()
        }
    }

    private func readNow(until end: String, _ pause: UInt32) -> String {
        var received: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        while !received.suffix(end.utf8.count).elementsEqual(end.utf8) {
            let count = Glibc.read(reader, &bytes, bytes.count)
            guard count > 0 else { break }
            received += bytes.prefix(count)
            usleep(pause)
        }
        return String(decoding: received, as: UTF8.self)
    }

    /// Fills it, so that the next byte would wait.
    func fill() throws {
        let flags = fcntl(writer, F_GETFL)
        try #require(fcntl(writer, F_SETFL, flags | O_NONBLOCK) == 0)
        let bytes = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
        while write(writer, bytes, bytes.count) > 0 {}
        try #require(fcntl(writer, F_SETFL, flags) == 0)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct OutletTests {
    private static let lines = (1...60_000).map { "line \($0) of many, in their order\n" }

    @Test func `a reader that keeps up loses nothing of more than a megabyte`() async throws {
        let pipe = try Pipe()
        let descriptor = Descriptor(pipe.writer, for: .answer)
        async let received = pipe.read(until: "the end\n")
        for line in Self.lines { _ = descriptor.write(line) }
        _ = descriptor.write("the end\n")
        await descriptor.drain()
        #expect(await received == Self.lines.joined() + "the end\n")
        #expect(descriptor.condition == .open)
    }

    @Test func `a slow reader gets everything too`() async throws {
        let pipe = try Pipe()
        let descriptor = Descriptor(pipe.writer, for: .answer)
        let text = String(repeating: "0123456789abcde\n", count: 100_000) + "the end\n"
        #expect(descriptor.write(text))
        async let received = pipe.read(until: "the end\n", pausing: 10_000)
        await descriptor.drain()
        #expect(await received == text)
        #expect(descriptor.condition == .open)
    }

    @Test func `a pipe that nobody reads holds nobody up`() throws {
        let pipe = try Pipe()
        try pipe.fill()
        let descriptor = Descriptor(pipe.writer, for: .conversation)
        // Were one of these to wait, this test would not end.
        #expect(!Self.lines.allSatisfy { descriptor.write($0) })
        #expect(descriptor.isBehind)
    }

    @Test func `what nobody read is counted for whoever reads again`() async throws {
        let pipe = try Pipe()
        try pipe.fill()
        let descriptor = Descriptor(pipe.writer, for: .conversation)
        let taken = Self.lines.count { descriptor.write($0) }
        _ = await pipe.read(until: Self.lines[taken - 1])
        await descriptor.drain()
        #expect(descriptor.write("read again\n"))
        let rest = await pipe.read(until: "read again\n")
        #expect(rest == "(nobody read \(Self.lines.count - taken) lines here)\nread again\n")
    }

    @Test func `an answer is never given with a gap`() async throws {
        let pipe = try Pipe()
        try pipe.fill()
        let descriptor = Descriptor(pipe.writer, for: .answer)
        let megabyte = String(repeating: "x", count: 1 << 20)
        for _ in 1...15 { #expect(descriptor.write(megabyte)) }
        #expect(!(0..<2).allSatisfy { _ in descriptor.write(megabyte) })
        #expect(!descriptor.write("small"))
        #expect(descriptor.condition == .failed(reason: "nobody reads it"))
    }

    @Test func `the end waits for a reader that stands still, but not for ever`() async throws {
        let pipe = try Pipe()
        try pipe.fill()
        let outlet = Outlet()
        outlet.add(Array("late\n".utf8), for: Descriptor(pipe.writer, for: .answer))
        await outlet.drain(patience: .milliseconds(20))
        let shown = await pipe.read(until: "late\n")
        #expect(shown.hasSuffix(".late\n"))
    }

    @Test func `an answer waits for its reader until somebody stops the wait`() async throws {
        #expect(Descriptor.Purpose.answer.patience == nil)
        let pipe = try Pipe()
        try pipe.fill()
        let descriptor = Descriptor(pipe.writer, for: .answer)
        #expect(descriptor.write("late\n"))
        let wait = Task { await descriptor.drain() }
        wait.cancel()
        await wait.value
        #expect(descriptor.condition == .failed(reason: "nobody reads it"))
    }

    @Test func `what was left out at the very end is announced`() async throws {
        let pipe = try Pipe()
        try pipe.fill()
        let descriptor = Descriptor(pipe.writer, for: .conversation)
        let taken = Self.lines.count { descriptor.write($0) }
        async let received = pipe.read(until: "lines here)\n")
        await descriptor.drain()
        #expect(await received.hasSuffix("(nobody read \(Self.lines.count - taken) lines here)\n"))
    }

    @Test func `a conversation that ends before anybody reads can still be read`() async throws {
        let pipe = try Pipe()
        try pipe.fill()
        let descriptor = Descriptor(pipe.writer, for: .conversation)
        #expect(descriptor.write("late\n"))
        await descriptor.drain()
        #expect(descriptor.condition == .open)
        #expect(await pipe.read(until: "late\n").hasSuffix(".late\n"))
    }

    @Test func `lines of a log that found a full disk are lost, and the next ones are tried again`()
        async throws
    {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        let descriptor = Descriptor(full)
        descriptor.writeNow("lost\n")
        try #require(descriptor.condition == .open)

        let pipe = try Pipe()
        try #require(dup2(pipe.writer, full) == full)
        descriptor.writeNow("written\n")
        #expect(await pipe.read(until: "\n") == "written\n")
        await descriptor.drain()
        #expect(descriptor.condition == .open)
    }

    @Test func `two streams to one place keep the order of their coming`() async throws {
        let pipe = try Pipe()
        let outlet = Outlet()
        let output = Descriptor(pipe.writer, for: .answer, through: outlet)
        let error = Descriptor(pipe.writer, for: .conversation, through: outlet)
        let words = (1...500).map { "\($0)\n" }
        for (index, word) in words.enumerated() {
            _ = (index.isMultiple(of: 2) ? output : error).write(word)
        }
        #expect(await pipe.read(until: "\n500\n") == words.joined())
    }
}
