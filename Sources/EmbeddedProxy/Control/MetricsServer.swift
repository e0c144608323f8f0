import NIOCore
import NIOHTTP1
import NIOPosix

/// `GET /metrics` for Prometheus, on an address of its own.
enum MetricsServer {
    static func start(
        host: String, port: Int, on group: any EventLoopGroup, routing: Routing,
        meter: TrafficMeter
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        AcceptBackoffHandler(), AcceptGate(Places(DescriptorShares.askers)))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(MetricsHandler(routing, meter))
                    // A question takes a moment; whoever needs longer does not come from Prometheus.
                    channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
                }
            }
            .bind(host: host, port: port).get()
    }
}

private final class MetricsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let routing: Routing
    private let meter: TrafficMeter
    private var status = HTTPResponseStatus.ok

    init(_ routing: Routing, _ meter: TrafficMeter) {
        self.routing = routing
        self.meter = meter
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let path = head.uri.prefix { $0 != "?" }
            status = path != "/metrics" ? .notFound : head.method != .GET ? .methodNotAllowed : .ok
        case .body: break
        case .end: answer(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ context: ChannelHandlerContext) {
        let text = status == .ok ? MetricsText(routing.current, meter).text : ""
        let headers: HTTPHeaders = [
            "Content-Type": "text/plain; version=0.0.4", "Content-Length": "\(text.utf8.count)",
            "Connection": "close",
        ]
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}
