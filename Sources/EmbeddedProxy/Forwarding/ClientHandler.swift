import Contracts
import Logging
import NIOCore
import PipelineModel

/// One connection of a client: reads one request after the other, and starts an exchange for each.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Waits for a head, or for the rest of it.
        case head
        /// A whole head is here, and the route is paused.
        case held
        case exchanging(Exchange)
        case tunnelling(Tunnel)
        /// The last answer was written; what still comes is thrown away.
        case closing
        case closed
    }

    let lane: Lane
    let peer: Peer
    let isPreview: Bool
    var intake = HeadIntake()
    /// The head for the upstream; kept for as long as it may have to be sent again.
    var outgoing = ByteBuffer()
    var phase = Phase.head
    let admission: Admission.Answer
    var context: ChannelHandlerContext?
    private(set) var inputHasEnded = false
    var idleSince = NIODeadline.now()
    var deadline = NIODeadline.distantFuture
    var bufferedAtDeadline = 0

    init(lane: Lane, peer: Peer, isPreview: Bool, admission: Admission.Answer) {
        self.lane = lane
        self.peer = peer
        self.isPreview = isPreview
        self.admission = admission
    }
}

// What the channel says.
extension ClientHandler {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lane.add(self)
        guard context.channel.isActive else { return }
        open()
    }

    func channelActive(context: ChannelHandlerContext) { open() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        switch phase {
        case .tunnelling(let tunnel): tunnel.clientSent(bytes)
        case .closing, .closed: break
        case .head, .held, .exchanging:
            intake.add(bytes)
            advance()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if wantsBytes { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        switch phase {
        case .exchanging(let exchange): exchange.clientIsWritable()
        case .tunnelling(let tunnel): tunnel.clientIsWritable()
        case .head: goOnSoon(context)
        case .held, .closing, .closed: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return }
        inputHasEnded = true
        switch phase {
        case .exchanging(let exchange): exchange.takeRequestBody()
        case .tunnelling(let tunnel): tunnel.clientEnded()
        case .held: break
        case .head: advance()
        case .closing, .closed: closeAfterFlush()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let last = phase
        leaveHold()
        phase = .closed
        switch last {
        case .exchanging(let exchange): exchange.clientIsGone()
        case .tunnelling(let tunnel): tunnel.clientIsGone()
        case .head, .held, .closing, .closed: break
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        lane.wiring.admission.leave(peer.address, after: admission)
        lane.remove(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

// What the exchange and the tunnel say.
extension ClientHandler {
    var isWritable: Bool { context?.channel.isWritable ?? false }
    var isHeld: Bool { if case .held = phase { true } else { false } }

    func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }
    func flush() { context?.flush() }
    func read() { if wantsBytes { context?.read() } }

    /// Says that nothing more will be written, after what was written.
    func endOutput() { context?.close(mode: .output, promise: nil) }

    /// Cuts the connection; what was not written yet is lost.
    func abort() { context?.close(promise: nil) }

    func closeAfterFlush() {
        if case .closed = phase { return }
        phase = .closing
        deadline = .after(lane.wiring.times.transfer)
        context?.closeAfterFlush()
    }

    /// The answer was written whole. The next request may be here already.
    func exchangeIsOver(keepsAlive: Bool) {
        if case .closed = phase { return }
        guard keepsAlive, !lane.isStopping, !(inputHasEnded && intake.bytes.readableBytes == 0)
        else {
            return closeGently()
        }
        awaitHead()
        advance()
        read()
    }

    func begin(_ tunnel: Tunnel) {
        phase = .tunnelling(tunnel)
        deadline = .distantFuture
        if intake.bytes.readableBytes > 0 { tunnel.clientSent(intake.bytes) }
        intake.bytes = ByteBuffer()
        outgoing = ByteBuffer()
        if inputHasEnded { tunnel.clientEnded() }
    }

    /// Answers in the proxy's own name.
    func answer(_ refusal: Refusal, isHead: Bool, keepsAlive: Bool) {
        write(
            OwnAnswer.refusing(
                refusal, isHead: isHead, keepsAlive: keepsAlive, dateLine: lane.date.bytes))
        flush()
        lane.note(
            "A request was refused.",
            [
                "status": "\(refusal.status)", "reason": "\(refusal.reason)",
                "peer": "\(peer.address)",
            ])
        exchangeIsOver(keepsAlive: keepsAlive)
    }
}

// What the lane says.
extension ClientHandler {
    func checkDeadline(_ now: NIODeadline) {
        if case .exchanging(let exchange) = phase { return exchange.checkDeadline(now) }
        if case .tunnelling(let tunnel) = phase {
            if tunnel.deadline <= now { tunnel.close() }
            return
        }
        guard deadline <= now else { return }
        switch phase {
        case .head where intake.hasBegun: refuse(Refusal(408, "The head took too long."))
        case .held:
            leaveHold()
            refuse(Refusal(503, "Requests are paused for too long."))
        case .head where isStillTaking(): deadline = .after(lane.wiring.times.idle)
        case .closing where isStillTaking(): deadline = .after(lane.wiring.times.transfer)
        case .head, .closing, .closed, .exchanging, .tunnelling: abort()
        }
    }

    /// Whether a slow reader has taken anything since the last time this was asked.
    func isStillTaking() -> Bool {
        let buffered = context?.bufferedBytes ?? 0
        defer { bufferedAtDeadline = buffered }
        return buffered > 0 && buffered != bufferedAtDeadline
    }

    func closeIfIdle(since moment: NIODeadline) {
        guard case .head = phase, intake.bytes.readableBytes == 0, idleSince <= moment
        else { return }
        closeAfterFlush()
    }

    /// Also of a tunnel that the upstream has not granted yet.
    func closeTunnel(on color: Color) {
        switch phase {
        case .tunnelling(let tunnel): if tunnel.color == color { tunnel.close() }
        case .exchanging(let exchange): if exchange.color == color { exchange.forbidTunnel() }
        case .head, .held, .closing, .closed: break
        }
    }

    /// The pause is over: the head that waits is read now, and so is the route.
    func resume() {
        guard case .held = phase else { return }
        leaveHold()
        awaitHead()
        advance()
        read()
    }

    func add(to load: inout ProxyLoad) {
        load.connections += 1
        load.bufferedBytes += (context?.bufferedBytes ?? 0) + intake.bytes.readableBytes
        switch phase {
        case .held: load.held += 1
        case .tunnelling(let tunnel):
            load.tunnels += 1
            load.bufferedBytes += tunnel.bufferedBytes
        case .exchanging(let exchange): load.bufferedBytes += exchange.bufferedBytes
        case .head, .closing, .closed: break
        }
    }
}
