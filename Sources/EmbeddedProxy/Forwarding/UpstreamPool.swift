import Glibc
import NIOCore
import NIOPosix
import PipelineModel

/// The upstream connections of one colour on one event loop that wait for a request.
final class UpstreamPool {
    /// Bounds what a peer that sends and closes at once can make us read in one go.
    private static let receiveBuffer: ChannelOptions.Types.SocketOption.Value = 256 * 1024

    private let color: Color
    private let wiring: Wiring
    /// The newest is last and is used first, so that those not needed grow old.
    private var idle: [UpstreamHandler] = []

    init(_ color: Color, _ wiring: Wiring) {
        self.color = color
        self.wiring = wiring
    }

    /// Gives the exchange a connection, now or later, or tells it why there is none. A fresh
    /// one has not waited.
    func serve(_ exchange: Exchange, isFresh: Bool, on eventLoop: any EventLoop) {
        while !isFresh, let upstream = idle.popLast() {
            guard upstream.isUsable else { continue }
            return exchange.upstreamIsReady(upstream)
        }
        let places = wiring.upstreamPlaces
        guard places.takeIfFree() else {
            return exchange.upstreamIsMissing(
                IOError(errnoCode: EMFILE, reason: "every descriptor for upstreams is in use"))
        }
        let handler = NIOLoopBound(UpstreamHandler(self), eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(wiring.limits.connect))
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.socketOption(.so_rcvbuf), value: Self.receiveBuffer)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .connect(to: wiring.upstream(color).address)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    channel.closeFuture.whenComplete { _ in places.giveBack() }
                    exchange.upstreamIsReady(handler.value)
                case .failure(let error):
                    places.giveBack()
                    exchange.upstreamIsMissing(error)
                }
            }
    }

    /// Keeps a connection whose exchange is over.
    func keep(_ upstream: UpstreamHandler) {
        guard upstream.isUsable, idle.count < wiring.idleUpstreams else {
            return upstream.close()
        }
        upstream.waitForExchange(until: .after(wiring.times.upstreamIdle))
        idle.append(upstream)
    }

    func forget(_ upstream: UpstreamHandler) {
        idle.removeAll { $0 === upstream }
    }

    /// Without a moment, closes all.
    func closeIdle(since now: NIODeadline? = nil) {
        for upstream in idle where now.map({ upstream.deadline <= $0 }) ?? true { upstream.close() }
    }
}
