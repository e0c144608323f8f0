import NIOCore

/// Decides which requests are passed on. What two recipients could read in two ways is refused, never
/// repaired (RFC 9112, sections 2.2, 3, 5, 6 and 11).
enum RequestRules {
    /// Reads the head that is the first `length` bytes; `fields` are then its lines.
    static func read(
        _ input: ByteBuffer, length: Int, fields: inout [Field]
    ) -> Result<RequestHead, Refusal> {
        input.withUnsafeReadableBytes { bytes in
            do throws(Refusal) {
                return .success(try read(bytes, length: length, fields: &fields))
            } catch {
                return .failure(error)
            }
        }
    }

    private static func read(
        _ bytes: Bytes, length: Int, fields: inout [Field]
    ) throws(Refusal) -> RequestHead {
        let line = try RequestLine(bytes, length: length)
        try Field.readAll(bytes, from: line.end, to: length, into: &fields)
        var head = RequestHead(
            length: length, method: Method(bytes, line.method), methodName: line.method,
            target: line.target, minor: line.minor)
        try readFields(bytes, fields, into: &head)
        try checkTarget(bytes, line, into: &head)
        return head
    }

    private static func readFields(
        _ bytes: Bytes, _ fields: [Field], into head: inout RequestHead
    ) throws(Refusal) {
        var claims = BodyFraming.Claims()
        for field in fields where field.kind != .ordinary && !field.isDisguised {
            let value = field.value
            switch field.kind {
            case .host:
                guard head.host == nil else { throw .malformed("Host is repeated.") }
                guard Authority.isValid(bytes, value) else {
                    throw .malformed("Host is malformed.")
                }
                head.host = value
            case .contentLength: try claims.addLength(bytes, value)
            case .transferEncoding: try claims.addCoding(bytes, value)
            case .connection: try head.options.add(bytes, value)
            case .upgrade: head.upgrade = head.upgrade == nil ? value : head.upgrade
            case .expect:
                guard head.minor > 0 else { continue }
                guard bytes.spells("100-continue", value) else {
                    throw Refusal(417, "The expectation is not known.")
                }
                head.expectsContinue = true
            case .te:
                bytes.forEachElement(value) { element in
                    if bytes.spells("trailers", element) { head.acceptsTrailers = true }
                    return true
                }
            case .maxForwards: head.maxForwards = bytes.decimal(value)
            case .ordinary, .date, .forwarded, .keepAlive, .live, .protocolSettings,
                .proxyConnection, .realAddress, .forwardedFor, .forwardedHost, .forwardedProtocol,
                .forwardedOther:
                continue
            }
        }
        head.framing = try claims.framing(minor: head.minor) ?? .none
        guard head.host != nil || head.minor == 0 else { throw .malformed("Host is missing.") }
        settleUpgrade(bytes, in: &head)
    }

    /// h2c would carry many requests past the route; 1.0 cannot change protocols; a body that is still
    /// under way would become part of the new protocol.
    private static func settleUpgrade(_ bytes: Bytes, in head: inout RequestHead) {
        guard let value = head.upgrade else { return }
        let isUsable = !value.isEmpty && head.options.upgrades && head.minor > 0 && !head.hasBody
        var isPlain = true
        bytes.forEachElement(value) { element in
            if bytes.spells("h2c", element) || bytes.spells("h2", element) { isPlain = false }
            return isPlain
        }
        if !isUsable || !isPlain { head.upgrade = nil }
    }

    private static func checkTarget(
        _ bytes: Bytes, _ line: RequestLine, into head: inout RequestHead
    ) throws(Refusal) {
        guard let authority = line.authority else { return }
        guard let host = head.host else {
            guard Authority.isValid(bytes, authority) else {
                throw .malformed("The target is malformed.")
            }
            head.host = authority
            return
        }
        guard bytes.matches(authority, host) else {
            throw .malformed("The target and Host name different hosts.")
        }
    }
}

extension Method {
    fileprivate init(_ bytes: Bytes, _ name: Range<Int>) {
        self =
            switch name.count {
            case 3 where bytes.isExactly("GET", name): .get
            case 3 where bytes.isExactly("PUT", name): .put
            case 4 where bytes.isExactly("HEAD", name): .head
            case 6 where bytes.isExactly("DELETE", name): .delete
            case 7 where bytes.isExactly("OPTIONS", name): .options
            default: .other
            }
    }
}
