import Contracts
import PipelineModel

/// One request and the judgement of its answer.
struct Exchange: Sendable {
    let request: RequestTemplate
    let expectation: ExpectedAnswer
    let http: HTTP

    struct Outcome {
        var isGood: Bool
        /// `GET http://127.0.0.1:8082/healthz: status 503, expected 200; took 12 ms; body: ...`
        var evidence: String
        var url: String
        var answer: HTTPAnswer
    }

    /// Sends the request on a connection of its own.
    ///
    /// - Throws: where there is no answer to judge; the message then begins like the evidence.
    func perform(
        _ context: StepContext, cookies: CookieJar = CookieJar()
    ) async throws(Failure) -> Outcome {
        var filled = try request.filled(context)
        filled.isOnFreshConnection = true
        if let cookie = cookies.header(for: filled.url) { filled.headers.append(cookie) }
        let answer = try await http.answer(to: filled)
        let judgement = try expectation.judge(answer, context.substitutes)
        let body = judgement.isGood ? "" : "; " + Self.shown(answer.body)
        return Outcome(
            isGood: judgement.isGood,
            evidence: "\(filled.method) \(filled.url): \(judgement.evidence)\(body)",
            url: filled.url, answer: answer)
    }

    private static func shown(_ body: [UInt8]) -> String {
        body.isEmpty ? "no body" : "body: \(Wording.excerpt(body))"
    }
}
