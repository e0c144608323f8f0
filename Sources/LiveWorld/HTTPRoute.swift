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
    private let url: String
    /// The name that the URL asks for, with its port where that is unusual.
    private let authority: String

    init(_ request: HTTPRequest) throws(HTTPFailure) {
        guard var parts = URLComponents(string: request.url),
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = parts.host, !host.isEmpty
        else { throw HTTPFailure(.badURL, "the URL is not of the form http://host/path") }
        authority = parts.port.map { "\(host):\($0)" } ?? host
        let usualPort = scheme == "https" ? 443 : 80
        var dialled = Dialled(host: host, port: parts.port ?? usualPort)
        if let connectTo = request.connectTo {
            dialled = try Dialled(connectTo)
            try dialled.checkCertificateName(host, isSecure: scheme == "https")
            // The library maps names, not ports.
            parts.port = dialled.port
        }
        url = request.connectTo == nil ? request.url : parts.string ?? request.url
        address = "\(dialled.host):\(dialled.port)"
        kind = HTTPClients.Kind(
            isFresh: request.isOnFreshConnection, caFile: request.caFile,
            aliases: dialled.host == host ? [:] : [host: dialled.bareHost])
    }

    func message(_ request: HTTPRequest) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: url)
        message.method = HTTPMethod(rawValue: request.method)
        message.headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        if !message.headers.contains(name: "host") {
            message.headers.add(name: "host", value: authority)
        }
        if !request.body.isEmpty { message.body = .bytes(request.body) }
        return message
    }
}

/// The two halves of `host:port`.
private struct Dialled {
    /// In brackets where it is an IPv6 address.
    let host: String
    let port: Int

    init(host: String, port: Int) {
        (self.host, self.port) = (host, port)
    }

    init(_ text: String) throws(HTTPFailure) {
        guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
            let port = Int(text[text.index(after: colon)...]), (1...65535).contains(port)
        else { throw HTTPFailure(.badURL, "'\(text)' is not of the form host:port") }
        self.init(host: String(text[..<colon]), port: port)
    }

    var bareHost: String { String(host.drop { $0 == "[" }.prefix { $0 != "]" }) }

    /// A certificate is checked against the name in the URL, which is possible for names only.
    func checkCertificateName(_ name: String, isSecure: Bool) throws(HTTPFailure) {
        guard isSecure, host != name, SocketAddress.isNumeric(name) else { return }
        throw HTTPFailure(
            .badURL, "https://\(name) cannot be checked at \(host): the URL needs a name")
    }
}
