/// Plays one case against a gateway on 127.0.0.1, whatever gateway that is, and says what was wrong.
package struct ConformanceRunner: Sendable {
    /// Where the gateway listens.
    package var port: Int
    /// What the gateway has for an upstream, and no other case uses at the same time.
    package var upstream: RawUpstream
    /// How long to wait for what must come, and then for what must not.
    package var patience: Duration

    package init(port: Int, upstream: RawUpstream, patience: Duration = .seconds(5)) {
        self.port = port
        self.upstream = upstream
        self.patience = patience
    }

    /// Sentences about what differed; none where the gateway did as it should.
    package func play(_ test: ConformanceCase) throws -> [String] {
        let seenBefore = upstream.received.count
        upstream.follow(script(of: test))
        let client = try RawClient(port: port)
        defer { client.close() }
        client.send(test.request)
        let hasNoBody = test.request.hasPrefix("HEAD ")
        client.read(within: patience) {
            MessageEnd.count(in: $0, hasNoBody: hasNoBody) >= test.answers
        }
        var complaints: [String] = []
        if let closes = test.closes, closes != hasClosed(client, closes) {
            complaints.append(closes ? "The connection stays open." : "The connection is closed.")
        }
        let seen = Array(upstream.received[seenBefore...])
        return complaints + judge(test, client: client, upstream: seen)
    }

    /// An answer that only the connection's end ends must be followed by that end.
    private func script(of test: ConformanceCase) -> RawUpstream.Script {
        let bytes = test.answer.octets
        let isCut = test.direction == .answer && !test.answer.contains("101 ")
        return RawUpstream.Script(isCut ? [.send(bytes), .endOutput] : [.send(bytes)])
    }

    private func hasClosed(_ client: RawClient, _ isExpected: Bool) -> Bool {
        client.readToEnd(within: isExpected ? patience : .milliseconds(30))
    }

    private func judge(
        _ test: ConformanceCase, client: RawClient, upstream: [UInt8]
    ) -> [String] {
        var complaints = judgeOutcome(test, client, upstream)
        for text in test.upstreamHas where !upstream.contains(text.octets) {
            complaints.append("The upstream did not get \(text.debugDescription).")
        }
        for text in test.upstreamLacks where upstream.contains(text.octets) {
            complaints.append("The upstream got \(text.debugDescription).")
        }
        for text in test.clientHas where !client.received.contains(text.octets) {
            complaints.append("The client did not get \(text.debugDescription).")
        }
        for text in test.clientLacks where client.received.contains(text.octets) {
            complaints.append("The client got \(text.debugDescription).")
        }
        guard !complaints.isEmpty else { return [] }
        return complaints + [
            "Client: \(client.text.prefix(400).debugDescription)",
            "Upstream: \(String(decoding: upstream.prefix(600), as: UTF8.self).debugDescription)",
        ]
    }

    private func judgeOutcome(
        _ test: ConformanceCase, _ client: RawClient, _ upstream: [UInt8]
    ) -> [String] {
        let status = finalStatus(client.received)
        let isWhole =
            MessageEnd.count(in: client.received, hasNoBody: test.request.hasPrefix("HEAD "))
            >= test.answers || (client.hasEnded && !client.wasReset)
        switch test.outcome {
        case .forwarded(let expected):
            return [
                upstream.isEmpty ? "The upstream got nothing." : nil,
                status == expected ? nil : "The status is \(status.map(String.init) ?? "missing").",
                isWhole ? nil : "The answer is not whole.",
            ].compactMap(\.self)
        case .refused(let expected):
            return [
                upstream.isEmpty ? nil : "The upstream got it.",
                status.map(expected.contains) == true
                    ? nil : "The status is \(status.map(String.init) ?? "missing").",
            ].compactMap(\.self)
        case .brokenOff(let expected):
            return status.map(expected.contains) == true
                ? [] : ["The status is \(status.map(String.init) ?? "missing")."]
        case .cutOff:
            let isWhole = MessageEnd.first(in: client.received) != nil
            return isWhole ? ["The client takes the part for the whole."] : []
        case .closed:
            return client.received.isEmpty && client.hasEnded ? [] : ["It was answered."]
        }
    }

    /// Of the first answer that is not interim.
    private func finalStatus(_ bytes: [UInt8]) -> Int? {
        var rest = String(decoding: bytes, as: UTF8.self)[...]
        while rest.hasPrefix("HTTP/1.1 1"), !rest.hasPrefix("HTTP/1.1 101"),
            let end = rest.firstRange(of: "\r\n\r\n")
        {
            rest = rest[end.upperBound...]
        }
        return rest.hasPrefix("HTTP/1.") ? Int(rest.dropFirst(9).prefix(3)) : nil
    }
}
