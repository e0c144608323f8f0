import NIOCore
import NIOHTTP1
import NIOWebSocket

/// A WebSocket (RFC 6455) at any path, which repeats every text after the colour.
///
/// NIO's own handler of upgrades looks at the first request of a connection only; a proxy may ask later.
enum WebSocketEcho {
    static func isWanted(by request: HTTPRequestHead) -> Bool {
        request.headers[canonicalForm: "upgrade"].map { $0.lowercased() } == ["websocket"]
    }

    /// Answers `request`. What the connection speaks from then on is no HTTP any more.
    static func begin(
        _ request: HTTPRequestHead, on context: ChannelHandlerContext, color: String
    ) {
        let upgrader = upgrader(color)
        upgrader.buildUpgradeResponse(
            channel: context.channel, upgradeRequest: request, initialResponseHeaders: [:]
        ).assumeIsolated().flatMap { headers in
            let head = HTTPResponseHead(
                version: request.version, status: .switchingProtocols, headers: headers)
            context.write(NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
            context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)), promise: nil)
            return upgrader.upgrade(context: context, upgradeRequest: request)
        }.whenFailure { _ in context.close(promise: nil) }
    }

    private static func upgrader(_ color: String) -> NIOWebSocketServerUpgrader {
        NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in
                channel.eventLoop.makeSucceededFuture(["X-Color": color])
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(EchoConnection(color))
                    try removeHTTP(from: pipeline)
                }
            })
    }

    private static func removeHTTP(from pipeline: ChannelPipeline.SynchronousOperations) throws {
        let layers: [any RemovableChannelHandler] = [
            try pipeline.handler(type: BackendConnection.self),
            try pipeline.handler(type: NIOHTTPResponseHeadersValidator.self),
            try pipeline.handler(type: HTTPServerPipelineHandler.self),
            try pipeline.handler(type: HTTPServerProtocolErrorHandler.self),
            try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self),
            try pipeline.handler(type: HTTPResponseEncoder.self),
        ]
        for layer in layers { pipeline.removeHandler(layer, promise: nil) }
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
