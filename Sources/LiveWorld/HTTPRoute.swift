import AsyncHTTPClient
import Contracts
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Where a request goes: over which kind of connection, to which address, under which name.
struct HTTPRoute: Sendable {
    let kind: HTTPClients.Kind
    /// `127.0.0.1:8080`: what is really connected to.
    let address: String
    /// The host of it, without brackets.
    let host: String
    /// The host that the URL asks for.
    private let name: String
    private let url: URL
    /// The name that the URL asks for, with its port where that is unusual.
    private let authority: String

    init(_ request: HTTPRequest) throws(HTTPFailure) {
        guard let url = URL(string: request.url), let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = url.host, !host.isEmpty
        else { throw Self.badURL }
        let named = Dialled(host: host, port: url.port ?? (scheme == "https" ? 443 : 80))
        var dialled = named
        if let connectTo = request.connectTo {
            dialled = try Dialled(connectTo)
            try dialled.checkCertificate(of: named, isSecure: scheme == "https")
        }
        self.url = try Self.url(url, port: dialled.port, insteadOf: named.port)
        authority = url.port.map { "\(named.host):\($0)" } ?? named.host
        address = "\(dialled.host):\(dialled.port)"
        self.host = dialled.bareHost
        name = named.host
        kind = HTTPClients.Kind(
            isFresh: request.isOnFreshConnection, caFile: request.caFile,
            aliases: dialled.host == named.host ? [:] : [named.host: dialled.bareHost])
    }

    private static let badURL = HTTPFailure(.badURL, "the URL is not of the form http://host/path")

    /// The library lets a name stand for another host but not for another port.
    private static func url(
        _ url: URL, port: Int, insteadOf usual: Int
    ) throws(HTTPFailure) -> URL {
        guard port != usual else { return url }
        var parts = URLComponents(url: url, resolvingAgainstBaseURL: false)
        parts?.port = port
        guard let changed = parts?.url else { throw badURL }
        return changed
    }

    /// The same kind of connection to this address, still under the name that the URL asks for.
    func kind(through address: String) -> HTTPClients.Kind {
        var kind = kind
        kind.aliases = [name: address]
        return kind
    }

    func message(_ request: HTTPRequest) throws -> HTTPClient.Request {
        var headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        if !headers.contains(name: "host") { headers.add(name: "host", value: authority) }
        return try HTTPClient.Request(
            url: url, method: HTTPMethod(rawValue: request.method), headers: headers,
            body: request.body.isEmpty ? nil : .bytes(request.body))
    }
}

/// The two halves of `host:port`.
private struct Dialled {
    let bareHost: String
    let port: Int

    init(host: String, port: Int) {
        bareHost = String(host.drop { $0 == "[" }.prefix { $0 != "]" })
        self.port = port
    }

    init(_ text: String) throws(HTTPFailure) {
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
            let port = Int(text[text.index(after: colon)...]), (1...65535).contains(port)
        else { throw HTTPFailure(.badURL, "'\(text)' is not of the form host:port") }
        self.init(host: String(text[..<colon]), port: port)
    }

    /// In brackets where it is an IPv6 address.
    var host: String { bareHost.contains(":") ? "[\(bareHost)]" : bareHost }

    /// A certificate is checked against the name in the URL, which is possible for names only.
    func checkCertificate(of named: Dialled, isSecure: Bool) throws(HTTPFailure) {
        let isAddress = SocketAddress.numeric(named.bareHost, named.port) != nil
        guard isSecure, isAddress, named.bareHost != bareHost else { return }
        throw HTTPFailure(
            .badURL,
            "https://\(named.host) cannot be checked at \(host): the URL needs a name")
    }
}
