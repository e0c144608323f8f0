/// Plays one case against a gateway on 127.0.0.1, whatever gateway that is, and says what it did.
package struct ConformanceRunner: Sendable {
    /// Where the gateway listens.
    package var port: Int
    /// What the gateway has for an upstream, and no other case uses at the same time.
    package var upstream: RawUpstream
    /// How long to wait for what must come.
    package var patience: Duration
    /// How long to wait for what must not come.
    package var calm: Duration

    package init(
        port: Int, upstream: RawUpstream, patience: Duration = .seconds(5),
        calm: Duration = .milliseconds(30)
    ) {
        self.port = port
        self.upstream = upstream
        self.patience = patience
        self.calm = calm
    }

    package func play(_ test: ConformanceCase) throws -> ConformanceFinding {
        let seenBefore = upstream.received.count
        upstream.follow(script(of: test))
        let client = try RawClient(port: port)
        defer { client.close() }
        client.send(test.request)
        let hasNoBody = test.request.hasPrefix("HEAD ")
        client.read(within: patience) {
            MessageEnd.count(in: $0, hasNoBody: hasNoBody) >= test.answers
        }
        // What was smuggled arrives now, and so does a close.
        client.readToEnd(within: calm)
        let finding = finding(test, client, since: seenBefore)
        guard finding.hasRightOutcome, test.closes == true, !client.hasEnded else { return finding }
        client.readToEnd(within: patience)
        return self.finding(test, client, since: seenBefore)
    }

    private func finding(
        _ test: ConformanceCase, _ client: RawClient, since start: Int
    ) -> ConformanceFinding {
        ConformanceFinding(test, client: client, upstream: Array(upstream.received[start...]))
    }

    /// An answer that only the connection's end ends must be followed by that end.
    private func script(of test: ConformanceCase) -> RawUpstream.Script {
        let bytes = test.answer.octets
        let isCut = test.direction == .answer && !test.answer.contains("101 ")
        return RawUpstream.Script(isCut ? [.send(bytes), .endOutput] : [.send(bytes)])
    }
}
