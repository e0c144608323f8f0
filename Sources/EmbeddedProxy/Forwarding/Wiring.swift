import Contracts
import Logging
import NIOCore
import PipelineModel

/// What all event loops of one proxy share; nothing of it changes while it runs.
struct Wiring: Sendable {
    let limits: ProxyLimits
    let showsLive: Bool
    let trustedPeers: Set<String>
    let upstreams: [Color: Upstream]
    let routing: Routing
    let meter: TrafficMeter
    let admission: Admission
    let log: Logger
    let accessLog: AccessLog?

    /// One colour's address, resolved.
    struct Upstream: Sendable {
        var address: SocketAddress
        /// For requests that name no host.
        var host: String
    }

    var headLimits: HeadScanner.Limits {
        HeadScanner.Limits(
            firstLine: limits.requestLine, bytes: limits.headBytes, lines: limits.headFields)
    }

    /// Of answers and of trailers, which have no request line.
    var answerLimits: HeadScanner.Limits {
        HeadScanner.Limits(
            firstLine: limits.headBytes, bytes: limits.headBytes, lines: limits.headFields)
    }

    func upstream(_ color: Color) -> Upstream {
        guard let upstream = upstreams[color] else {
            preconditionFailure("a proxy starts only with an upstream for both colours")
        }
        return upstream
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let parts = duration.components
        self = .nanoseconds(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }
}

extension NIODeadline {
    static func after(_ duration: Duration) -> NIODeadline { .now() + TimeAmount(duration) }
}
