import NIOCore

/// Who is at the other end of a client's connection.
struct Peer {
    var address: String
    /// Its word about who came before it is taken.
    var isTrusted: Bool

    /// How an address is written here, whichever way it was spelt: an IPv4 client of a listener for
    /// both versions is the IPv4 client that it is.
    static func name(of address: SocketAddress) -> String? {
        guard let text = address.ipAddress else { return nil }
        let isMapped = text.hasPrefix(mappedPrefix) && text.contains(".")
        return isMapped ? String(text.dropFirst(mappedPrefix.count)) : text
    }

    private static let mappedPrefix = "::ffff:"

    /// As a node of RFC 7239, section 6.
    var forwardedNode: String { address.contains(":") ? "\"[\(address)]\"" : address }
}

/// Writes a request the way a gateway passes it on (RFC 9110, section 7.6; RFC 7239).
enum RequestWriter {
    /// `input` holds the head in its first readable bytes; `upstream` is the host for requests of
    /// HTTP/1.0 that name none.
    static func write(
        _ head: RequestHead, _ fields: [Field], from input: ByteBuffer, peer: Peer,
        upstream: String, to out: inout ByteBuffer
    ) {
        input.withUnsafeReadableBytes { bytes in
            out.reserveCapacity(out.writerIndex + head.length + 384)
            writeLine(head, bytes, to: &out)
            let copy = HeadCopy(bytes, fields, length: head.length)
            copy.copyLines(to: &out) { keeps($0, head, bytes, peer) }
            writeHost(head, fields, bytes, upstream, to: &out)
            writeOrigin(head, fields, bytes, copy, peer, to: &out)
            writeConnection(head, bytes, to: &out)
            out.writeStaticString("\r\n")
        }
    }

    private static func writeLine(_ head: RequestHead, _ bytes: Bytes, to out: inout ByteBuffer) {
        out.writeBytes(bytes[head.methodName])
        out.writeStaticString(" ")
        let isPathless = head.target.isEmpty || bytes[head.target.lowerBound] == UInt8(ascii: "?")
        if head.target.isEmpty, head.method == .options {
            out.writeStaticString("*")
        } else if isPathless {
            out.writeStaticString("/")
        }
        out.writeBytes(bytes[head.target])
        out.writeStaticString(" HTTP/1.1\r\n")
    }

    private static func keeps(
        _ field: Field, _ head: RequestHead, _ bytes: Bytes, _ peer: Peer
    ) -> Bool {
        switch field.kind {
        case .ordinary, .date, .live: !head.options.covers(field, in: bytes)
        case .host, .contentLength: !field.isDisguised
        case .expect: head.expectsContinue && !field.isDisguised
        case .maxForwards: head.method != .options && !field.isDisguised
        case .realAddress, .forwardedHost, .forwardedProtocol, .forwardedOther:
            peer.isTrusted && !field.isDisguised && !head.options.covers(field, in: bytes)
        case .connection, .forwarded, .forwardedFor, .keepAlive, .protocolSettings,
            .proxyConnection, .te, .transferEncoding, .upgrade:
            false
        }
    }

    private static func writeHost(
        _ head: RequestHead, _ fields: [Field], _ bytes: Bytes, _ upstream: String,
        to out: inout ByteBuffer
    ) {
        guard !has(.host, fields) else { return }
        out.writeStaticString("Host: ")
        if let host = head.host {
            out.writeBytes(bytes[host])
        } else {
            out.writeString(upstream)
        }
        out.writeStaticString("\r\n")
    }

    private static func has(_ kind: FieldKind, _ fields: [Field]) -> Bool {
        fields.contains { $0.kind == kind && !$0.isDisguised }
    }

    private static func writeOrigin(
        _ head: RequestHead, _ fields: [Field], _ bytes: Bytes, _ copy: HeadCopy, _ peer: Peer,
        to out: inout ByteBuffer
    ) {
        out.writeStaticString(head.minor == 0 ? "Via: 1.0 bluegreen\r\n" : "Via: 1.1 bluegreen\r\n")
        out.writeStaticString("X-Forwarded-For: ")
        if peer.isTrusted { copy.copyList(.forwardedFor, to: &out) }
        out.writeString(peer.address)
        if !(peer.isTrusted && has(.forwardedProtocol, fields)) {
            out.writeStaticString("\r\nX-Forwarded-Proto: http")
        }
        if let host = head.host,
            !(peer.isTrusted && has(.forwardedHost, fields))
        {
            out.writeStaticString("\r\nX-Forwarded-Host: ")
            out.writeBytes(bytes[host])
        }
        out.writeStaticString("\r\nForwarded: ")
        if peer.isTrusted { copy.copyList(.forwarded, to: &out) }
        out.writeStaticString("for=")
        out.writeString(peer.forwardedNode)
        if let host = head.host {
            out.writeStaticString(";host=\"")
            out.writeBytes(bytes[host])
            out.writeStaticString("\"")
        }
        out.writeStaticString(";proto=http\r\n")
    }

    private static func writeConnection(
        _ head: RequestHead, _ bytes: Bytes, to out: inout ByteBuffer
    ) {
        if head.framing == .chunked { out.writeStaticString("Transfer-Encoding: chunked\r\n") }
        if head.method == .options, let hops = head.maxForwards {
            out.writeString("Max-Forwards: \(max(0, hops - 1))\r\n")
        }
        if head.acceptsTrailers {
            out.writeStaticString("TE: trailers\r\n")
            if head.upgrade == nil { out.writeStaticString("Connection: TE\r\n") }
        }
        if let upgrade = head.upgrade {
            out.writeStaticString(
                head.acceptsTrailers ? "Connection: Upgrade, TE\r\n" : "Connection: Upgrade\r\n")
            out.writeStaticString("Upgrade: ")
            out.writeBytes(bytes[upgrade])
            out.writeStaticString("\r\n")
        }
    }
}
