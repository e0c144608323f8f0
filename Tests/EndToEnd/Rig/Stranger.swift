import Testing
import TrafficRig

/// Another service, that answers where a router believes green.
enum Stranger: Sendable, CaseIterable {
    /// It answers everything with 200, and does not say who it is.
    case nameless
    /// It says that it is somebody else.
    case named

    /// A proof that does not wait long for green.
    static let proof = """
        switch:
          prove: {consecutive: 20, within: 2s}
        """

    /// What the evidence says of its answers.
    var words: String {
        switch self {
        case .nameless: "no header X-Color"
        case .named: "answered by 'other'"
        }
    }

    func open(logs: TemporaryFolder, _ body: (_ port: Int) async throws -> Void) async throws {
        switch self {
        case .nameless:
            let page = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
            try await RudeServer.open({ _ in .answer(page) }) { try await body($0.port) }
        case .named:
            let other = try await ExampleService.start(color: "other", version: "9", logs: logs)
            defer { other.process.killAtOnce() }
            try await body(other.port)
        }
    }
}

extension Production {
    /// Runs `bluegreen WORDS` while the router sends to `stranger` what is green's, as `lead` makes it do
    /// with its port: users are on blue again when it ends, and it says who answered.
    func expectUndone(
        _ words: String..., with stranger: Stranger, lead: (_ port: Int) async throws -> Void
    ) async throws {
        try await stranger.open(logs: folder) { port in
            try await lead(port)
            #expect(try await answers(10) == ["blue": 10])
            let done = try await run(words)
            #expect(done.status == 11, "\(done)")
            #expect(done.errors.contains("did not show green often enough"), "\(done)")
            #expect(done.errors.contains("last other answer: \(stranger.words)"), "\(done)")
            #expect(try await answers(50) == ["blue": 50])
            let status = try await run("status")
            #expect(status.status == 0, "\(status)")
        }
    }
}
