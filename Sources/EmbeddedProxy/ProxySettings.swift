import NIOCore
package import PipelineModel

/// What a proxy is told once, when it starts.
package struct ProxySettings: Sendable {
    /// A host name or an IP address, and a port; port 0 asks the system for a free one.
    package struct Address: Hashable, Sendable {
        package var host: String
        package var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    package var listen: Address
    /// Requests that arrive here always go to idle, and are not metered.
    package var preview: Address?
    /// So do requests that match, at the front door.
    package var testers: HeaderMatch?
    /// Both colours must be there. Names are resolved once, at the start.
    package var upstreams: [Color: Address]
    package var limits: ProxyLimits
    /// Writes one JSON line per request.
    package var accessLog: Bool
    /// Adds `X-Live` with the colour that was chosen to every answer of an upstream.
    package var showsLive: Bool
    /// IP addresses whose `X-Forwarded-*` and `Forwarded` are believed.
    package var trustedPeers: Set<String>
    /// Event loops; one thread each.
    package var threads: Int

    package init(
        listen: Address, preview: Address? = nil, testers: HeaderMatch? = nil,
        upstreams: [Color: Address],
        limits: ProxyLimits = ProxyLimits(), accessLog: Bool = false, showsLive: Bool = false,
        trustedPeers: Set<String> = [], threads: Int? = nil
    ) {
        self.listen = listen
        self.preview = preview
        self.testers = testers
        self.upstreams = upstreams
        self.limits = limits
        self.accessLog = accessLog
        self.showsLive = showsLive
        self.trustedPeers = trustedPeers
        self.threads = max(1, threads ?? Self.defaultThreads)
    }
}

extension ProxySettings {
    package static var defaultThreads: Int { System.coreCount }
}
