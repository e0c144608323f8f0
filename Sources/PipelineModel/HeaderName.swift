/// The name of an HTTP header: a token of RFC 9110, section 5.6.2.
package enum HeaderName {
    /// In small letters: what they hold lets somebody in.
    static let secrets: Set = [
        "authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token",
    ]

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

    /// Reports every header here, however deep, that holds a secret as it is: for what gets into a
    /// record, which keeps `${env.NAME}` as the name.
    package func refuseWrittenSecrets() { refuseWrittenSecrets(in: node, isHeaders: false) }

    private func refuseWrittenSecrets(in node: Node, isHeaders: Bool) {
        switch node.content {
        case .scalar: return
        case .list(let items):
            for item in items { refuseWrittenSecrets(in: item, isHeaders: false) }
        case .mapping(let entries):
            for entry in entries {
                if isHeaders, HeaderName.secrets.contains(entry.key.lowercased()),
                    let text = entry.value.text,
                    !Template(TemplateParser.parse(text).parts, at: entry.value.position).names
                        .contains(where: { $0.hasPrefix("env.") })
                {
                    report.error(
                        at: entry.value.position, "'\(entry.key)' holds a secret, and is recorded",
                        hint: "put it into the environment, and name it: ${env.LB_TOKEN}")
                }
                refuseWrittenSecrets(in: entry.value, isHeaders: entry.key == "headers")
            }
        }
    }

    private func reportHeaderName(_ name: String, at position: Position) {
        report.error(
            at: position, "\(ScalarCheck.quoted(name)) cannot be the name of a header",
            hint: "only letters, digits and !#$%&'*+-.^_`|~, as in X-Color")
    }
}
