import Contracts
import Testing

@testable import LiveWorld

@Suite struct SecureHTTPTests {
    let world = World.live()

    private func withServer(
        protocols: [String] = ["http/1.1"], isExpired: Bool = false,
        _ use: (SecureServer, Certificates) async throws -> Void
    ) async throws {
        let certificates = try await Certificates.make(world, isExpired: isExpired)
        let server = try await SecureServer(certificates, protocols: protocols)
        try await use(server, certificates)
        try await server.close()
    }

    private func words(_ answer: HTTPAnswer) -> [String] {
        String(decoding: answer.body, as: UTF8.self).split(separator: " ").map(String.init)
    }

    private func failure(_ request: HTTPRequest) async -> HTTPFailure? {
        await #expect(throws: HTTPFailure.self) { try await world.http.send(request) }
    }

    @Test(.needsOpenSSL, arguments: ["http/1.1", "h2"])
    func `the name in the URL is asked for and checked at another address and port`(
        version: String
    ) async throws {
        try await withServer(protocols: [version]) { server, certificates in
            let answer = try await world.http.send(
                HTTPRequest(
                    "GET", "https://shop.test/", caFile: certificates.authority,
                    connectTo: server.address))
            #expect(answer.status == 200)
            #expect(words(answer).first == version)
            #expect(words(answer).last == "shop.test")
        }
    }

    @Test(.needsOpenSSL, arguments: ["http/1.1", "h2"])
    func `fresh connections are used once with every protocol`(version: String) async throws {
        try await withServer(protocols: [version]) { server, certificates in
            let request = HTTPRequest(
                "GET", "https://shop.test/", isOnFreshConnection: true,
                caFile: certificates.authority, connectTo: server.address)
            var ports: Set<String> = []
            for _ in 1...10 { ports.insert(words(try await world.http.send(request))[1]) }
            #expect(ports.count == 10)
            let together = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 1...10 {
                    group.addTask { words(try await world.http.send(request))[1] }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(together.count == 10)
            #expect(together.isDisjoint(with: ports))
        }
    }

    @Test(.needsOpenSSL) func `an authority that is not trusted is refused`() async throws {
        try await withServer { server, _ in
            let failure = await failure(
                HTTPRequest("GET", "https://shop.test/", connectTo: server.address))
            #expect(
                failure
                    == HTTPFailure(.tls, "the certificate of \(server.address) is not trusted"))
        }
    }

    @Test(.needsOpenSSL) func `a certificate that has expired is refused`() async throws {
        try await withServer(isExpired: true) { server, certificates in
            let failure = await failure(
                HTTPRequest(
                    "GET", "https://shop.test/", caFile: certificates.authority,
                    connectTo: server.address))
            #expect(
                failure
                    == HTTPFailure(.tls, "the certificate of \(server.address) is not trusted"))
        }
    }

    @Test(.needsOpenSSL) func `a certificate for another name is refused`() async throws {
        try await withServer { server, certificates in
            for url in ["https://other.test/", "https://\(server.address)/"] {
                let failure = await failure(
                    HTTPRequest(
                        "GET", url, caFile: certificates.authority, connectTo: server.address))
                #expect(
                    failure
                        == HTTPFailure(
                            .tls, "the certificate of \(server.address) is for another name"))
            }
        }
    }

    @Test func `an address as name cannot be checked at another address`() async {
        let failure = await failure(
            HTTPRequest("GET", "https://192.0.2.1/", connectTo: "127.0.0.1:443"))
        #expect(failure?.reason == .badURL)
    }

    @Test(.needsOpenSSL) func `a missing file of authorities is named`() async throws {
        try await withServer { server, certificates in
            let path = certificates.folder("none.pem")
            let failure = await failure(
                HTTPRequest(
                    "GET", "https://shop.test/", caFile: path, connectTo: server.address))
            #expect(failure == HTTPFailure(.tls, "cannot read authorities from \(path)"))
        }
    }

    @Test func `a server that does not speak TLS is said`() async throws {
        let server = try LoopbackServer { peer in
            peer.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            _ = peer.readAll()
        }
        let failure = await failure(
            HTTPRequest("GET", "https://shop.test/", connectTo: server.address))
        #expect(failure == HTTPFailure(.tls, "no secure connection to \(server.address)"))
    }
}
