import FoundationEssentials
import NIOPosix
import ProxyConformance
import Testing
import TrafficRig

/// The built proxy passes every case of the conformance table, and `docs/proxy-conformance.md` shows what
/// nginx and HAProxy do with the same bytes. UPDATE_CONFORMANCE=1 writes that page.
@Suite(.enabled(if: ComparedProxy.areThere, "nginx or haproxy is not installed"))
struct ConformanceComparisonTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs/proxy-conformance.md")

    @Test func `the built proxy passes every case, and the page compares it with two others`()
        async throws
    {
        var columns: [ConformanceReport.Column] = []
        for proxy in ComparedProxy.allCases {
            let start = ContinuousClock.now
            columns.append(
                ConformanceReport.Column(
                    name: proxy.rawValue, version: try await proxy.version(),
                    findings: try await findings(of: proxy)))
            print("conformance: \(proxy.rawValue) took \(ContinuousClock.now - start)")
        }

        for (test, finding) in zip(ConformanceTable.all, columns[0].findings) {
            #expect(
                finding.isAsExpected,
                "\(test.name) (\(test.section)): \(finding.summary)\n\(finding.evidence)")
        }
        try expectPage(columns)
    }

    /// Strict about our own proxy. Another version of the other two may do otherwise, and on a busy machine
    /// a few of their answers may come too late to be seen.
    private func expectPage(_ columns: [ConformanceReport.Column]) throws {
        let fresh = ConformanceReport(columns).text
        if environmentVariable("UPDATE_CONFORMANCE") == "1" {
            return try Data(fresh.utf8).write(to: Self.page)
        }
        let written = String(decoding: try Data(contentsOf: Self.page), as: UTF8.self)
        let (ours, theirs) = (
            ConformanceReport.withoutComparison(fresh),
            ConformanceReport.withoutComparison(written)
        )
        for (new, old) in zip(ours, theirs) where new != old {
            Issue.record(
                "`make conformance` writes \(new.debugDescription), not \(old.debugDescription).")
        }
        #expect(ours.count == theirs.count, "`make conformance` writes a page of another length")

        let other = columns.dropFirst().map { "\($0.name) \($0.version)" }
            .filter { !written.contains(" \($0) ") }
        guard other.isEmpty else {
            return print("conformance: the page was made without \(other.joined(separator: ", "))")
        }
        let lines = zip(fresh.split(separator: "\n"), written.split(separator: "\n"))
        let different = lines.filter { $0 != $1 }.map { "\($0), not \($1)" }
        for line in different { print("conformance: \(line)") }
        #expect(different.count <= 4, "`make conformance` writes a page that says otherwise")
    }

    // MARK: Playing

    /// Connections to an upstream that a proxy keeps would carry one case over to the next, so each lane
    /// has its own upstream and plays one case at a time.
    private static let lanes = 8

    private func findings(of proxy: ComparedProxy) async throws -> [ConformanceFinding] {
        var upstreams: [RawUpstream] = []
        for _ in 0..<Self.lanes { upstreams.append(try await RawUpstream.start()) }
        let threads = NIOThreadPool(numberOfThreads: Self.lanes)
        threads.start()
        let findings = try await proxy.serve(upstreams: upstreams.map(\.port)) { ports in
            try await withThrowingTaskGroup(of: [(Int, ConformanceFinding)].self) { group in
                for (lane, (port, upstream)) in zip(ports, upstreams).enumerated() {
                    let runner = ConformanceRunner(
                        port: port, upstream: upstream, patience: .seconds(3),
                        calm: .milliseconds(100))
                    group.addTask { try await Self.play(lane, runner, on: threads) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        try await threads.shutdownGracefully()
        for upstream in upstreams { await upstream.stop() }
        return findings.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private static func play(
        _ lane: Int, _ runner: ConformanceRunner, on threads: NIOThreadPool
    ) async throws -> [(Int, ConformanceFinding)] {
        var findings: [(Int, ConformanceFinding)] = []
        for number in stride(from: lane, to: ConformanceTable.all.count, by: lanes) {
            let test = ConformanceTable.all[number]
            var finding = try await threads.runIfActive { try runner.play(test) }
            await runner.upstream.endConnections()
            if !finding.isAsExpected {
                // On a busy machine the connection of the case before may have come only now.
                finding = try await threads.runIfActive { try runner.play(test) }
                await runner.upstream.endConnections()
            }
            findings.append((number, finding))
        }
        return findings
    }
}
