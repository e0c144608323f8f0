import NIOCore

/// Frames the pieces of a body for the other side.
struct OutgoingBody {
    /// Up to this size a piece is copied behind what is there, so that one write carries both.
    private static let worthCopying = 8 * 1024

    let framing: BodyFraming

    /// Appends to `out`; what is too large to be copied goes to `write`, after what `out` held.
    func add(_ piece: ByteBuffer, to out: inout ByteBuffer, write: (ByteBuffer) -> Void) {
        guard piece.readableBytes > 0, framing != .none else { return }
        if framing == .chunked {
            out.writeString(String(piece.readableBytes, radix: 16))
            out.writeStaticString("\r\n")
        }
        if piece.readableBytes <= Self.worthCopying {
            out.writeImmutableBuffer(piece)
        } else {
            if out.readableBytes > 0 { write(out) }
            out.clear()
            write(piece)
        }
        if framing == .chunked { out.writeStaticString("\r\n") }
    }

    func finish(trailers: ByteBuffer?, to out: inout ByteBuffer) {
        guard framing == .chunked else { return }
        out.writeStaticString("0\r\n")
        if let trailers { out.writeImmutableBuffer(trailers) }
        out.writeStaticString("\r\n")
    }
}
