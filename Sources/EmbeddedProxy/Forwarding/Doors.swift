import Logging
import NIOCore
import NIOPosix

/// Opens the listeners, which accept nothing yet, and gives every connection to the lane of its event loop.
struct Doors: Sendable {
    private let lanes: [ObjectIdentifier: NIOLoopBound<Lane>]
    private let wiring: Wiring

    init(_ lanes: [NIOLoopBound<Lane>], _ wiring: Wiring) {
        self.lanes = Dictionary(
            lanes.map { (ObjectIdentifier($0.eventLoop), $0) },
            uniquingKeysWith: { first, _ in first })
        self.wiring = wiring
    }

    func open(
        _ address: ProxySettings.Address, isPreview: Bool, on group: MultiThreadedEventLoopGroup
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.autoRead, value: false)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        AcceptBackoffHandler(shouldForwardIOErrorCaught: true),
                        AcceptGate(self.wiring.clientPlaces, whenFull: self.shed))
                }
            }
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.welcome(channel, isPreview) }
            }
            .bind(host: address.host, port: address.port).get()
    }

    /// Every lane closes the connections that wait for a request.
    func shed() {
        for lane in lanes.values { lane.eventLoop.execute { lane.value.shed() } }
    }

    private func welcome(_ channel: any Channel, _ isPreview: Bool) throws {
        guard let lane = lanes[ObjectIdentifier(channel.eventLoop)]?.value else {
            preconditionFailure("connections are given only to loops that have a lane")
        }
        let address = channel.remoteAddress.flatMap(Peer.name) ?? "unknown"
        let client = ClientHandler(
            lane: lane,
            peer: Peer(address: address, isTrusted: wiring.trustedPeers.contains(address)),
            isPreview: isPreview, admission: wiring.admission.enter(address))
        try channel.pipeline.syncOperations.addHandler(client)
    }
}
