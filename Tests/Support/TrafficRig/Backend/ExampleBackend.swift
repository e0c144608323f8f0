import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small web shop that says which colour and version it is: what the rig deploys and switches.
package final class ExampleBackend: Sendable {
    package let port: Int
    private let listener: any Channel
    private let connections: OpenConnections

    /// Listens on 127.0.0.1, never on anything else; returns when connections are accepted.
    package static func start(_ settings: BackendSettings) async throws -> ExampleBackend {
        let routes = BackendRoutes(settings)
        let connections = OpenConnections()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                connections.add(channel)
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(BackendConnection(routes))
                }
            }
            .bind(host: "127.0.0.1", port: settings.port).get()
        return try ExampleBackend(listener, connections)
    }

    private init(_ listener: any Channel, _ connections: OpenConnections) throws {
        guard let port = listener.localAddress?.port else {
            throw RigFailure("the example backend listens but has no port")
        }
        self.port = port
        self.listener = listener
        self.connections = connections
    }

    /// Takes no new connection, finishes the requests under way, then closes what is left.
    package func stop(within limit: Duration = .seconds(30)) async {
        // An error here means that the listener was closed before, which is what is wanted.
        try? await listener.close()
        connections.finishRequests()
        let deadline = ContinuousClock.now + limit
        while !connections.areGone, ContinuousClock.now < deadline {
            // A cancelled wait only means that the limit is over sooner.
            guard (try? await Task.sleep(for: .milliseconds(2))) != nil else { break }
        }
        connections.closeAll()
    }
}

/// The connections of one backend that are open now.
private final class OpenConnections: Sendable {
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

    var areGone: Bool { open.withLock(\.isEmpty) }

    func add(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        open.withLock { $0[key] = channel }
        channel.closeFuture.whenComplete { _ in
            self.open.withLock { $0[key] = nil }
        }
    }

    /// Idle connections close at once, busy ones after their answer.
    func finishRequests() {
        for channel in snapshot {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    func closeAll() {
        for channel in snapshot { channel.close(promise: nil) }
    }

    private var snapshot: [any Channel] { open.withLock { Array($0.values) } }
}
