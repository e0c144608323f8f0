import Contracts
import Logging
import NIOCore
import PipelineModel

/// What all event loops of one proxy share; nothing of it changes while it runs.
struct Wiring: Sendable {
    let limits: ProxyLimits
    let times: TimeLimits
    let showsLive: Bool
    let trustedPeers: Set<String>
    let testers: HeaderMatch?
    let upstreams: [Color: Upstream]
    let routing: Routing
    let meter: TrafficMeter
    let admission: Admission
    /// Of open connections, whether they are admitted or about to be refused.
    let clientPlaces: Places
    let upstreamPlaces: Places
    /// Connections that one pool may keep.
    let idleUpstreams: Int
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

/// The lengths of time of the limits, in the event loop's own measure: they are added on every request.
struct TimeLimits: Sendable {
    let head: TimeAmount
    let idle: TimeAmount
    let transfer: TimeAmount
    let response: TimeAmount
    let upstreamIdle: TimeAmount
    let tunnelIdle: TimeAmount
    let hold: TimeAmount

    init(_ limits: ProxyLimits) {
        head = TimeAmount(limits.head)
        idle = TimeAmount(limits.idle)
        transfer = TimeAmount(limits.transfer)
        response = TimeAmount(limits.response)
        upstreamIdle = TimeAmount(limits.upstreamIdle)
        tunnelIdle = TimeAmount(limits.tunnelIdle)
        hold = TimeAmount(limits.hold)
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let parts = duration.components
        self = .nanoseconds(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }
}

extension NIODeadline {
    static func after(_ length: TimeAmount) -> NIODeadline { .now() + length }
}
