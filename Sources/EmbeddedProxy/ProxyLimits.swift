/// How much one peer, one message and one silence may cost. Lengths of time are checked about four
/// times per shortest limit, so a limit may be passed by a quarter of it.
package struct ProxyLimits: Hashable, Sendable {
    // Of one message.
    /// Bytes of a request line: 414.
    package var requestLine = 8 * 1024
    /// Bytes of a whole head: 431; of an answer: 502.
    package var headBytes = 32 * 1024
    /// Header fields of a head: 431; of an answer: 502.
    package var headFields = 100
    /// Bytes of a request body: 413. `nil` is no limit.
    package var bodyBytes: Int?

    // Of connections.
    /// Open connections of clients, all together: 503.
    package var connections = 10_000
    /// Open connections of one IP address: 503. `nil` is no limit.
    package var connectionsPerPeer: Int?
    /// Idle connections kept per event loop and colour.
    package var idleUpstreams = 512

    // Of time.
    /// From the first byte of a head to its last: 408.
    package var head: Duration = .seconds(10)
    /// Between two requests on one connection: it is closed without a word.
    package var idle: Duration = .seconds(75)
    /// Without a byte of a body in either direction: 408 where nothing was answered yet.
    package var transfer: Duration = .seconds(60)
    /// For a connection to an upstream: 504.
    package var connect: Duration = .seconds(3)
    /// From the whole request to the head of the answer: 504.
    package var response: Duration = .seconds(60)
    /// For an upstream connection that waits for its next request.
    package var upstreamIdle: Duration = .seconds(30)
    /// For a tunnel without a byte in either direction.
    package var tunnelIdle: Duration = .seconds(3600)

    // Of a pause.
    /// Requests that are held at one time: 503.
    package var held = 1_000
    /// For one held request: 503.
    package var hold: Duration = .seconds(30)

    package init() {}
}

extension ProxyLimits {
    /// How often lengths of time are looked at.
    var resolution: Duration {
        let shortest =
            [head, idle, transfer, response, upstreamIdle, tunnelIdle, hold].min() ?? head
        return min(max(shortest / 4, .milliseconds(5)), .milliseconds(250))
    }
}
