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

    /// How long a client that was refused may go on sending before its connection is cut.
    private static let lingering = Duration.seconds(1)

    let lane: Lane
    let peer: Peer
    let isPreview: Bool
    /// What was read and belongs to no exchange yet.
    var input = ByteBuffer()
    /// The head for the upstream; kept for as long as it may have to be sent again.
    var outgoing = ByteBuffer()
    var phase = Phase.head
    private let admission: Admission.Answer
    private var context: ChannelHandlerContext?
    private var scanner = HeadScanner()
    private var headHasBegun = false
    private var mayBeginWithEmptyLine = true
    private var inputHasEnded = false
    private var deadline = NIODeadline.distantFuture
    private var bufferedAtDeadline = 0

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
        var bytes = unwrapInboundIn(data)
        switch phase {
        case .tunnelling(let tunnel): tunnel.clientSent(bytes)
        case .closing, .closed: break
        case .head, .held, .exchanging:
            if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
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
        case .head, .held, .closing, .closed: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return }
        inputHasEnded = true
        switch phase {
        case .exchanging(let exchange) where !exchange.requestIsWhole: abort()
        case .tunnelling(let tunnel): tunnel.clientEnded()
        case .exchanging, .held: break
        case .head, .closing, .closed: closeAfterFlush()
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

    func endOutput() {
        inputHasEnded ? closeAfterFlush() : context?.close(mode: .output, promise: nil)
    }

    /// Cuts the connection; what was not written yet is lost.
    func abort() { context?.close(promise: nil) }

    func closeAfterFlush() {
        if case .closed = phase { return }
        phase = .closing
        deadline = .after(lane.wiring.limits.transfer)
        context?.closeAfterFlush()
    }

    /// The answer was written whole. The next request may be here already.
    func exchangeIsOver(keepsAlive: Bool) {
        if case .closed = phase { return }
        guard keepsAlive, !lane.isStopping, !(inputHasEnded && input.readableBytes == 0) else {
            return closeGently()
        }
        awaitHead()
        advance()
        read()
    }

    func begin(_ tunnel: Tunnel) {
        phase = .tunnelling(tunnel)
        deadline = .distantFuture
        if input.readableBytes > 0 { tunnel.clientSent(input) }
        input = ByteBuffer()
        outgoing = ByteBuffer()
        if inputHasEnded { tunnel.clientEnded() }
    }

    /// Answers in the proxy's own name.
    func answer(_ refusal: Refusal, isHead: Bool, keepsAlive: Bool) {
        let body = refusal.reason + "\n"
        var out = ByteBuffer()
        out.writeString("HTTP/1.1 \(refusal.status) \(refusal.phrase)\r\n")
        out.writeImmutableBuffer(lane.date.bytes)
        out.writeString("Content-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n")
        out.writeStaticString(
            keepsAlive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n")
        if !isHead { out.writeString(body) }
        write(out)
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
        case .head where headHasBegun: refuse(Refusal(408, "The head took too long."))
        case .held:
            leaveHold()
            refuse(Refusal(503, "Requests are paused for too long."))
        case .closing where isStillTaking(): deadline = .after(lane.wiring.limits.transfer)
        case .head, .closing, .closed, .exchanging, .tunnelling: abort()
        }
    }

    /// Whether a slow reader has taken anything since the last time this was asked.
    func isStillTaking() -> Bool {
        let buffered = context?.bufferedBytes ?? 0
        defer { bufferedAtDeadline = buffered }
        return buffered > 0 && buffered != bufferedAtDeadline
    }

    func closeIfIdle() {
        guard case .head = phase, !headHasBegun else { return }
        closeAfterFlush()
    }

    func closeTunnel(on color: Color) {
        guard case .tunnelling(let tunnel) = phase, tunnel.color == color else { return }
        tunnel.close()
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
        load.bufferedBytes += (context?.bufferedBytes ?? 0) + input.readableBytes
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

// One request after the other.
extension ClientHandler {
    private var wantsBytes: Bool {
        switch phase {
        case .head, .closing: true
        case .held, .closed: false
        case .exchanging(let exchange):
            exchange.requestIsWhole ? input.readableBytes == 0 : exchange.wantsRequestBytes
        case .tunnelling(let tunnel): tunnel.wantsClientBytes
        }
    }

    private func open() {
        deadline = .after(lane.wiring.limits.idle)
        switch admission {
        case .admitted: context?.read()
        case .full: refuse(Refusal(503, "There are too many connections."))
        case .peerHasTooMany: refuse(Refusal(503, "This address has too many connections."))
        }
    }

    private func awaitHead() {
        phase = .head
        scanner = HeadScanner()
        headHasBegun = false
        mayBeginWithEmptyLine = true
        deadline = .after(lane.wiring.limits.idle)
    }

    private func advance() {
        if case .exchanging(let exchange) = phase { return exchange.takeRequestBody() }
        while case .head = phase, input.readableBytes > 0 {
            skipEmptyLine()
            guard let length = headLength() else { return }
            readRequest(length)
        }
    }

    /// RFC 9112, section 2.2: one empty line before a request is forgiven.
    private func skipEmptyLine() {
        guard mayBeginWithEmptyLine, input.readableBytes >= 2 else { return }
        mayBeginWithEmptyLine = false
        let isEmptyLine = input.getInteger(at: input.readerIndex, as: UInt16.self) == 0x0D0A
        if isEmptyLine { input.moveReaderIndex(forwardBy: 2) }
    }

    private func headLength() -> Int? {
        guard input.readableBytes > 0 else { return nil }
        if !headHasBegun {
            headHasBegun = true
            deadline = .after(lane.wiring.limits.head)
        }
        let limits = lane.wiring.headLimits
        let outcome = input.withUnsafeReadableBytes { bytes in
            do throws(Refusal) {
                return Result<Int?, Refusal>.success(try scanner.end(in: bytes, limits))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let length): return length
        case .failure(let refusal):
            refuse(refusal)
            return nil
        }
    }

    private func readRequest(_ length: Int) {
        let route = lane.wiring.routing.current
        guard !route.isPaused || isPreview else { return hold() }
        switch RequestRules.read(input, length: length, fields: &lane.fields) {
        case .failure(let refusal): refuse(refusal)
        case .success(let head):
            if head.method == .options, head.maxForwards == 0 { return answerOptions(head) }
            begin(head, route)
        }
    }

    private func begin(_ head: RequestHead, _ route: Route) {
        let limit = lane.wiring.limits.bodyBytes ?? .max
        if case .length(let length) = head.framing, length > limit {
            return refuse(Refusal(413, "The body is too large."))
        }
        let color = isPreview ? route.datum.live.other : choose(route, head)
        outgoing.clear()
        RequestWriter.write(
            head, lane.fields, from: input, peer: peer,
            upstream: lane.wiring.upstream(color).host, to: &outgoing)
        input.moveReaderIndex(forwardBy: head.length)
        if input.readableBytes == 0 { input = ByteBuffer() }
        let exchange = Exchange(self, head, color)
        phase = .exchanging(exchange)
        exchange.start()
    }

    private func choose(_ route: Route, _ head: RequestHead) -> Color {
        guard let split = route.split else { return route.datum.live }
        let matches =
            split.match.map { match in
                input.withUnsafeReadableBytes { match.holds($0, lane.fields) }
            } ?? false
        let isIdle = matches || lane.roll() < split.idlePercent
        return isIdle ? route.datum.live.other : route.datum.live
    }

    /// RFC 9110, section 7.6.2: the last recipient answers itself.
    private func answerOptions(_ head: RequestHead) {
        guard !head.hasBody else { return refuse(.malformed("The request ends here.")) }
        input.moveReaderIndex(forwardBy: head.length)
        var out = ByteBuffer()
        out.writeStaticString("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")
        out.writeImmutableBuffer(lane.date.bytes)
        out.writeStaticString(
            head.persists ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n")
        write(out)
        flush()
        head.persists ? awaitHead() : closeGently()
    }

    private func hold() {
        guard lane.wiring.admission.hold() else {
            return refuse(Refusal(503, "Too many requests are held by a pause."))
        }
        phase = .held
        deadline = .after(lane.wiring.limits.hold)
        lane.watchPause()
    }

    private func leaveHold() {
        guard case .held = phase else { return }
        lane.wiring.admission.release()
        phase = .head
    }

    /// Answers and closes: where the next request begins is not known.
    private func refuse(_ refusal: Refusal) {
        let isHead = input.readableBytesView.starts(with: "HEAD ".utf8)
        let request = input
        answer(refusal, isHead: isHead, keepsAlive: false)
        lane.log(
            AccessEntry(
                peer: peer.address, request: request, status: refusal.status, bytes: 0,
                microseconds: 0, color: nil))
    }

    /// Closes so that the last answer is not lost: closing while bytes are unread would reset the
    /// connection under it.
    private func closeGently() {
        let isQuiet: Bool
        if case .exchanging(let exchange) = phase {
            isQuiet = exchange.requestIsWhole && input.readableBytes == 0
        } else {
            isQuiet = false
        }
        input = ByteBuffer()
        if isQuiet || inputHasEnded { return closeAfterFlush() }
        phase = .closing
        deadline = .after(Self.lingering)
        context?.close(mode: .output, promise: nil)
        context?.read()
    }
}
