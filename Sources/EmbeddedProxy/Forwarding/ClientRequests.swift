import Contracts
import Logging
import NIOCore
import PipelineModel

/// How a connection comes from one request to the next: heads are awaited, held, begun or refused.
extension ClientHandler {
    /// How long a client that was refused may go on sending before its connection is cut.
    private static let lingering = TimeAmount.seconds(1)

    var wantsBytes: Bool {
        switch phase {
        case .head: isWritable
        case .closing: true
        case .held, .closed: false
        case .exchanging(let exchange):
            exchange.requestIsWhole ? intake.bytes.readableBytes == 0 : exchange.wantsRequestBytes
        case .tunnelling(let tunnel): tunnel.wantsClientBytes
        }
    }

    func open() {
        idleSince = .now()
        deadline = idleSince + lane.wiring.times.idle
        switch admission {
        case .admitted: context?.read()
        case .full: refuse(Refusal(503, "There are too many connections."))
        case .peerHasTooMany: refuse(Refusal(503, "This address has too many connections."))
        }
    }

    func awaitHead() {
        phase = .head
        intake.startOver()
        bufferedAtDeadline = 0
        idleSince = .now()
        deadline = idleSince + lane.wiring.times.idle
    }

    func advance() {
        if case .exchanging(let exchange) = phase { return exchange.takeRequestBody() }
        // A client that does not take its answers has no claim to more of them.
        while case .head = phase, isWritable, let length = headLength() { readRequest(length) }
        if case .head = phase, isWritable, inputHasEnded { closeAfterFlush() }
    }

    /// Not at once: the client may have become writable in the middle of an answer of the proxy's own.
    func goOnSoon(_ context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().execute {
            self.advance()
            self.read()
        }
    }

    private func headLength() -> Int? {
        let hadBegun = intake.hasBegun
        do throws(Refusal) {
            let length = try intake.headLength(lane.wiring.headLimits)
            if intake.hasBegun, !hadBegun { deadline = .after(lane.wiring.times.head) }
            return length
        } catch {
            refuse(error)
            return nil
        }
    }

    private func readRequest(_ length: Int) {
        let route = lane.wiring.routing.current
        guard !route.isPaused || isPreview else { return hold() }
        switch RequestRules.read(intake.bytes, length: length, fields: &lane.fields) {
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
        let isPreview = isPreview || lane.isTester(intake.bytes)
        let color = isPreview ? route.datum.live.other : lane.color(for: intake.bytes, route)
        outgoing.clear()
        RequestWriter.write(
            head, lane.fields, from: intake.bytes, peer: peer,
            upstream: lane.wiring.upstream(color).host, to: &outgoing)
        intake.drop(head.length)
        let exchange = Exchange(self, head, color, isMetered: !isPreview)
        phase = .exchanging(exchange)
        exchange.start()
    }

    /// RFC 9110, section 7.6.2: the last recipient answers itself.
    private func answerOptions(_ head: RequestHead) {
        guard !head.hasBody else { return refuse(.malformed("The request ends here.")) }
        intake.drop(head.length)
        write(OwnAnswer.toOptions(keepsAlive: head.persists, dateLine: lane.date.bytes))
        flush()
        head.persists ? awaitHead() : closeGently()
    }

    private func hold() {
        guard lane.wiring.meter.hold(atMost: lane.wiring.limits.held) else {
            return refuse(Refusal(503, "Too many requests are held by a pause."))
        }
        phase = .held
        deadline = .after(lane.wiring.times.hold)
        lane.watchPause()
    }

    func leaveHold() {
        guard case .held = phase else { return }
        lane.wiring.meter.release()
        phase = .head
    }

    /// Answers and closes: where the next request begins is not known.
    func refuse(_ refusal: Refusal) {
        let isHead = intake.bytes.readableBytesView.starts(with: "HEAD ".utf8)
        let request = intake.bytes
        answer(refusal, isHead: isHead, keepsAlive: false)
        lane.log(
            AccessEntry(
                peer: peer.address, request: request, status: refusal.status, bytes: 0,
                microseconds: 0, color: nil))
    }

    /// Closes so that the last answer is not lost: closing while bytes are unread would reset the
    /// connection under it.
    func closeGently() {
        let isQuiet: Bool
        if case .exchanging(let exchange) = phase {
            isQuiet = exchange.requestIsWhole && intake.bytes.readableBytes == 0
        } else {
            isQuiet = false
        }
        intake.bytes = ByteBuffer()
        if isQuiet || inputHasEnded { return closeAfterFlush() }
        phase = .closing
        deadline = .after(Self.lingering)
        context?.close(mode: .output, promise: nil)
        context?.read()
    }
}
