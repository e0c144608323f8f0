package import Contracts
import Logging
import NIOCore
import NIOPosix
import PipelineModel

/// The whole proxy: data plane, register, admin socket and metrics, from start to stop.
package struct EmbeddedProxy: Sendable {
    /// How long requests under way may go on after a stop was asked.
    package static let grace = Duration.seconds(30)
    /// How long the last lines may wait for a reader of the log that stands still.
    private static let patience = Duration.seconds(1)

    private let plan: ProxyPlan
    private let world: World
    private let lines = LogThread.toStandardError()
    private let log: Logger
    private let access: AccessLogThread?

    /// `print` gets lines of the access log, each with its line feed, and may wait for their reader.
    package init(_ plan: ProxyPlan, world: World, print: @escaping @Sendable (String) -> Void) {
        self.plan = plan
        self.world = world
        log = lines.logger("bluegreen.proxy")
        access = plan.writesAccessLog ? AccessLogThread(print: print, log: log) : nil
    }

    /// Serves until `untilStopped` returns, then lets requests under way finish.
    ///
    /// - Throws: where it cannot begin; then nothing was served and nothing was changed.
    package func run(untilStopped: @escaping @Sendable () async -> Void) async throws(Failure) {
        let result = await attempt(untilStopped)
        let patience: @Sendable () async -> Void = { [world] in
            await world.time.sleep(Self.patience)
        }
        await access?.drain(patience: patience)
        await lines.drain(patience: patience)
        try result.get()
    }

    private func attempt(
        _ untilStopped: @escaping @Sendable () async -> Void
    ) async -> Result<Void, Failure> {
        do throws(Failure) {
            try await begin(untilStopped)
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func begin(
        _ untilStopped: @escaping @Sendable () async -> Void
    ) async throws(Failure) {
        let locks = try takeLocks()
        defer { for lock in locks { lock.release() } }
        let register = try Register(
            in: plan.register, address: plan.folder, files: world.files, log: log)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result = await serve(register, on: group, untilStopped)
        // What is left of the admin connections ends with it; a group that ends twice is no harm.
        try? await group.shutdownGracefully()
        try result.get()
        log.info("Stopped")
    }

    private func serve(
        _ register: Register, on group: any EventLoopGroup,
        _ untilStopped: @escaping @Sendable () async -> Void
    ) async -> Result<Void, Failure> {
        let meter = TrafficMeter()
        let server = ProxyServer(
            settings: ProxySettings(plan), routing: register.routing, meter: meter, log: log,
            accessLog: access?.accessLog)
        let recent = RecentLatency(meter)
        do throws(Failure) {
            let admin = try await AdminServer(at: plan.admin, on: group, world: world)
            try await startMetrics(on: group, register.routing, meter)
            let ports = try await server.bind()
            try await register.remember()
            let desk = desk(register, meter, recent, server, on: group)
            server.accept()
            announce(register.routing.current, ports.public)
            await withTaskGroup { tasks in
                tasks.addTask { await admin.answer(from: desk) }
                tasks.addTask { await tick(recent) }
                await untilStopped()
                log.info("Stopping: requests under way have \(Wording.length(Self.grace))")
                await server.stop(grace: Self.grace)
                tasks.cancelAll()
            }
            return .success(())
        } catch {
            await server.stop(grace: .zero)
            return .failure(error)
        }
    }

    /// The register and the admin socket belong to one proxy each, from before it looks at them.
    private func takeLocks() throws(Failure) -> [HeldLock] {
        var locks: [HeldLock] = []
        do throws(FileFailure) {
            try world.files.createPrivateFolder(plan.folder)
            try world.files.createPrivateFolder(plan.register)
            for owned in [plan.register + "/lock", plan.admin + ".lock"] {
                guard let lock = try world.locks.take(owned) else {
                    throw FileFailure(.alreadyExists, "another proxy holds \(owned)")
                }
                locks.append(lock)
            }
            return locks
        } catch {
            for lock in locks { lock.release() }
            throw Failure(
                .proxyNotStarted, "The proxy cannot start: \(error.message).",
                hint: error.reason == .alreadyExists
                    ? "Stop the other one with 'bluegreen proxy --stop', or choose another "
                        + "'router.embedded.admin'." : nil)
        }
    }

    private func startMetrics(
        on group: any EventLoopGroup, _ routing: Routing, _ meter: TrafficMeter
    ) async throws(Failure) {
        guard let address = plan.metrics else { return }
        do {
            _ = try await MetricsServer.start(
                host: address.host, port: address.port, on: group, routing: routing, meter: meter)
        } catch {
            throw Failure(
                .proxyNotStarted, "The proxy cannot show its metrics at \(address).",
                evidence: ["\(error)"], hint: "Choose a free port: 'router.embedded.metrics'.")
        }
    }

    private func desk(
        _ register: Register, _ meter: TrafficMeter, _ recent: RecentLatency,
        _ server: ProxyServer, on group: any EventLoopGroup
    ) -> AdminDesk {
        let upstreams = plan.upstreams
        return AdminDesk(
            register: register, meter: meter, recent: recent,
            proxy: AdminDesk.Proxy(
                process: world.host.process, listen: "\(plan.listen)",
                colors: Set(upstreams.keys),
                isUp: { color in
                    guard let address = upstreams[color] else { return false }
                    return await Self.answers(address, group)
                },
                closeTunnels: { await server.closeTunnels(on: $0) }, sleep: world.time.sleep))
    }

    /// Whether something accepts connections there; shorter than what a router may take to answer.
    private static func answers(_ address: NetworkAddress, _ group: any EventLoopGroup) async
        -> Bool
    {
        do {
            let channel = try await ClientBootstrap(group: group)
                .connectTimeout(.milliseconds(200))
                .connect(host: address.host, port: address.port).get()
            channel.close(promise: nil)
            return true
        } catch {
            return false
        }
    }

    private func tick(_ recent: RecentLatency) async {
        while !Task.isCancelled {
            await world.time.sleep(RecentLatency.interval)
            recent.tick()
        }
    }

    private func announce(_ route: Route, _ port: Int) {
        var words = "Listening on \(plan.listen.host):\(port)"
        if let preview = plan.preview { words += ", preview of idle on \(preview)" }
        if let metrics = plan.metrics { words += ", metrics on \(metrics)" }
        log.info("\(words); \(route.datum.live) is live (token \(route.datum.token))")
    }
}

extension ProxySettings {
    init(_ plan: ProxyPlan) {
        var limits = ProxyLimits()
        limits.bodyBytes = plan.limits.body
        limits.connections = plan.limits.connections ?? limits.connections
        limits.connectionsPerPeer = plan.limits.connectionsPerPeer
        limits.idle = plan.limits.idle ?? limits.idle
        limits.connect = plan.limits.connect ?? limits.connect
        limits.response = plan.limits.response ?? limits.response
        self.init(
            listen: Address(plan.listen), preview: plan.preview.map(Address.init),
            testers: plan.testers.map(HeaderMatch.init),
            upstreams: plan.upstreams.mapValues(Address.init), limits: limits,
            accessLog: plan.writesAccessLog, showsLive: plan.showsLive,
            trustedPeers: plan.trustedPeers)
    }
}

extension HeaderMatch {
    init(_ preview: Preview) {
        let place =
            switch preview.place {
            case .header: Place.header
            case .cookie: Place.cookie
            }
        self.init(place, name: preview.name, value: preview.value)
    }
}

extension ProxySettings.Address {
    init(_ address: NetworkAddress) {
        self.init(host: address.host, port: address.port)
    }
}
