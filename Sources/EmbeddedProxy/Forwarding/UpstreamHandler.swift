import NIOCore

/// One connection to an upstream: carries one exchange at a time, or waits in its pool, or is one end
/// of a tunnel.
final class UpstreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Use {
        case waiting
        case exchange(Exchange)
        case tunnel(Tunnel)
        case closed
    }

    private let pool: UpstreamPool
    private var use = Use.waiting
    private var context: ChannelHandlerContext?
    private var hasEnded = false
    /// It has carried an exchange before, so its peer may be about to close it.
    private(set) var isReused = false
    /// While it waits: when it has waited long enough.
    private(set) var deadline = NIODeadline.distantFuture

    init(_ pool: UpstreamPool) {
        self.pool = pool
    }

    var isUsable: Bool { context?.channel.isActive == true && !hasEnded }
    var isWritable: Bool { context?.channel.isWritable ?? false }
    var bufferedBytes: Int { context?.bufferedBytes ?? 0 }

    func begin(_ exchange: Exchange) { use = .exchange(exchange) }
    func begin(_ tunnel: Tunnel) { use = .tunnel(tunnel) }

    func waitForExchange(until deadline: NIODeadline) {
        use = .waiting
        isReused = true
        self.deadline = deadline
        context?.read()
    }

    func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }
    func flush() { context?.flush() }
    func read() { context?.read() }

    /// Says that nothing more will be written, after what was written.
    func endOutput() {
        guard let context else { return }
        hasEnded ? context.closeAfterFlush() : context.close(mode: .output, promise: nil)
    }

    /// Nobody is told; what was not written yet is lost.
    func close() {
        if case .waiting = use { pool.forget(self) }
        use = .closed
        context?.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch use {
        case .exchange(let exchange): exchange.upstreamSent(unwrapInboundIn(data))
        case .tunnel(let tunnel): tunnel.upstreamSent(unwrapInboundIn(data))
        case .waiting: close()  // Nobody asked: it cannot be told whose answer this is.
        case .closed: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        switch use {
        case .exchange(let exchange):
            if exchange.wantsAnswerBytes { context.read() }
        case .tunnel(let tunnel):
            if tunnel.wantsUpstreamBytes { context.read() }
        case .waiting: context.read()
        case .closed: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        switch use {
        case .exchange(let exchange): exchange.upstreamIsWritable()
        case .tunnel(let tunnel): tunnel.upstreamIsWritable()
        case .waiting, .closed: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return }
        hasEnded = true
        switch use {
        case .exchange(let exchange): exchange.upstreamEnded(isWhole: true)
        case .tunnel(let tunnel): tunnel.upstreamEnded()
        case .waiting: close()
        case .closed: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let ended = use
        if case .waiting = use { pool.forget(self) }
        use = .closed
        switch ended {
        case .exchange(let exchange): exchange.upstreamEnded(isWhole: false)
        case .tunnel(let tunnel): tunnel.upstreamIsGone()
        case .waiting, .closed: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension ChannelHandlerContext {
    /// Closes both directions as soon as everything was written.
    func closeAfterFlush() {
        guard bufferedBytes > 0 else { return close(promise: nil) }
        let written = eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in self.close(promise: nil) }
        writeAndFlush(NIOAny(ByteBuffer()), promise: written)
    }

    var bufferedBytes: Int {
        // A channel without the option is closed, and a closed channel has nothing to write.
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
