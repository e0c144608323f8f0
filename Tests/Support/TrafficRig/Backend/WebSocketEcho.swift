import NIOCore
import NIOHTTP1
import NIOWebSocket

/// A WebSocket (RFC 6455) at any path, which repeats every text after the colour.
enum WebSocketEcho {
    static func upgrader(_ routes: BackendRoutes) -> NIOWebSocketServerUpgrader {
        let color = routes.settings.color
        return NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, request in
                routes.count(request)
                return channel.eventLoop.makeSucceededFuture(["X-Color": color])
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let requests = try pipeline.handler(type: BackendConnection.self)
                    pipeline.removeHandler(requests, promise: nil)
                    try pipeline.addHandler(EchoConnection(color))
                }
            })
    }
}

/// Repeats what it hears.
private final class EchoConnection: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let color: String

    init(_ color: String) {
        self.color = color
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        // What a client sends must be masked; a proxy that unmasks it is broken.
        guard frame.maskKey != nil else { return context.close(promise: nil) }
        switch frame.opcode {
        case .text:
            let text = color + " " + String(buffer: frame.unmaskedData)
            write(.text, ByteBuffer(string: text), on: context, promise: nil)
        case .ping: write(.pong, frame.unmaskedData, on: context, promise: nil)
        case .connectionClose:
            let closed = context.eventLoop.makePromise(of: Void.self)
            closed.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            write(.connectionClose, frame.unmaskedData, on: context, promise: closed)
        default: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func write(
        _ opcode: WebSocketOpcode, _ bytes: ByteBuffer, on context: ChannelHandlerContext,
        promise: EventLoopPromise<Void>?
    ) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, data: bytes)
        context.writeAndFlush(wrapOutboundOut(frame), promise: promise)
    }
}
