/// Method, target and version of a request, as positions in its bytes (RFC 9112, section 3).
struct RequestLine {
    var method: Range<Int>
    /// In origin form, or `*`.
    var target: Range<Int>
    /// Of an absolute form.
    var authority: Range<Int>?
    var minor: Int
    /// Where the next line begins.
    var end: Int

    init(_ bytes: Bytes, length: Int) throws(Refusal) {
        var position = 0
        while Octet.isToken(bytes[position]) { position += 1 }
        method = 0..<position
        guard !method.isEmpty, bytes[position] == Octet.space else {
            throw .malformed("The method is malformed.")
        }
        let start = position + 1
        position = start
        while bytes[position] > Octet.space, bytes[position] < 0x7F,
            bytes[position] != UInt8(ascii: "#")
        {
            position += 1
        }
        target = start..<position
        guard !target.isEmpty, bytes[position] == Octet.space else {
            throw .malformed("The target is malformed.")
        }
        minor = try Self.version(bytes, at: position + 1)
        end = position + 11
        guard !bytes.isExactly("CONNECT", method), !bytes.isExactly("TRACE", method) else {
            throw Refusal(501, "The method is not supported.")
        }
        try splitTarget(bytes)
    }

    /// `HTTP/1.x` and the end of the line; the minor version.
    private static func version(_ bytes: Bytes, at start: Int) throws(Refusal) -> Int {
        guard bytes.count >= start + 10, bytes.isExactly("HTTP/", start..<start + 5),
            Octet.isDigit(bytes[start + 5]), bytes[start + 6] == UInt8(ascii: "."),
            Octet.isDigit(bytes[start + 7]), bytes[start + 8] == Octet.carriageReturn,
            bytes[start + 9] == Octet.lineFeed
        else { throw .malformed("The version is malformed.") }
        guard bytes[start + 5] == UInt8(ascii: "1") else {
            throw Refusal(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        }
        return bytes[start + 7] == UInt8(ascii: "0") ? 0 : 1
    }

    private mutating func splitTarget(_ bytes: Bytes) throws(Refusal) {
        guard bytes[target.lowerBound] != Octet.slash else { return }
        let isOptions = bytes.isExactly("OPTIONS", method)
        if isOptions, bytes.isExactly("*", target) { return }
        let start = target.lowerBound
        let schemes: [StaticString] = ["http://", "https://"]
        let scheme = schemes.first { scheme in
            let end = start + scheme.utf8CodeUnitCount
            return end < target.upperBound && bytes.spells(scheme, start..<end)
        }
        guard let scheme else { throw .malformed("The target is malformed.") }
        let hostStart = start + scheme.utf8CodeUnitCount
        let isAuthority = { (byte: UInt8) in byte != Octet.slash && byte != UInt8(ascii: "?") }
        let hostEnd =
            (hostStart..<target.upperBound).first { !isAuthority(bytes[$0]) } ?? target.upperBound
        authority = hostStart..<hostEnd
        target = hostEnd..<target.upperBound
    }
}

/// A host, with or without a port.
enum Authority {
    /// Stricter than the grammar: no user, no list, nothing that a URL parser could split elsewhere.
    static func isValid(_ bytes: Bytes, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        var end = range.lowerBound
        if bytes[end] == UInt8(ascii: "[") {
            guard let close = bytes.first(UInt8(ascii: "]"), in: range) else { return false }
            let inner = end + 1..<close
            guard !inner.isEmpty,
                !bytes.contains(where: { !isAddressByte($0) }, in: inner)
            else { return false }
            end = close + 1
        } else {
            while end < range.upperBound, isNameByte(bytes[end]) { end += 1 }
            guard end > range.lowerBound else { return false }
        }
        guard end < range.upperBound else { return true }
        let port = end + 1..<range.upperBound
        guard bytes[end] == Octet.colon else { return false }
        return port.isEmpty || (bytes.decimal(port) ?? .max) <= 65_535
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        // unreserved, pct-encoded and sub-delims of RFC 3986, without the comma.
        Octet.isToken(byte) && byte != UInt8(ascii: "#") && byte != UInt8(ascii: "^")
            && byte != UInt8(ascii: "`") && byte != UInt8(ascii: "|")
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        Octet.hexValue(byte) != nil || byte == Octet.colon || byte == UInt8(ascii: ".")
    }
}
