/// Bytes that are sent through a gateway, and what a correct one does with them.
package struct ConformanceCase: Sendable {
    package enum Direction: String, Sendable {
        case request
        case answer
    }

    /// What becomes of the message that the case is about.
    package enum Outcome: Hashable, Sendable {
        /// It arrives at the other side, and the client gets this status.
        case forwarded(Int)
        /// One of these statuses comes from the gateway itself; the upstream never sees the message.
        case refused([Int])
        /// The head may have gone on, but the message is never finished, and the client gets one of
        /// these statuses from the gateway.
        case brokenOff([Int])
        /// The client has got a part, or nothing, and is cut off, so that it cannot take the part for the
        /// whole; or it has got a 502 instead.
        case cutOff
    }

    package var name: String
    /// Such as `RFC 9112, 6.3`.
    package var section: String
    package var direction: Direction
    package var request: String
    /// What the upstream answers.
    package var answer: String
    package var outcome: Outcome
    /// How many answers the client gets.
    package var answers = 1
    /// The connection is closed after the last answer, or is not. Unset: either.
    package var closes: Bool?
    package var upstreamHas: [String] = []
    package var upstreamLacks: [String] = []
    package var clientHas: [String] = []
    package var clientLacks: [String] = []

    /// The outcome in a few words.
    package var expectation: String {
        switch outcome {
        case .forwarded(200) where direction == .request: "forwarded"
        case .forwarded where direction == .answer: "passed on"
        case .forwarded(let status): "forwarded, \(status)"
        case .refused(let statuses), .brokenOff(let statuses):
            statuses.map(String.init).joined(separator: " or ")
        case .cutOff: "cut off or 502"
        }
    }
}

extension ConformanceCase {
    package static let plainAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    package static let plainRequest = "GET / HTTP/1.1\r\nHost: shop\r\n\r\n"

    /// A request that may pass; each of `has` arrives at the upstream, none of `lacks` does.
    static func passes(
        _ name: String, _ section: String, _ request: String, has: [String] = [],
        lacks: [String] = [], answers: Int = 1, closes: Bool? = nil
    ) -> ConformanceCase {
        ConformanceCase(
            name: name, section: section, direction: .request, request: request,
            answer: plainAnswer, outcome: .forwarded(200), answers: answers, closes: closes,
            upstreamHas: has, upstreamLacks: lacks)
    }

    static func refused(
        _ name: String, _ section: String, _ request: String, _ statuses: [Int] = [400]
    ) -> ConformanceCase {
        ConformanceCase(
            name: name, section: section, direction: .request, request: request,
            answer: plainAnswer, outcome: .refused(statuses), closes: true)
    }

    /// The body turns out malformed after its head was read.
    static func brokenBody(
        _ name: String, _ section: String, _ body: String, _ statuses: [Int] = [400]
    ) -> ConformanceCase {
        ConformanceCase(
            name: name, section: section, direction: .request,
            request: "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n" + body,
            answer: plainAnswer, outcome: .brokenOff(statuses), closes: true,
            upstreamLacks: ["/smuggled", "0\r\n\r\n"])
    }

    /// An answer that may pass; each of `has` arrives at the client, none of `lacks` does.
    static func answerPasses(
        _ name: String, _ section: String, _ answer: String, to request: String = plainRequest,
        status: Int = 200, has: [String] = [], lacks: [String] = [], closes: Bool? = nil
    ) -> ConformanceCase {
        ConformanceCase(
            name: name, section: section, direction: .answer, request: request, answer: answer,
            outcome: .forwarded(status), closes: closes, clientHas: has, clientLacks: lacks)
    }

    static func answerRefused(
        _ name: String, _ section: String, _ answer: String, to request: String = plainRequest
    ) -> ConformanceCase {
        ConformanceCase(
            name: name, section: section, direction: .answer, request: request, answer: answer,
            outcome: .brokenOff([502]), clientLacks: ["poison"])
    }

    static func answerCutOff(
        _ name: String, _ section: String, _ answer: String
    ) -> ConformanceCase {
        ConformanceCase(
            name: name, section: section, direction: .answer, request: plainRequest,
            answer: answer, outcome: .cutOff)
    }
}
