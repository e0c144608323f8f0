import NIOCore

/// An answer that may be passed on: positions in the bytes it was read from.
struct ResponseHead {
    /// With the empty line.
    var length: Int
    var status: Int
    var minor: Int
    /// From the status code to the end of the line.
    var statusAndPhrase: Range<Int>
    var framing = BodyFraming.none
    var options = ConnectionOptions()
    var hasDate = false
    var upgrade: Range<Int>?

    /// 101 is final: what follows is another protocol.
    var isInterim: Bool { status < 200 && status != 101 }
    /// The connection can carry another request after this answer.
    var persists: Bool { options.persists(minor: minor) && framing != .untilClose }
}

/// Decides which answers are passed on; everything else is an upstream that cannot be trusted: 502.
enum ResponseRules {
    /// Reads the head that is the first `length` bytes; `fields` are then its lines.
    /// An answer to HEAD has no body whatever its fields say.
    static func read(
        _ input: ByteBuffer, length: Int, method: Method, fields: inout [Field]
    ) -> Result<ResponseHead, Refusal> {
        input.withUnsafeReadableBytes { bytes in
            do throws(Refusal) {
                var head = try readStatusLine(bytes, length: length)
                try Field.readAll(
                    bytes, from: head.statusAndPhrase.upperBound + 2, to: length, into: &fields)
                try readFields(bytes, fields, method, into: &head)
                return .success(head)
            } catch {
                return .failure(Refusal(502, error.reason))
            }
        }
    }

    private static func readStatusLine(
        _ bytes: Bytes, length: Int
    ) throws(Refusal) -> ResponseHead {
        guard bytes.count >= 14, bytes.isExactly("HTTP/1.", 0..<7), Octet.isDigit(bytes[7]),
            bytes[8] == Octet.space, let status = bytes.decimal(9..<12)
        else { throw .malformed("The status line is malformed.") }
        guard (100...599).contains(status) else { throw .malformed("The status is out of range.") }
        guard bytes[12] == Octet.space || bytes[12] == Octet.carriageReturn else {
            throw .malformed("The status line is malformed.")
        }
        var end = 12
        while Octet.isText(bytes[end]) { end += 1 }
        guard bytes[end] == Octet.carriageReturn, bytes[end + 1] == Octet.lineFeed else {
            throw .malformed("The status line has a control character.")
        }
        return ResponseHead(
            length: length, status: status, minor: bytes[7] == UInt8(ascii: "0") ? 0 : 1,
            statusAndPhrase: 9..<end)
    }

    private static func readFields(
        _ bytes: Bytes, _ fields: [Field], _ method: Method, into head: inout ResponseHead
    ) throws(Refusal) {
        var claims = BodyFraming.Claims()
        for field in fields where field.kind != .ordinary && !field.isDisguised {
            switch field.kind {
            case .contentLength: try claims.addLength(bytes, field.value)
            case .transferEncoding: try claims.addCoding(bytes, field.value)
            case .connection: try head.options.add(bytes, field.value)
            case .date: head.hasDate = true
            case .upgrade: head.upgrade = field.value
            case .ordinary, .expect, .forwarded, .host, .keepAlive, .live, .maxForwards,
                .protocolSettings, .proxyConnection, .realAddress, .te, .forwardedFor,
                .forwardedHost, .forwardedProtocol, .forwardedOther:
                continue
            }
        }
        let framing = try claims.framing(minor: head.minor) ?? .untilClose
        let isBodiless =
            method == .head || head.status < 200 || head.status == 204 || head.status == 304
        head.framing = isBodiless ? .none : framing
    }
}
