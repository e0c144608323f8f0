package import Contracts
package import Logging
import NIOCore
import NIOPosix
package import PipelineModel
import Synchronization

/// The data plane: takes connections, sends every request to the colour that the route names.
package final class ProxyServer: Sendable {
    private let settings: ProxySettings
    private let routing: Routing
    private let meter: TrafficMeter
    private let log: Logger
    private let accessLog: AccessLog?
    private let running = Mutex<Running?>(nil)

    /// What exists only between `bind` and `stop`.
    private struct Running {
        var group: MultiThreadedEventLoopGroup
        var lanes: [NIOLoopBound<Lane>]
        var listeners: [any Channel]
    }

    package init(
        settings: ProxySettings, routing: Routing, meter: TrafficMeter, log: Logger,
        accessLog: AccessLog? = nil
    ) {
        self.settings = settings
        self.routing = routing
        self.meter = meter
        self.log = log
        self.accessLog = settings.accessLog ? accessLog : nil
    }

    /// Takes its addresses; who connects waits for `accept()`. Returns the ports. May be called once.
    package func bind() async throws(Failure) -> (public: Int, preview: Int?) {
        let wiring = try makeWiring()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.threads)
        var started = Running(group: group, lanes: [], listeners: [])
        do {
            started.lanes = try await Self.makeLanes(wiring, on: group)
            let doors = Doors(started.lanes, wiring)
            let front = try await doors.open(settings.listen, isPreview: false, on: group)
            started.listeners.append(front)
            if let preview = settings.preview {
                started.listeners.append(try await doors.open(preview, isPreview: true, on: group))
            }
        } catch {
            for listener in started.listeners { listener.close(promise: nil) }
            await Self.shutDown(group)
            throw Failure(
                .routerUnreachable, "The proxy cannot listen: \(error)",
                hint: "Is another process listening on the same address?")
        }
        let ports = started.listeners.compactMap(\.localAddress?.port)
        let result = started
        running.withLock { $0 = result }
        Self.tickAll(started.lanes, every: settings.limits.resolution)
        return (ports[0], ports.count > 1 ? ports[1] : nil)
    }

    /// Begins to serve.
    package func accept() {
        for listener in running.withLock({ $0?.listeners ?? [] }) {
            listener.setOption(.autoRead, value: true).whenFailure { error in
                self.log.error("A listener is closed: \(error)")
            }
        }
    }

    /// Cuts the tunnels that go to this colour, and refuses those that were asked for and not granted
    /// yet. Once it returns, only requests that are read from now on open one. Repeating is safe.
    package func closeTunnels(on color: Color) async {
        for lane in running.withLock({ $0?.lanes ?? [] }) {
            // An event loop that has shut down has no tunnels.
            try? await lane.eventLoop.submit { lane.value.closeTunnels(on: color) }.get()
        }
    }

    /// Asks every event loop, one after the other. Has no side effect.
    package func load() async -> ProxyLoad {
        var sum = ProxyLoad()
        for lane in running.withLock({ $0?.lanes ?? [] }) {
            // An event loop that has shut down carries nothing.
            let load = (try? await lane.eventLoop.submit { lane.value.load }.get()) ?? ProxyLoad()
            sum.add(load)
        }
        return sum
    }

    /// Accepts nothing new, lets requests under way finish for as long as `grace`, then closes what is
    /// left, tunnels too. Repeating is safe.
    package func stop(grace: Duration) async {
        let stopping = running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let stopping else { return }
        for listener in stopping.listeners {
            // An error here means that it was closed before, which is what is wanted.
            try? await listener.close()
        }
        let emptied = stopping.lanes.map { lane in
            lane.eventLoop.flatSubmit { lane.value.quiesce() }
        }
        let cut = stopping.lanes.map { lane in
            lane.eventLoop.scheduleTask(in: TimeAmount(grace)) { lane.value.closeAll() }
        }
        for lane in emptied {
            // The future of a lane never fails.
            try? await lane.get()
        }
        for timer in cut { timer.cancel() }
        for lane in stopping.lanes {
            // As above: a loop that is gone has nothing to close.
            try? await lane.eventLoop.submit { lane.value.closeAll() }.get()
        }
        await Self.shutDown(stopping.group)
    }
}

extension ProxyServer {
    private func makeWiring() throws(Failure) -> Wiring {
        var upstreams: [Color: Wiring.Upstream] = [:]
        for color in Color.allCases {
            guard let address = settings.upstreams[color] else {
                throw Failure(.routerTargetMissing, "The proxy has no upstream for \(color).")
            }
            upstreams[color] = try Self.resolve(address, for: color)
        }
        let shares = try shareDescriptors()
        if shares.clients < settings.limits.connections {
            log.warning("The descriptor limit allows \(shares.clients) connections.")
        }
        let pools = settings.threads * Color.allCases.count
        return Wiring(
            limits: settings.limits, times: TimeLimits(settings.limits),
            showsLive: settings.showsLive,
            trustedPeers: try trustedPeers(), testers: settings.testers, upstreams: upstreams,
            routing: routing,
            meter: meter, admission: Admission(settings.limits),
            clientPlaces: Places(shares.clients), upstreamPlaces: Places(shares.upstreams),
            idleUpstreams: min(settings.limits.idleUpstreams, shares.upstreams / 4 / pools),
            log: log, accessLog: accessLog)
    }

    private static func resolve(
        _ address: ProxySettings.Address, for color: Color
    ) throws(Failure) -> Wiring.Upstream {
        do {
            let resolved = try SocketAddress.makeAddressResolvingHost(
                address.host, port: address.port)
            let host = address.host.contains(":") ? "[\(address.host)]" : address.host
            return Wiring.Upstream(address: resolved, host: "\(host):\(address.port)")
        } catch {
            throw Failure(
                .routerTargetMissing, "The upstream of \(color) is unknown: \(address.host).",
                evidence: ["\(error)"])
        }
    }

    private func trustedPeers() throws(Failure) -> Set<String> {
        var names: Set<String> = []
        for text in settings.trustedPeers {
            // What is no address has no name either.
            guard let name = (try? SocketAddress(ipAddress: text, port: 0)).flatMap(Peer.name)
            else {
                throw Failure(
                    .proxyNotStarted, "The proxy cannot trust '\(text)': it is no IP address.",
                    hint: "Name single addresses under 'router.embedded.trust', no ranges.")
            }
            names.insert(name)
        }
        return names
    }

    private func shareDescriptors() throws(Failure) -> DescriptorShares {
        do throws(DescriptorShares.Shortage) {
            return try DescriptorShares(
                limit: DescriptorShares.raiseLimit(), threads: settings.threads)
        } catch {
            throw Failure(
                .proxyNotStarted,
                "The proxy may open \(error.limit) descriptors, and needs \(error.needed).",
                hint: "Raise 'ulimit -n'.")
        }
    }

    private static func makeLanes(
        _ wiring: Wiring, on group: MultiThreadedEventLoopGroup
    ) async throws -> [NIOLoopBound<Lane>] {
        var lanes: [NIOLoopBound<Lane>] = []
        for (index, eventLoop) in group.makeIterator().enumerated() {
            lanes.append(
                try await eventLoop.submit {
                    NIOLoopBound(
                        Lane(wiring, index: index, eventLoop: eventLoop), eventLoop: eventLoop)
                }.get())
        }
        return lanes
    }

    private static func tickAll(_ lanes: [NIOLoopBound<Lane>], every interval: Duration) {
        for lane in lanes {
            let length = TimeAmount(interval)
            lane.eventLoop.scheduleRepeatedTask(initialDelay: length, delay: length) { _ in
                lane.value.tick()
            }
        }
    }

    private static func shutDown(_ group: MultiThreadedEventLoopGroup) async {
        // It fails only where it was shut down before.
        try? await group.shutdownGracefully()
    }
}
