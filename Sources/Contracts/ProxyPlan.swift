package import PipelineModel

/// What `bluegreen proxy` tells the embedded proxy, once, when it starts.
package struct ProxyPlan: Hashable, Sendable {
    package var listen: NetworkAddress
    /// Requests that arrive here always go to idle.
    package var preview: NetworkAddress?
    /// Requests through the front door that go to idle too.
    package var testers: Preview?
    /// Answers `GET /metrics`.
    package var metrics: NetworkAddress?
    /// The path of the admin socket.
    package var admin: String
    /// What belongs to the address: the log, and where its register is. Created where it is missing.
    package var folder: String
    /// Where the proxy keeps which colour is live, whatever it listens on. Created where it is missing.
    package var register: String
    package var upstreams: [Color: NetworkAddress]
    /// IP addresses whose `X-Forwarded-*` and `Forwarded` are believed.
    package var trustedPeers: Set<String>
    /// One JSON line for each request.
    package var writesAccessLog: Bool
    /// Adds `X-Live` to every answer.
    package var showsLive: Bool
    package var limits: Limits

    /// `nil` is the proxy's own standard.
    package struct Limits: Hashable, Sendable {
        /// Bytes of a request body.
        package var body: Int?
        package var connections: Int?
        package var connectionsPerPeer: Int?
        /// Between two requests on one connection.
        package var idle: Duration?
        package var connect: Duration?
        /// From the whole request to the head of the answer.
        package var response: Duration?

        package init() {}
    }

    package init(
        listen: NetworkAddress, admin: String, folder: String,
        upstreams: [Color: NetworkAddress] = [:]
    ) {
        self.listen = listen
        self.admin = admin
        self.folder = folder
        register = folder
        self.upstreams = upstreams
        trustedPeers = []
        writesAccessLog = false
        showsLive = false
        limits = Limits()
    }
}

/// A host and a port; IPv6 addresses are without brackets.
package struct NetworkAddress: Hashable, Sendable {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

extension NetworkAddress: CustomStringConvertible {
    /// `127.0.0.1:8080`, `[::1]:8080`
    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// What `description` writes; `nil` for everything else.
    package init?(_ text: String) {
        guard let (host, port) = WebAddress.hostAndPort(text) else { return nil }
        self.init(bracketed: host, port: port)
    }

    package init(bracketed host: String, port: Int) {
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        self.init(host: isBracketed ? String(host.dropFirst().dropLast()) : host, port: port)
    }
}
