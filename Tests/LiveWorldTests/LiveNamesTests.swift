import Contracts
import Testing

@testable import LiveWorld

/// Names that nobody resolves any more.
@Suite struct LiveNamesTests {
    /// The resolver knows none of them: RFC 6761.
    private static let name = "lb.invalid"
    let world = World.live()

    @Test func `a stored address stands in for a name where it is asked for`() async throws {
        let server = try LoopbackServer { peer in peer.write("\(peer.readAll().count)") }
        let request = StreamRequest(
            .tcp(host: Self.name, port: server.port), bytes: [1, 2, 3], timeout: .seconds(30))
        let failure = await #expect(throws: StreamFailure.self) {
            try await world.streams.exchange(request)
        }
        #expect(failure == StreamFailure(mayHaveActed: false, "cannot resolve \(Self.name)"))
        world.names.fallBack([Self.name: ["127.0.0.1"]])
        for _ in 1...2 { #expect(try await world.streams.exchange(request) == Array("3".utf8)) }
        #expect(world.names.stoodIn() == [Self.name: ["127.0.0.1"]])
    }

    @Test func `that there is no address is believed only where something stands in`() throws {
        let book = NameBook()
        func lookup() throws -> NameLookup {
            let lookup = try #require(book.question(Self.name)).lookup
            lookup.wait(until: KernelClock.sinceBoot + .seconds(30))
            return lookup
        }
        let first = try lookup()
        let second = try lookup()
        #expect(first !== second)
        book.names.fallBack([Self.name: ["127.0.0.1"]])
        #expect(try lookup() === second)
    }

    @Test func `what is forgotten stands in no more`() async throws {
        let server = try LoopbackServer { peer in peer.write("\(peer.readAll().count)") }
        let request = StreamRequest(
            .tcp(host: Self.name, port: server.port), bytes: [1, 2, 3], timeout: .seconds(30))
        world.names.fallBack([Self.name: ["127.0.0.1"]])
        _ = try await world.streams.exchange(request)
        world.names.forget()
        #expect(world.names.stoodIn().isEmpty)
        await #expect(throws: StreamFailure.self) { try await world.streams.exchange(request) }
        #expect(world.names.stoodIn().isEmpty)
    }

    @Test func `what stood in is forgotten where stand-ins are asked for again`() async throws {
        let server = try LoopbackServer { peer in peer.write("\(peer.readAll().count)") }
        let request = StreamRequest(
            .tcp(host: Self.name, port: server.port), bytes: [1, 2, 3], timeout: .seconds(30))
        world.names.fallBack([Self.name: ["127.0.0.1"]])
        _ = try await world.streams.exchange(request)
        world.names.fallBack([:])
        #expect(world.names.stoodIn().isEmpty)
        _ = try await world.streams.exchange(request)
        #expect(world.names.stoodIn() == [Self.name: ["127.0.0.1"]])
    }

    @Test func `a resolver that says nothing has said nothing late`() async throws {
        world.names.fallBack([Self.name: ["127.0.0.1"], "localhost": ["192.0.2.1"]])
        let said = await world.names.late([Self.name, "localhost"], .seconds(30))
        #expect(said.keys.sorted() == ["localhost"])
        #expect(said["localhost"]?.contains("127.0.0.1") == true)
    }

    @Test func `a request to a stored address still asks for the name`() async throws {
        let server = try LoopbackServer { peer in peer.answer(peer.readHead()) }
        let request = HTTPRequest("GET", "http://\(Self.name):\(server.port)/")
        let failure = await #expect(throws: HTTPFailure.self) {
            try await world.http.send(request)
        }
        #expect(failure?.reason == .unresolved)
        world.names.fallBack([Self.name: ["127.0.0.1"]])
        let head = String(decoding: try await world.http.send(request).body, as: UTF8.self)
        #expect(head.lowercased().contains("host: \(Self.name):\(server.port)\r\n"))
        #expect(world.names.stoodIn() == [Self.name: ["127.0.0.1"]])
    }

    @Test func `of several stored addresses the next is tried where one refuses`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            peer.answer("here")
        }
        world.names.fallBack([Self.name: ["127.0.0.2", "127.0.0.1"]])
        let answer = try await world.http.send(
            HTTPRequest("GET", "http://\(Self.name):\(server.port)/", timeout: .seconds(30)))
        #expect(answer.body == Array("here".utf8))
    }

    @Test func `nobody at a stored address says nothing of the host itself`() async throws {
        let closed = try ClosedPort()
        world.names.fallBack([Self.name: ["127.0.0.1"]])
        let failure = await #expect(throws: HTTPFailure.self) {
            try await world.http.send(
                HTTPRequest("GET", "http://\(Self.name):\(closed.port)/", timeout: .seconds(30)))
        }
        #expect(failure?.reason == .unresolved)
        #expect(failure?.message.contains("recorded address: connection refused") == true)
    }

    /// `shop.test` is in the certificate, and the resolver does not know it either.
    @Test(.needsOpenSSL)
    func `the certificate at a stored address is checked against the name`() async throws {
        let certificates = try await Certificates.make(world)
        let server = try await SecureServer(certificates, protocols: ["http/1.1"])
        world.names.fallBack(["shop.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]])
        let answer = try await world.http.send(
            HTTPRequest(
                "GET", "https://shop.test:\(server.port)/", caFile: certificates.authority))
        #expect(answer.status == 200)
        let failure = await #expect(throws: HTTPFailure.self) {
            try await world.http.send(
                HTTPRequest(
                    "GET", "https://other.test:\(server.port)/", caFile: certificates.authority))
        }
        #expect(failure?.reason == .tls)
        try await server.close()
    }

    @Test func `the answer of the resolver wins over a stored address`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            peer.answer("here")
        }
        world.names.fallBack(["localhost": ["192.0.2.1"]])
        let url = "http://localhost:\(server.port)/"
        #expect(try await world.http.send(HTTPRequest("GET", url)).status == 200)
        _ = try await world.streams.exchange(
            StreamRequest(
                .tcp(host: "localhost", port: server.port), bytes: Array("\r\n\r\n".utf8),
                timeout: .seconds(30)))
        #expect(world.names.stoodIn().isEmpty)
    }

    @Test func `what a name was resolved to is known`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            peer.answer("here")
        }
        let other = World.live()
        _ = try await world.http.send(HTTPRequest("GET", "http://localhost:\(server.port)/"))
        #expect(world.names.known()["localhost"]?.contains("127.0.0.1") == true)
        _ = try await other.streams.exchange(
            StreamRequest(
                .tcp(host: "localhost", port: server.port), bytes: Array("\r\n\r\n".utf8),
                timeout: .seconds(30)))
        #expect(other.names.known()["localhost"]?.contains("127.0.0.1") == true)
        _ = try await other.http.send(HTTPRequest("GET", "http://\(server.address)/"))
        #expect(other.names.known().keys.sorted() == ["localhost"])
    }
}
