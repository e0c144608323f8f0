/// Requests over HTTP/1.1, or HTTP/2 where TLS agrees on it. Redirects are not followed.
package struct HTTP: Sendable {
    /// Sends one request; `timeout` covers everything from connecting to the last byte of the body.
    /// Any status is an answer, not a failure.
    package var send: @Sendable (HTTPRequest) async throws(HTTPFailure) -> HTTPAnswer

    package init(send: @escaping @Sendable (HTTPRequest) async throws(HTTPFailure) -> HTTPAnswer) {
        self.send = send
    }

    /// Sends `request`; the failure says what was asked and why there is no answer.
    package func answer(to request: HTTPRequest) async throws(Failure) -> HTTPAnswer {
        do throws(HTTPFailure) {
            return try await send(request)
        } catch {
            throw error.failure(of: request)
        }
    }
}

package struct HTTPRequest: Hashable, Sendable {
    package var method: String
    package var url: String
    package var headers: [HTTPField]
    package var body: [UInt8]
    package var timeout: Duration
    /// Larger bodies are a failure.
    package var bodyLimit: Int
    /// A connection that nobody has used before and nobody uses after.
    package var isOnFreshConnection: Bool
    /// A PEM file with the authorities to trust instead of the system's.
    package var caFile: String?
    /// `host:port` to connect to instead of the address in `url`.
    package var connectTo: String?

    package init(
        _ method: String = "GET", _ url: String, headers: [HTTPField] = [], body: [UInt8] = [],
        timeout: Duration = .seconds(5), bodyLimit: Int = 1 << 20,
        isOnFreshConnection: Bool = false, caFile: String? = nil, connectTo: String? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.bodyLimit = bodyLimit
        self.isOnFreshConnection = isOnFreshConnection
        self.caFile = caFile
        self.connectTo = connectTo
    }
}

package struct HTTPField: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

package struct HTTPAnswer: Hashable, Sendable {
    package var status: Int
    package var headers: [HTTPField]
    package var body: [UInt8]
    /// From before connecting to the last byte.
    package var elapsed: Duration

    package init(
        status: Int, headers: [HTTPField] = [], body: [UInt8] = [], elapsed: Duration = .zero
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.elapsed = elapsed
    }

    /// The first header of this name; case does not matter.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

package struct HTTPFailure: Error, Hashable, Sendable {
    package enum Reason: String, Codable, Sendable {
        case badURL
        case unresolved
        case refused
        case timedOut
        case reset
        case tls
        case garbled
        case tooLarge
        case cancelled
        case other
    }

    package var reason: Reason
    /// `connection refused by 127.0.0.1:8080`
    package var message: String

    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

extension HTTPFailure {
    /// Whether the request may have been read by somebody, or may be later.
    package var mayHaveActed: Bool {
        switch reason {
        case .badURL, .unresolved, .refused: false
        // An alert of TLS may come after the request, too.
        case .tls, .timedOut, .reset, .garbled, .tooLarge, .cancelled, .other: true
        }
    }

    package func failure(of request: HTTPRequest) -> Failure {
        Failure(.httpFailed, "\(request.method) \(request.url): \(message)")
    }
}
