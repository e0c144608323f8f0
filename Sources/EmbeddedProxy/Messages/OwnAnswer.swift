import NIOCore

/// Answers that the proxy gives in its own name.
enum OwnAnswer {
    /// `isHead`: the request was HEAD, so that the answer has no body.
    static func refusing(
        _ refusal: Refusal, isHead: Bool, keepsAlive: Bool, dateLine: ByteBuffer
    ) -> ByteBuffer {
        let body = refusal.reason + "\n"
        var out = ByteBuffer()
        out.writeString("HTTP/1.1 \(refusal.status) \(refusal.phrase)\r\n")
        out.writeImmutableBuffer(dateLine)
        out.writeString("Content-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n")
        writeEnd(keepsAlive, to: &out)
        if !isHead { out.writeString(body) }
        return out
    }

    /// To an OPTIONS that may go no further (RFC 9110, section 7.6.2).
    static func toOptions(keepsAlive: Bool, dateLine: ByteBuffer) -> ByteBuffer {
        var out = ByteBuffer()
        out.writeStaticString("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")
        out.writeImmutableBuffer(dateLine)
        writeEnd(keepsAlive, to: &out)
        return out
    }

    private static func writeEnd(_ keepsAlive: Bool, to out: inout ByteBuffer) {
        out.writeStaticString(
            keepsAlive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n")
    }
}
