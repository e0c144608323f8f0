import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// One client for every kind of connection, each created at its first use and kept as long as the
/// process: a client that is never given up needs no shutdown.
final class HTTPClients: Sendable {
    struct Kind: Hashable, Sendable {
        var isFresh: Bool
        var caFile: String?
        /// Names and the hosts that are connected to instead.
        var aliases: [String: String]
    }

    static let ofThisProcess = HTTPClients()

    private let clients = Mutex<[Kind: HTTPClient]>([:])

    /// One thread carries all connections: to start another takes longer than most answers.
    private let thread = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    func client(for kind: Kind) -> HTTPClient {
        clients.withLock { clients in
            if let client = clients[kind] { return client }
            let client = HTTPClient(
                eventLoopGroupProvider: .shared(thread), configuration: Self.configuration(kind))
            clients[kind] = client
            return client
        }
    }

    private static func configuration(_ kind: Kind) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        configuration.dnsOverride = kind.aliases
        // Nobody traces here; without this, each request names and begins a span that goes nowhere.
        configuration.tracing.tracer = nil
        var security = TLSConfiguration.makeClientConfiguration()
        security.minimumTLSVersion = .tlsv12
        if let caFile = kind.caFile { security.trustRoots = .file(caFile) }
        configuration.tlsConfiguration = security
        if kind.isFresh {
            configuration.maximumUsesPerConnection = 1
            // One that was opened for a request that gave up is not kept for a later one.
            configuration.connectionPool.idleTimeout = .milliseconds(1)
        }
        return configuration
    }
}
