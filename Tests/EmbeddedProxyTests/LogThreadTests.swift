import Logging
import Testing

@testable import EmbeddedProxy

struct LogThreadTests {
    @Test func `a reader that stands still holds nobody up, and misses only what has no room`()
        async throws
    {
        let reader = try StalledReader()
        let thread = LogThread { reader.take($0) }
        let log = thread.logger("shop")
        for number in 1...1_200 { log.info("\(number)") }
        #expect(reader.lines.isEmpty)
        reader.goOn()
        await thread.drain(patience: aMinute)
        log.info("at last")
        await thread.drain(patience: aMinute)

        #expect(reader.words.prefix(1_000) == ArraySlice((1...1_000).map { "info shop: \($0)" }))
        #expect(
            reader.words.dropFirst(1_000)
                == ["notice shop: 200 more lines were left out.", "info shop: at last"])
    }

    @Test func `a line says when, how bad, who and what`() async throws {
        let reader = try StalledReader()
        reader.goOn()
        let thread = LogThread { reader.take($0) }
        var log = thread.logger("shop")
        log[metadataKey: "peer"] = "127.0.0.1"
        log.debug("nobody asked")
        log.warning("What?", metadata: ["status": "400", "peer": "10.0.0.1"])
        await thread.drain(patience: aMinute)

        #expect(reader.words == ["warning shop: peer=10.0.0.1 status=400 What?"])
        #expect(
            reader.lines.first?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ warning .*\n/)
                != nil)
    }

    @Test func `a reader that never reads again does not keep the proxy from ending`()
        async throws
    {
        let reader = try StalledReader()
        defer { reader.goOn() }
        let thread = LogThread { reader.take($0) }
        thread.logger("shop").info("last words")
        await thread.drain {}
        #expect(reader.lines.isEmpty)
    }

    // Cancelled means that all is written.
    private func aMinute() async { try? await Task.sleep(for: .seconds(60)) }
}
