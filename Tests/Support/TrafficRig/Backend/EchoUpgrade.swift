import NIOCore
import NIOHTTP1

/// Turns a connection that asked for `Upgrade: echo` into one that repeats every line after the colour:
/// as long-lived as a WebSocket, and to a proxy the same.
///
/// NIO's own upgrader looks at the first request of a connection only; a proxy may ask later.
enum EchoUpgrade {
    static func isWanted(by request: HTTPRequestHead) -> Bool {
        request.headers[canonicalForm: "upgrade"] == ["echo"]
    }

    /// What the connection speaks from now on is no HTTP any more. `handler` is replaced.
    static func perform(
        of handler: some RemovableChannelHandler, on context: ChannelHandlerContext, color: String
    ) throws {
        let pipeline = context.pipeline.syncOperations
        let http: [any RemovableChannelHandler] = [
            try pipeline.handler(type: NIOHTTPResponseHeadersValidator.self),
            try pipeline.handler(type: HTTPServerPipelineHandler.self),
            try pipeline.handler(type: HTTPServerProtocolErrorHandler.self),
            try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self),
            try pipeline.handler(type: HTTPResponseEncoder.self),
        ]
        try pipeline.addHandler(EchoConnection(color))
        pipeline.removeHandler(handler, promise: nil)
        for layer in http { pipeline.removeHandler(layer, promise: nil) }
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
