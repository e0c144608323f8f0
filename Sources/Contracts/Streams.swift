/// One question and one answer over a socket: how routers with a line protocol are spoken to.
package struct Streams: Sendable {
    /// Connects, sends everything, closes its own side unless the request keeps it open, and reads to the
    /// end.
    package var exchange: @Sendable (StreamRequest) async throws(StreamFailure) -> [UInt8]

    package init(
        exchange: @escaping @Sendable (StreamRequest) async throws(StreamFailure) -> [UInt8]
    ) {
        self.exchange = exchange
    }
}

package struct StreamRequest: Hashable, Sendable {
    package enum Endpoint: Hashable, Sendable {
        case unix(path: String)
        case tcp(host: String, port: Int)
    }

    package var endpoint: Endpoint
    package var bytes: [UInt8]
    /// Covers everything, from connecting to the last byte.
    package var timeout: Duration
    package var answerLimit: Int
    /// A server that takes a closed side for a client that has gone must be asked so.
    package var keepsOpen: Bool

    package init(
        _ endpoint: Endpoint, bytes: [UInt8], timeout: Duration, answerLimit: Int = 8 << 20,
        keepsOpen: Bool = false
    ) {
        self.endpoint = endpoint
        self.bytes = bytes
        self.timeout = timeout
        self.answerLimit = answerLimit
        self.keepsOpen = keepsOpen
    }
}

package struct StreamFailure: Error, Hashable, Sendable {
    /// Whether a byte had left before it went wrong: then the other side may have acted, or may later.
    package var mayHaveActed: Bool
    /// Certainly no process listens there; where that is not certain it is false.
    package var isNobodyThere: Bool
    /// `connection refused`
    package var message: String

    package init(mayHaveActed: Bool, isNobodyThere: Bool = false, _ message: String) {
        self.mayHaveActed = mayHaveActed
        self.isNobodyThere = isNobodyThere
        self.message = message
    }
}

extension StreamRequest.Endpoint: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unix(let path): path
        case .tcp(let host, let port): "\(host):\(port)"
        }
    }
}
