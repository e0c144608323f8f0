import NIOCore
import PipelineModel

/// Writes an answer the way a gateway passes it on.
struct ResponseWriter {
    /// How the body goes to the client.
    var framing: BodyFraming
    /// Of the client's HTTP version.
    var minor: Int
    var keepsAlive: Bool
    /// A whole `Date` line, for answers that have none (RFC 9110, section 6.6.1).
    var dateLine: ByteBuffer
    /// The colour for `X-Live`.
    var live: Color?

    func write(
        _ head: ResponseHead, _ fields: [Field], from input: ByteBuffer, to out: inout ByteBuffer
    ) {
        input.withUnsafeReadableBytes { bytes in
            out.reserveCapacity(out.writerIndex + head.length + 128)
            out.writeStaticString("HTTP/1.1 ")
            out.writeBytes(bytes[head.statusAndPhrase])
            out.writeStaticString("\r\n")
            HeadCopy(bytes, fields, length: head.length).copyLines(to: &out) {
                keeps($0, head, bytes)
            }
            if !head.isInterim { writeOwn(head, bytes, to: &out) }
            out.writeStaticString("\r\n")
        }
    }

    private func keeps(_ field: Field, _ head: ResponseHead, _ bytes: Bytes) -> Bool {
        guard !field.isDisguised else { return true }
        return switch field.kind {
        case .connection, .keepAlive, .proxyConnection, .transferEncoding, .upgrade: false
        case .contentLength: head.status >= 200 && head.status != 204
        case .live: live == nil && !head.options.covers(field, in: bytes)
        case .ordinary, .date, .expect, .forwarded, .host, .maxForwards, .protocolSettings,
            .realAddress, .te, .forwardedFor, .forwardedHost, .forwardedProtocol, .forwardedOther:
            !head.options.covers(field, in: bytes)
        }
    }

    private func writeOwn(_ head: ResponseHead, _ bytes: Bytes, to out: inout ByteBuffer) {
        if let live {
            out.writeStaticString(live == .blue ? "X-Live: blue\r\n" : "X-Live: green\r\n")
        }
        if !head.hasDate { out.writeImmutableBuffer(dateLine) }
        if framing == .chunked { out.writeStaticString("Transfer-Encoding: chunked\r\n") }
        let offersUpgrade = head.status == 101 || head.status == 426
        if offersUpgrade, let upgrade = head.upgrade {
            out.writeStaticString("Connection: Upgrade\r\nUpgrade: ")
            out.writeBytes(bytes[upgrade])
            out.writeStaticString("\r\n")
        }
        guard head.status != 101 else { return }
        if !keepsAlive {
            out.writeStaticString("Connection: close\r\n")
        } else if minor == 0 {
            out.writeStaticString("Connection: keep-alive\r\n")
        }
    }
}
