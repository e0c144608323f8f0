import NIOCore

/// How far the answer to one request has come.
struct Answer {
    fileprivate enum Part {
        case head(HeadScanner)
        case body(BodyReader)
    }

    fileprivate var part = Part.head(HeadScanner())
    fileprivate var outgoing = OutgoingBody(framing: .none)
    fileprivate let limits: HeadScanner.Limits
    /// Read from the upstream and not yet understood.
    var input = ByteBuffer()
    var status = 0
    /// Of the body, as the upstream sent it.
    fileprivate(set) var bytes = 0
    /// At least one byte has come from the upstream.
    fileprivate(set) var hasBegun = false
    /// The client has the final head.
    fileprivate(set) var hasHead = false
    /// What the client was told.
    fileprivate(set) var announcedPersistence = false
    fileprivate(set) var upstreamPersists = false

    init(_ limits: HeadScanner.Limits) {
        self.limits = limits
    }

    var endsWithConnection: Bool {
        guard case .body(let reader) = part else { return false }
        return reader.endsWithConnection
    }
}

extension Exchange {
    var wantsAnswerBytes: Bool { !isOver && client.isWritable }

    func upstreamSent(_ bytes: ByteBuffer) {
        answer.hasBegun = true
        answer.input.takeIn(bytes)
        lane.scratch.clear()
        do throws(Refusal) {
            try readAnswer()
        } catch {
            fail(502, "The upstream's answer is malformed: \(error.reason)")
        }
    }

    /// Ends the body; also called when the connection's end is the body's end.
    func finishAnswer(trailers: ByteBuffer?) {
        answer.outgoing.finish(trailers: trailers, to: &lane.scratch)
        sendScratch()
        complete()
    }

    private func readAnswer() throws(Refusal) {
        while !isOver {
            switch answer.part {
            case .head(var scanner):
                let length = try headLength(&scanner)
                answer.part = .head(scanner)
                guard let length else { return sendScratch() }
                try readHead(length)
            case .body(var reader):
                let piece = try reader.next(&answer.input)
                answer.part = .body(reader)
                switch piece {
                case .needsMore:
                    touch()
                    return sendScratch()
                case .bytes(let bytes):
                    answer.bytes += bytes.readableBytes
                    answer.outgoing.add(bytes, to: &lane.scratch, write: client.write)
                case .end(let trailers): finishAnswer(trailers: minor > 0 ? trailers : nil)
                }
            }
        }
    }

    private func headLength(_ scanner: inout HeadScanner) throws(Refusal) -> Int? {
        let limits = answer.limits
        return try answer.input.withUnsafeReadableBytes { bytes in
            do throws(Refusal) {
                return Result<Int?, Refusal>.success(try scanner.end(in: bytes, limits))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private func readHead(_ length: Int) throws(Refusal) {
        let head = try ResponseRules.read(
            answer.input, length: length, method: method, fields: &lane.fields
        ).get()
        guard !head.isInterim else { return passInterim(head) }
        if head.status == 101 { return try switchProtocols(head) }
        let framing = outgoingFraming(head)
        answer.status = head.status
        answer.outgoing = OutgoingBody(framing: framing)
        answer.announcedPersistence = persists && framing != .untilClose
        answer.upstreamPersists = head.persists
        writeHead(head, framing, keepsAlive: answer.announcedPersistence)
        answer.hasHead = true
        answer.part = .body(BodyReader(head.framing, trailerLimits: answer.limits))
    }

    /// RFC 9110, section 15.2: every interim answer is passed on, but 1.0 does not know them.
    private func passInterim(_ head: ResponseHead) {
        if minor > 0 { writeHead(head, .none, keepsAlive: true) } else { skip(head) }
        answer.part = .head(HeadScanner())
    }

    private func switchProtocols(_ head: ResponseHead) throws(Refusal) {
        guard upgrades, head.upgrade != nil, head.options.upgrades else {
            throw .malformed("It switches protocols without being asked.")
        }
        guard mayTunnel else { return fail(503, "The tunnels to \(color) were closed.") }
        answer.status = 101
        writeHead(head, .none, keepsAlive: true)
        sendScratch()
        becomeTunnel()
    }

    private func outgoingFraming(_ head: ResponseHead) -> BodyFraming {
        switch head.framing {
        case .none, .length: head.framing
        case .chunked, .untilClose: minor > 0 ? .chunked : .untilClose
        }
    }

    private func writeHead(_ head: ResponseHead, _ framing: BodyFraming, keepsAlive: Bool) {
        let writer = ResponseWriter(
            framing: framing, minor: minor, keepsAlive: keepsAlive, dateLine: lane.date.bytes,
            live: lane.wiring.showsLive ? color : nil)
        writer.write(head, lane.fields, from: answer.input, to: &lane.scratch)
        skip(head)
    }

    private func skip(_ head: ResponseHead) {
        answer.input.moveReaderIndex(forwardBy: head.length)
    }

    private func sendScratch() {
        guard lane.scratch.readableBytes > 0 else { return client.flush() }
        client.write(lane.scratch)
        client.flush()
        lane.scratch.clear()
    }
}
