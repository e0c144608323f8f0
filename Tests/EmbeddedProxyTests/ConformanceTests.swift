import EmbeddedProxy
import ProxyConformance
import Testing

struct ConformanceTests {
    @Test(arguments: ConformanceTable.all)
    func `the proxy does what the RFC says`(test: ConformanceCase) async throws {
        try await TestProxy.run { proxy in
            let runner = ConformanceRunner(port: proxy.port, upstream: proxy.blue)

            let complaints = try runner.play(test)

            #expect(complaints.isEmpty, "\(test.name) (\(test.section))")
        }
    }

    @Test func `the table has enough cases, and every one its own name`() {
        let names = ConformanceTable.all.map { "\($0.direction) \($0.name)" }

        #expect(names.count >= 150)
        #expect(Set(names).count == names.count)
    }

    @Test func `a gateway that passes everything on is found out`() async throws {
        let upstream = try await RawUpstream.start()
        let runner = ConformanceRunner(
            port: upstream.port, upstream: upstream, patience: .milliseconds(200))
        let ambiguous = try #require(
            ConformanceTable.all.first { $0.name == "a length and chunked" })

        #expect(try !runner.play(ambiguous).isEmpty)
        await upstream.stop()
    }
}
