/// What one colour has answered since the proxy started, and what it is answering now.
package struct TrafficSnapshot: Hashable, Sendable {
    /// Requests that an answer, or the failure to get one, has ended.
    package var requests = 0
    /// Answers by class: 200...299, 300...399, 400...499, 500...599. Answers that the proxy made itself
    /// because the upstream gave none are in `unanswered` instead.
    package var successes = 0
    package var redirections = 0
    package var clientErrors = 0
    package var serverErrors = 0
    /// Refused, reset, garbled, cut off or too late: the upstream gave no whole answer.
    package var unanswered = 0
    /// Requests that the client gave up or spoilt; neither a success nor a failure.
    package var abandoned = 0

    package var requestsInFlight = 0
    package var tunnels = 0
    package var inFlight: Int { requestsInFlight + tunnels }

    /// From the request's head to the last byte of the answer; tunnels are not in it.
    package var latency = LatencySnapshot()

    package init() {}
}
