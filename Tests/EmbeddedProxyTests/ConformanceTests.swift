import EmbeddedProxy
import ProxyConformance
import Testing

struct ConformanceTests {
    @Test(arguments: ConformanceTable.all)
    func `the proxy does what the RFC says`(test: ConformanceCase) async throws {
        try await TestProxy.run { proxy in
            let runner = ConformanceRunner(port: proxy.port, upstream: proxy.blue)

            let finding = try runner.play(test)

            #expect(
                finding.isAsExpected,
                "\(test.name) (\(test.section)): \(finding.summary)\n\(finding.evidence)")
        }
    }

    /// Not in the table: HAProxy 2.6 decides about it by memory that nobody has set, and the page could not
    /// be written twice the same.
    @Test func `a space before the colon of a trailer is refused`() async throws {
        try await TestProxy.run { proxy in
            let runner = ConformanceRunner(port: proxy.port, upstream: proxy.blue)
            var test = try #require(
                ConformanceTable.all.first { $0.name == "a trailer without a colon" })
            test.request = test.request.replacing("X-Sum\r\n", with: "X-Sum : 1\r\n")

            let finding = try runner.play(test)

            #expect(test.request.contains("X-Sum : 1") && finding.isAsExpected, "\(finding)")
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

        let finding = try runner.play(ambiguous)

        #expect(!finding.isAsExpected)
        #expect(finding.summary == "forwarded")
        await upstream.stop()
    }

    @Test func `a field that is not taken off is named, whatever the case of its name`()
        async throws
    {
        let upstream = try await RawUpstream.start()
        let runner = ConformanceRunner(port: upstream.port, upstream: upstream)
        var test = try #require(ConformanceTable.all.first { $0.name == "Keep-Alive ends here" })
        test.request = test.request.replacing("Keep-Alive", with: "keep-alive")

        #expect(try runner.play(test).summary == "forwarded; upstream gets `Keep-Alive`")
        await upstream.stop()
    }
}
