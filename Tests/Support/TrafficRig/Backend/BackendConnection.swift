import NIOCore
import NIOHTTP1

/// One connection to an example backend: reads requests whole, writes what the routes decide.
final class BackendConnection: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let keptBody = 65_536

    private let routes: BackendRoutes
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var bodySize = 0

    init(_ routes: BackendRoutes) {
        self.routes = routes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
            bodySize = 0
            routes.count(head)
        case .body(var part):
            bodySize += part.readableBytes
            if body.readableBytes < Self.keptBody { body.writeBuffer(&part) }
        case .end:
            guard let head else { return }
            self.head = nil
            guard !WebSocketEcho.isWanted(by: head) else {
                return WebSocketEcho.begin(head, on: context, color: routes.settings.color)
            }
            respond(to: head, on: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func respond(to head: HTTPRequestHead, on context: ChannelHandlerContext) {
        let request = BackendRoutes.Request(
            method: head.method, uri: head.uri, headers: head.headers,
            body: String(buffer: body), bodySize: bodySize)
        switch routes.reply(to: request) {
        case .answer(let status, let body, let wait):
            after(milliseconds: wait, on: context) {
                self.write(status, body, to: head, on: context)
            }
        case .events(let count, let pause):
            writeEvents(count, pause, to: head, on: context)
        }
    }

    private func write(
        _ status: HTTPResponseStatus, _ body: String, to request: HTTPRequestHead,
        on context: ChannelHandlerContext
    ) {
        var headers = commonHeaders(request)
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Content-Length", value: "\(body.utf8.count)")
        let head = HTTPResponseHead(version: request.version, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            let bytes = context.channel.allocator.buffer(string: body)
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
        }
        end(request, on: context)
    }

    private func writeEvents(
        _ count: Int, _ pause: Int, to request: HTTPRequestHead, on context: ChannelHandlerContext
    ) {
        var headers = commonHeaders(request)
        headers.add(name: "Content-Type", value: "text/event-stream")
        let head = HTTPResponseHead(version: request.version, status: .ok, headers: headers)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        writeEvent(1, of: count, pause, to: request, on: context)
    }

    private func writeEvent(
        _ number: Int, of count: Int, _ pause: Int, to request: HTTPRequestHead,
        on context: ChannelHandlerContext
    ) {
        guard context.channel.isActive else { return }
        guard number <= count else { return end(request, on: context) }
        let event = "data: {\"n\":\(number),\"color\":\"\(routes.settings.color)\"}\n\n"
        let bytes = context.channel.allocator.buffer(string: event)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
        after(milliseconds: pause, on: context) {
            self.writeEvent(number + 1, of: count, pause, to: request, on: context)
        }
    }

    private func end(_ request: HTTPRequestHead, on context: ChannelHandlerContext) {
        let done = context.eventLoop.makePromise(of: Void.self)
        if !request.isKeepAlive {
            done.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: done)
    }

    private func commonHeaders(_ request: HTTPRequestHead) -> HTTPHeaders {
        var headers = HTTPHeaders([
            ("X-Color", routes.settings.color), ("X-Version", routes.memory.version),
        ])
        if let id = request.headers.first(name: "x-request-id") {
            headers.add(name: "X-Request-Id", value: id)
        }
        if !request.isKeepAlive {
            headers.add(name: "Connection", value: "close")
        } else if request.version == .http1_0 {
            headers.add(name: "Connection", value: "keep-alive")
        }
        return headers
    }

    private func after(
        milliseconds: Int, on context: ChannelHandlerContext, _ work: @escaping () -> Void
    ) {
        guard milliseconds > 0 else { return work() }
        context.eventLoop.assumeIsolated()
            .scheduleTask(in: .milliseconds(Int64(milliseconds)), work)
    }
}
