import NIOCore
import NIOHTTP1

/// Answers `Upgrade: echo` with a connection that repeats every line after the colour: as long-lived
/// as a WebSocket, and to a proxy the same.
final class EchoUpgrade: HTTPServerProtocolUpgrader, Sendable {
    let supportedProtocol = "echo"
    let requiredUpgradeHeaders: [String] = []
    private let routes: BackendRoutes

    init(_ routes: BackendRoutes) {
        self.routes = routes
    }

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        routes.count(upgradeRequest)
        var headers = initialResponseHeaders
        headers.add(name: "X-Color", value: routes.settings.color)
        return channel.eventLoop.makeSucceededFuture(headers)
    }

    func upgrade(
        context: ChannelHandlerContext, upgradeRequest: HTTPRequestHead
    ) -> EventLoopFuture<Void> {
        let color = routes.settings.color
        return context.channel.eventLoop.makeCompletedFuture {
            let pipeline = context.pipeline.syncOperations
            let requests = try pipeline.handler(type: BackendConnection.self)
            pipeline.removeHandler(requests, promise: nil)
            try pipeline.addHandler(EchoConnection(color))
        }
    }
}

/// Repeats what it hears.
private final class EchoConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let color: String

    init(_ color: String) {
        self.color = color
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = color + " " + String(buffer: unwrapInboundIn(data))
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
