/// The name of an HTTP header: a token of RFC 9110, section 5.6.2.
package enum HeaderName {
    package static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isTokenByte)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

extension Section {
    /// Reports every key of the mapping `key` that cannot name a header.
    ///
    /// - Returns: Whether all can.
    @discardableResult
    package func checkHeaderNames(in key: String) -> Bool {
        guard case .mapping(let entries)? = node[key]?.content else { return true }
        let wrong = entries.filter { !HeaderName.isToken($0.key) }
        for entry in wrong { reportHeaderName(entry.key, at: entry.keyPosition) }
        return wrong.isEmpty
    }

    /// The value of `key`, where it can name a header.
    package func headerName(_ key: String) -> String? {
        guard let name = text(key) else { return nil }
        guard HeaderName.isToken(name) else {
            reportHeaderName(name, at: position(of: key))
            return nil
        }
        return name
    }

    private func reportHeaderName(_ name: String, at position: Position) {
        report.error(
            at: position, "\(ScalarCheck.quoted(name)) cannot be the name of a header",
            hint: "only letters, digits and !#$%&'*+-.^_`|~, as in X-Color")
    }
}
