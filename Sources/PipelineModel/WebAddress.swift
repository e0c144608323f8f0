/// An `http` or `https` address, looked at closely enough to trust it with a switch.
package struct WebAddress: Hashable, Sendable {
    package enum Mistake: Error, Hashable {
        case notWeb
        case credentials
        case noHost
        case badPort
        case badCharacter
        case notABase
    }

    package let isSecure: Bool
    /// Lower case; an IPv6 address keeps its brackets.
    package let host: String
    package let port: Int
    /// What follows the host: empty, or `/...`.
    package let rest: String

    package init(_ text: String) throws(Mistake) {
        let isClean = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !"\\#".utf8.contains($0) }
        guard isClean else { throw .badCharacter }
        let schemes = [("http://", false), ("https://", true)]
        guard let (scheme, isSecure) = schemes.first(where: { text.lowercased().hasPrefix($0.0) })
        else { throw .notWeb }
        let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { throw .credentials }
        let (host, port) = try Self.split(authority)
        self.isSecure = isSecure
        self.host = host
        self.port = port ?? (isSecure ? 443 : 80)
        rest = String(text.dropFirst(scheme.count + authority.count))
    }

    /// The base of other addresses: no query, and no slash at its end.
    ///
    /// - Returns: `text` without its trailing slashes.
    package static func base(_ text: String) throws(Mistake) -> String {
        let address = try WebAddress(text)
        guard !address.rest.contains("?") else { throw .notABase }
        var base = Substring(text)
        while base.hasSuffix("/") { base = base.dropLast() }
        return String(base)
    }

    /// `host:port` of a socket address, `nil` where `text` is none.
    package static func hostAndPort(_ text: String) -> (host: String, port: Int)? {
        guard !text.contains(where: { "/@?# ".contains($0) }) else { return nil }
        // Why it is wrong is of no use here: the message shows what would be right.
        guard let (host, port) = try? split(Substring(text)), let port else { return nil }
        return (host, port)
    }

    private static func split(
        _ authority: Substring
    ) throws(Mistake) -> (host: String, port: Int?) {
        var host = authority
        var digits: Substring?
        if let colon = authority.lastIndex(of: ":"), authority[colon...].firstIndex(of: "]") == nil
        {
            host = authority[..<colon]
            digits = authority[colon...].dropFirst()
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.count > 2
        guard !host.isEmpty, isBracketed || !host.contains(where: { ":[]".contains($0) })
        else { throw .noHost }
        guard let digits else { return (host.lowercased(), nil) }
        let isPlain = digits.allSatisfy { $0.isASCII && $0.isNumber }
        guard isPlain, let port = Int(digits), (1...65535).contains(port) else { throw .badPort }
        return (host.lowercased(), port)
    }
}

extension WebAddress.Mistake {
    /// Never repeats the address: it may hold a password.
    package var message: String {
        switch self {
        case .notWeb: "must be an address that begins with http:// or https://"
        case .credentials: "must not hold a user name or password"
        case .noHost: "has no host"
        case .badPort: "has a port that is not between 1 and 65535"
        case .badCharacter: "holds a character that an address cannot have"
        case .notABase: "must not have a query: paths are added to it"
        }
    }
}
