import Logging
import NIOCore
import Testing

@testable import EmbeddedProxy

struct AccessLogThreadTests {
    private static let line = String(repeating: "x", count: 1023) + "\n"
    private static let batch = ByteBuffer(string: String(repeating: line, count: 32))

    @Test func `a reader that stands still gets the first megabyte, and the number of the rest`()
        async throws
    {
        let (reader, said) = (try StalledReader(), LogLines())
        let thread = AccessLogThread(print: { reader.take($0) }, log: said.logger)
        for _ in 1...100 { thread.accessLog.write(Self.batch) }
        #expect(said.all.isEmpty)
        reader.goOn()
        await thread.drain(patience: aMinute)

        #expect(reader.lines == Array(repeating: Self.line, count: 1_024))
        #expect(said.all == ["access log: 2176 lines dropped, the reader was too slow "])

        thread.accessLog.write(ByteBuffer(string: "at last\n"))
        await thread.drain(patience: aMinute)
        #expect(reader.lines.last == "at last\n")
        #expect(said.all.count == 1)
    }

    @Test func `a few lines in a large buffer take the room of a few lines`() async throws {
        let (reader, said) = (try StalledReader(), LogLines())
        let thread = AccessLogThread(print: { reader.take($0) }, log: said.logger)
        for _ in 1...2_000 {
            var buffer = ByteBuffer()
            buffer.reserveCapacity(64 * 1024)
            buffer.writeString("short\n")
            thread.accessLog.write(buffer)
        }
        reader.goOn()
        await thread.drain(patience: aMinute)
        #expect(reader.lines.count == 2_000)
        #expect(said.all.isEmpty)
    }

    @Test func `a reader that never reads again does not keep the proxy from ending`()
        async throws
    {
        let (reader, said) = (try StalledReader(), LogLines())
        defer { reader.goOn() }
        let thread = AccessLogThread(print: { reader.take($0) }, log: said.logger)
        for _ in 1...33 { thread.accessLog.write(Self.batch) }
        await thread.drain {}
        #expect(reader.lines.isEmpty)
        #expect(said.all == ["access log: 32 lines dropped, the reader was too slow "])
    }

    // Cancelled means that all is written.
    private func aMinute() async { try? await Task.sleep(for: .seconds(60)) }
}
