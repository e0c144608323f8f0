/// What a gateway did with one case, and what of that differs from the table.
package struct ConformanceFinding: Sendable {
    /// In a few words, such as `forwarded`, `400` or `no answer`.
    package let deed: String
    /// The message met the fate that the table asks for.
    package let hasRightOutcome: Bool
    /// Short phrases about the rest: what is there and should not be, or the other way round.
    package let details: [String]
    /// What both sides got, for a person who looks for the reason.
    package let evidence: String

    package var isAsExpected: Bool { hasRightOutcome && details.isEmpty }
    package var summary: String { ([deed] + details).joined(separator: "; ") }

    init(_ test: ConformanceCase, client: RawClient, upstream: [UInt8]) {
        let seen = Seen(test, client, upstream)
        deed = seen.deed
        hasRightOutcome = seen.isRight
        var details = seen.texts
        if hasRightOutcome, let closes = test.closes, closes != client.hasEnded {
            details.append(closes ? "stays open" : "closes")
        }
        self.details = details
        evidence = """
            Client: \(client.text.prefix(400).debugDescription)
            Upstream: \(String(decoding: upstream.prefix(600), as: UTF8.self).debugDescription)
            """
    }
}

/// What can be seen from both sides of the gateway.
private struct Seen {
    private let test: ConformanceCase
    private let received: [UInt8]
    private let upstream: [UInt8]
    private let hasEnded: Bool
    /// Of the first answer that is not interim.
    private let status: Int?
    private let isWhole: Bool

    init(_ test: ConformanceCase, _ client: RawClient, _ upstream: [UInt8]) {
        self.test = test
        self.upstream = upstream
        received = client.received
        hasEnded = client.hasEnded
        status = Self.finalStatus(client.received)
        let hasNoBody = test.request.hasPrefix("HEAD ")
        isWhole =
            MessageEnd.count(in: client.received, hasNoBody: hasNoBody) >= test.answers
            || (client.hasEnded && !client.wasReset)
    }

    private static func finalStatus(_ bytes: [UInt8]) -> Int? {
        var rest = String(decoding: bytes, as: UTF8.self)[...]
        while rest.hasPrefix("HTTP/1.1 1"), !rest.hasPrefix("HTTP/1.1 101"),
            let end = rest.firstRange(of: "\r\n\r\n")
        {
            rest = rest[end.upperBound...]
        }
        return rest.hasPrefix("HTTP/1.") ? Int(rest.dropFirst(9).prefix(3)) : nil
    }

    var isRight: Bool {
        switch test.outcome {
        case .forwarded(let expected): !upstream.isEmpty && status == expected && isWhole
        case .refused(let expected): upstream.isEmpty && status.map(expected.contains) == true
        case .brokenOff(let expected): status.map(expected.contains) == true
        case .cutOff: isCutOff || status == 502 || (received.isEmpty && hasEnded)
        }
    }

    var deed: String {
        switch test.direction {
        case .request where upstream.isEmpty: answer
        case .request where status == 200 && isWhole: "forwarded"
        case .request: "forwarded, then \(answer)"
        case .answer where status == 502 || received.isEmpty: answer
        case .answer where isCutOff: "cut off"
        case .answer: isWhole ? "passed on" : "never finished"
        }
    }

    private var answer: String {
        if let status { return isWhole ? "\(status)" : "\(status), not whole" }
        guard received.isEmpty else { return "an answer without a head" }
        return hasEnded ? "closed without an answer" : "no answer"
    }

    /// The client was told how to find the end, and it never came.
    private var isCutOff: Bool {
        let saysItsEnd = ["content-length:", "transfer-encoding:"].contains(
            where: received.mentions)
        return hasEnded && saysItsEnd && MessageEnd.first(in: received) == nil
    }

    var texts: [String] {
        let missing = isRight ? test.upstreamHas.filter { !upstream.hasLines($0) } : []
        let lost = isRight ? test.clientHas.filter { !received.hasLines($0) } : []
        return [
            phrase("upstream lacks", missing),
            phrase("upstream gets", test.upstreamLacks.filter(upstream.mentions)),
            phrase("client lacks", lost),
            phrase("client gets", test.clientLacks.filter(received.mentions)),
        ].compactMap(\.self)
    }

    private func phrase(_ words: String, _ texts: [String]) -> String? {
        guard !texts.isEmpty else { return nil }
        return "\(words) \(texts.map(quoted).joined(separator: ", "))"
    }

    /// As code in Markdown.
    private func quoted(_ text: String) -> String {
        let mark = text.contains("`") ? "``" : "`"
        return mark + text.debugDescription.dropFirst().dropLast() + mark
    }
}

extension [UInt8] {
    /// Whether `text` is in it, with field names in any case.
    fileprivate func hasLines(_ text: String) -> Bool {
        contains(text.octets) || loweringNames.contains(text.octets.loweringNames)
    }

    /// Whether `text` is in it, in any case.
    fileprivate func mentions(_ text: String) -> Bool {
        map(\.lowered).contains(text.octets.map(\.lowered))
    }

    /// With what stands before the first colon of each line in lower case.
    private var loweringNames: [UInt8] {
        var (result, isName) = (self, true)
        for (index, byte) in enumerated() {
            isName = byte == UInt8(ascii: "\n") || (isName && byte > 32 && byte != 58)
            if isName { result[index] = byte.lowered }
        }
        return result
    }
}

extension UInt8 {
    fileprivate var lowered: UInt8 { (65...90).contains(self) ? self | 0x20 : self }
}
