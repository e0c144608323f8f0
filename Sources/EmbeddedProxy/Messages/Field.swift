/// One line of a head, as positions in its bytes.
struct Field {
    var kind: FieldKind
    /// Underscores stand where the known name has dashes: to a CGI-like application it is the same name.
    var isDisguised: Bool
    /// The first byte of the line, and of the name.
    var start: Int32
    var nameEnd: Int32
    var valueStart: Int32
    var valueEnd: Int32

    var name: Range<Int> { Int(start)..<Int(nameEnd) }
    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }

    /// Reads the lines from `start` to the empty line that ends at `end`.
    static func readAll(
        _ bytes: Bytes, from start: Int, to end: Int, into fields: inout [Field]
    ) throws(Refusal) {
        fields.removeAll(keepingCapacity: true)
        var position = start
        while position < end - 2 { fields.append(try read(bytes, at: &position)) }
    }

    /// Reads the line that begins at `position` and ends with CR LF; `position` is then the next line.
    private static func read(_ bytes: Bytes, at position: inout Int) throws(Refusal) -> Field {
        let start = position
        var hasUnderscore = false
        while Octet.isToken(bytes[position]) {
            if bytes[position] == Octet.underscore { hasUnderscore = true }
            position += 1
        }
        let nameEnd = position
        guard nameEnd > start, bytes[nameEnd] == Octet.colon else {
            throw .malformed("A field name is malformed.")
        }
        position += 1
        while Octet.isText(bytes[position]) { position += 1 }
        guard bytes[position] == Octet.carriageReturn, bytes[position + 1] == Octet.lineFeed else {
            throw .malformed("A field value has a control character.")
        }
        let value = bytes.trimmed(nameEnd + 1..<position)
        position += 2
        return Field(
            kind: FieldKind(bytes, start..<nameEnd), isDisguised: hasUnderscore,
            start: Int32(start), nameEnd: Int32(nameEnd), valueStart: Int32(value.lowerBound),
            valueEnd: Int32(value.upperBound))
    }
}

/// The names that mean something to a gateway.
enum FieldKind: UInt8 {
    case ordinary
    case connection
    case contentLength
    case date
    case expect
    case forwarded
    case host
    case keepAlive
    case live
    case maxForwards
    case protocolSettings
    case proxyConnection
    case realAddress
    case te
    case transferEncoding
    case upgrade
    case forwardedFor
    case forwardedHost
    case forwardedProtocol
    case forwardedOther

    /// Without case, and with underscores taken for dashes.
    @inline(__always)
    init(_ bytes: Bytes, _ name: Range<Int>) {
        self = .ordinary
        let candidate: (StaticString, FieldKind)
        switch (name.count, Octet.lowercased(bytes[name.lowerBound])) {
        case (2, UInt8(ascii: "t")): candidate = ("te", .te)
        case (4, UInt8(ascii: "h")): candidate = ("host", .host)
        case (4, UInt8(ascii: "d")): candidate = ("date", .date)
        case (6, UInt8(ascii: "e")): candidate = ("expect", .expect)
        case (6, UInt8(ascii: "x")): candidate = ("x-live", .live)
        case (7, UInt8(ascii: "u")): candidate = ("upgrade", .upgrade)
        case (9, UInt8(ascii: "f")): candidate = ("forwarded", .forwarded)
        case (9, UInt8(ascii: "x")): candidate = ("x-real-ip", .realAddress)
        case (10, UInt8(ascii: "c")): candidate = ("connection", .connection)
        case (10, UInt8(ascii: "k")): candidate = ("keep-alive", .keepAlive)
        case (12, UInt8(ascii: "m")): candidate = ("max-forwards", .maxForwards)
        case (14, UInt8(ascii: "c")): candidate = ("content-length", .contentLength)
        case (14, UInt8(ascii: "h")): candidate = ("http2-settings", .protocolSettings)
        case (15, UInt8(ascii: "x")): candidate = ("x-forwarded-for", .forwardedFor)
        case (16, UInt8(ascii: "x")): candidate = ("x-forwarded-host", .forwardedHost)
        case (16, UInt8(ascii: "p")): candidate = ("proxy-connection", .proxyConnection)
        case (17, UInt8(ascii: "x")): candidate = ("x-forwarded-proto", .forwardedProtocol)
        case (17, UInt8(ascii: "t")): candidate = ("transfer-encoding", .transferEncoding)
        default: candidate = ("", .ordinary)
        }
        if candidate.1 != .ordinary, Self.spells(bytes, name, candidate.0) {
            self = candidate.1
        } else if name.count > 12, Octet.lowercased(bytes[name.lowerBound]) == UInt8(ascii: "x"),
            Self.spells(bytes, name.prefix(12), "x-forwarded-")
        {
            self = .forwardedOther
        }
    }

    private static func spells(_ bytes: Bytes, _ name: Range<Int>, _ text: StaticString) -> Bool {
        var letter = text.utf8Start
        for index in name {
            let byte = bytes[index] == Octet.underscore ? Octet.dash : bytes[index]
            guard Octet.lowercased(byte) == letter.pointee else { return false }
            letter += 1
        }
        return true
    }
}
