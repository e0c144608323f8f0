import Logging
import NIOCore
import NIOPosix
import PipelineModel

/// One request and its answer: from the head that was read to the last byte that was written.
final class Exchange {
    let color: Color
    let client: ClientHandler
    let lane: Lane
    let method: Method
    let minor: Int
    let upgrades: Bool
    let meter: ColorMeter?
    var upstream: UpstreamHandler?
    var answer: Answer
    private(set) var requestIsWhole: Bool
    private(set) var isOver = false
    /// Not any more where the tunnels of its colour were closed while it waited for its answer.
    private(set) var mayTunnel = true

    private let clientPersists: Bool
    private let started = NIODeadline.now()
    private var body: BodyReader
    private let outgoingBody: OutgoingBody
    private var bodyBytes = 0
    private var mayReplay: Bool
    private var deadline = NIODeadline.distantFuture

    init(_ client: ClientHandler, _ head: RequestHead, _ color: Color, isMetered: Bool) {
        let wiring = client.lane.wiring
        self.client = client
        self.color = color
        lane = client.lane
        method = head.method
        minor = head.minor
        upgrades = head.upgrade != nil
        clientPersists = head.persists
        meter = isMetered ? client.lane.meter(color) : nil
        body = BodyReader(head.framing, trailerLimits: wiring.answerLimits)
        outgoingBody = OutgoingBody(framing: head.framing)
        requestIsWhole = body.isDone
        mayReplay = body.isDone && head.method.isIdempotent
        answer = Answer(wiring.answerLimits)
    }

    var persists: Bool { clientPersists && requestIsWhole && !lane.isStopping }
    var bufferedBytes: Int { (upstream?.bufferedBytes ?? 0) + answer.input.readableBytes }
    var wantsRequestBytes: Bool { !requestIsWhole && upstream?.isWritable == true }

    func start() {
        meter?.begin()
        // Many servers look for an upgrade only in the first request of a connection.
        lane.pool(color).serve(self, isFresh: upgrades, on: lane.eventLoop)
    }
}

// The upstream connection.
extension Exchange {
    func upstreamIsReady(_ upstream: UpstreamHandler) {
        guard !isOver else { return lane.pool(color).keep(upstream) }
        self.upstream = upstream
        upstream.begin(self)
        upstream.write(client.outgoing)
        touch()
        requestIsWhole ? upstream.flush() : takeRequestBody()
        guard !isOver else { return }
        if wantsAnswerBytes { upstream.read() }
        client.read()
    }

    func upstreamIsMissing(_ error: any Error) {
        guard !isOver else { return }
        switch error {
        case ChannelError.connectTimeout: fail(504, "The upstream did not accept in time.")
        case let error as IOError where error.saysNoDescriptors:
            lane.shed()
            fail(503, "There are no descriptors left.")
        default: fail(502, "The upstream cannot be reached.")
        }
    }

    /// `isWhole`: the peer closed in order, so that everything it sent has arrived.
    func upstreamEnded(isWhole: Bool) {
        guard !isOver else { return }
        if isWhole, answer.endsWithConnection { return finishAnswer(trailers: nil) }
        if !answer.hasBegun, mayReplay, upstream?.isReused == true { return replay() }
        fail(
            502,
            answer.hasBegun
                ? "The upstream cut its answer short." : "The upstream closed without an answer.")
    }

    func upstreamIsWritable() {
        takeRequestBody()
        client.read()
    }

    private func replay() {
        mayReplay = false
        upstream?.close()
        upstream = nil
        lane.pool(color).serve(self, isFresh: true, on: lane.eventLoop)
    }
}

// The request's body.
extension Exchange {
    /// Passes on what has arrived, as long as the upstream takes it.
    func takeRequestBody() {
        guard let upstream, !requestIsWhole, !isOver, upstream.isWritable else { return }
        lane.scratch.clear()
        do throws(Refusal) {
            try copyRequestBody(to: upstream)
        } catch {
            return fail(error.status, error.reason)
        }
        if lane.scratch.readableBytes > 0 { upstream.write(lane.scratch) }
        upstream.flush()
        touch()
        // What is missing will not come.
        if client.inputHasEnded, !requestIsWhole { client.abort() }
    }

    private func copyRequestBody(to upstream: UpstreamHandler) throws(Refusal) {
        while true {
            switch try body.next(&client.intake.bytes) {
            case .needsMore: return
            case .bytes(let piece):
                bodyBytes += piece.readableBytes
                guard bodyBytes <= lane.wiring.limits.bodyBytes ?? .max else {
                    throw Refusal(413, "The body is too large.")
                }
                outgoingBody.add(piece, to: &lane.scratch, write: upstream.write)
            case .end(let trailers):
                outgoingBody.finish(trailers: trailers, to: &lane.scratch)
                requestIsWhole = true
                return
            }
        }
    }
}

// The ends.
extension Exchange {
    /// The answer was written whole.
    func complete() {
        guard !isOver else { return }
        end(.answered(status: answer.status))
        if let upstream {
            // A server that did not grant an upgrade may still have stopped reading requests.
            let isClean =
                requestIsWhole && answer.upstreamPersists && answer.input.readableBytes == 0
                && !upgrades
            isClean ? lane.pool(color).keep(upstream) : upstream.close()
        }
        client.exchangeIsOver(keepsAlive: answer.announcedPersistence)
    }

    /// There is no whole answer: the client is told, or, where it has read a part, cut off.
    func fail(_ status: Int, _ reason: String) {
        guard !isOver else { return }
        upstream?.close()
        let isClientsFault = status < 500
        answer.status = answer.hasHead ? answer.status : status
        end(isClientsFault ? .abandoned : .unanswered)
        guard answer.hasHead else {
            let refusal = Refusal(status, reason)
            return client.answer(refusal, isHead: method == .head, keepsAlive: persists)
        }
        lane.note(
            "An answer was cut off.",
            ["color": "\(color)", "reason": "\(reason)", "peer": "\(client.peer.address)"])
        client.abort()
    }

    func forbidTunnel() { mayTunnel = false }

    func clientIsGone() {
        guard !isOver else { return }
        upstream?.close()
        end(.abandoned)
    }

    /// 101: what follows is no longer HTTP.
    func becomeTunnel() {
        guard let upstream, !isOver else { return }
        isOver = true
        meter?.openTunnel()
        log()
        let tunnel = Tunnel(
            client, upstream, color: color, meter: meter,
            idleLimit: lane.wiring.times.tunnelIdle)
        upstream.begin(tunnel)
        if answer.input.readableBytes > 0 { tunnel.upstreamSent(answer.input) }
        client.begin(tunnel)
        client.read()
    }

    private func end(_ end: ExchangeEnd) {
        isOver = true
        meter?.finish(end, microseconds: microseconds)
        log()
    }

    private func log() {
        lane.log(
            AccessEntry(
                peer: client.peer.address, request: client.outgoing, status: answer.status,
                bytes: answer.bytes, microseconds: microseconds, color: color))
    }

    private var microseconds: Int { Int((NIODeadline.now() - started).nanoseconds / 1000) }
}

// Time.
extension Exchange {
    /// Something has moved: what is waited for next has its whole limit again.
    func touch() {
        let times = lane.wiring.times
        let waitsForHead = requestIsWhole && !answer.hasHead
        deadline = .after(waitsForHead ? times.response : times.transfer)
    }

    func checkDeadline(_ now: NIODeadline) {
        guard deadline <= now else { return }
        if answer.hasHead {
            guard !client.isStillTaking() else { return touch() }
            return fail(
                504, client.isWritable ? "The answer stalled." : "The client stopped reading.")
        }
        guard requestIsWhole || upstream?.isWritable == false else {
            return fail(408, "The body took too long.")
        }
        fail(504, "The upstream did not answer in time.")
    }

    func clientIsWritable() {
        touch()
        if wantsAnswerBytes { upstream?.read() }
    }
}
