package import Contracts
package import Logging
import NIOCore
import NIOPosix
package import PipelineModel

extension ProxySettings {
    package static var defaultThreads: Int { System.coreCount }
}

/// The data plane: takes connections, sends every request to the colour that the route names.
package final class ProxyServer: Sendable {
    private let settings: ProxySettings
    private let routing: Routing
    private let meter: TrafficMeter
    private let log: Logger
    private let accessLog: AccessLog?

    package init(
        settings: ProxySettings, routing: Routing, meter: TrafficMeter, log: Logger,
        accessLog: AccessLog? = nil
    ) {
        self.settings = settings
        self.routing = routing
        self.meter = meter
        self.log = log
        self.accessLog = accessLog
    }

    /// Returns when connections are accepted, with the ports that are listened on. May be called once.
    package func start() async throws(Failure) -> (public: Int, preview: Int?) {
        throw Failure(.routerUnreachable, "The proxy is not built yet.")
    }

    /// Cuts the tunnels that go to this colour. Repeating is safe.
    package func closeTunnels(on color: Color) {}

    /// Accepts nothing new, lets requests under way finish for as long as `grace`, then closes what is
    /// left, tunnels too. Repeating is safe.
    package func stop(grace: Duration) async {}
}
