import Contracts
import Glibc
import Testing

@testable import LiveWorld

@Suite struct LiveHTTPTests {
    let world = World.live()

    private func failure(_ request: HTTPRequest) async -> HTTPFailure? {
        await #expect(throws: HTTPFailure.self) { try await world.http.send(request) }
    }

    @Test func `status, headers and body come back`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            peer.answer("gone fishing", status: "503 Away", headers: "X-Live: blue\r\n")
        }
        let answer = try await world.http.send(HTTPRequest("GET", "http://\(server.address)/"))
        #expect(answer.status == 503)
        #expect(answer.header("x-live") == "blue")
        #expect(answer.body == Array("gone fishing".utf8))
        #expect(answer.elapsed > .zero)
    }

    @Test func `method, path, headers and body are sent as they are`() async throws {
        let server = try LoopbackServer { peer in
            let head = peer.readHead()
            peer.answer(head)
        }
        let answer = try await world.http.send(
            HTTPRequest(
                "PATCH", "http://\(server.address)/a%2Fb?c=d%20e",
                headers: [HTTPField("X-One", "1"), HTTPField("Host", "shop.test")],
                body: Array("{}".utf8)))
        let head = String(decoding: answer.body, as: UTF8.self).lowercased()
        #expect(head.hasPrefix("patch /a%2fb?c=d%20e http/1.1\r\n"))
        #expect(head.contains("x-one: 1\r\n"))
        #expect(head.contains("host: shop.test\r\n"))
        #expect(head.contains("content-length: 2\r\n"))
        #expect(!head.contains("accept-encoding"))
    }

    @Test func `a redirect is an answer and is not followed`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            peer.answer("", status: "302 Found", headers: "Location: /elsewhere\r\n")
        }
        let answer = try await world.http.send(HTTPRequest("GET", "http://\(server.address)/"))
        #expect(answer.status == 302)
    }

    @Test func `HEAD has no body`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        }
        let answer = try await world.http.send(HTTPRequest("HEAD", "http://\(server.address)/"))
        #expect(answer.body.isEmpty)
        #expect(answer.header("content-length") == "10")
    }

    @Test func `connections are kept and used again`() async throws {
        let server = try echoingPorts()
        let request = HTTPRequest("GET", "http://\(server.address)/")
        let first = try await world.http.send(request)
        let second = try await world.http.send(request)
        #expect(first.body == second.body)
    }

    @Test func `a fresh connection is used once`() async throws {
        let server = try echoingPorts()
        let request = HTTPRequest(
            "GET", "http://\(server.address)/", isOnFreshConnection: true)
        var ports: Set<[UInt8]> = []
        for _ in 1...20 { ports.insert(try await world.http.send(request).body) }
        #expect(ports.count == 20)
    }

    @Test func `fresh connections at the same time are all different`() async throws {
        let server = try echoingPorts()
        let request = HTTPRequest(
            "GET", "http://\(server.address)/", isOnFreshConnection: true)
        let ports = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 1...20 { group.addTask { try await world.http.send(request).body } }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(ports.count == 20)
    }

    @Test func `a connection is made to another address under the name in the URL`() async throws {
        let server = try LoopbackServer { peer in
            let head = peer.readHead()
            peer.answer(head)
        }
        for name in ["shop.test", "shop.test:8443", "192.0.2.1", "[2001:db8::1]:81", "Shop.test"] {
            let answer = try await world.http.send(
                HTTPRequest("GET", "http://\(name)/cart?a=1%2F+b", connectTo: server.address))
            let head = String(decoding: answer.body, as: UTF8.self)
            #expect(head.hasPrefix("GET /cart?a=1%2F+b HTTP/1.1\r\n"))
            #expect(head.contains("host: \(name)\r\n"))
        }
    }

    @Test(arguments: ["ftp://127.0.0.1/", "127.0.0.1/", "http://", "", "http://127.0.0.1:x/"])
    func `what is no HTTP URL is refused`(url: String) async {
        #expect(await failure(HTTPRequest("GET", url))?.reason == .badURL)
    }

    @Test(arguments: ["nowhere", ":80", "host:", "host:0", "host:70000"])
    func `what is no address to connect to is refused`(address: String) async {
        let request = HTTPRequest("GET", "http://shop.test/", connectTo: address)
        #expect(
            await failure(request)
                == HTTPFailure(.badURL, "'\(address)' is not of the form host:port"))
    }

    @Test func `a password in the URL is never repeated`() async throws {
        let closed = try ClosedPort()
        let failure = await failure(
            HTTPRequest("GET", "http://me:secret@127.0.0.1:\(closed.port)/"))
        #expect(failure?.message == "connection refused by 127.0.0.1:\(closed.port)")
    }

    @Test(arguments: [false, true])
    func `a refused connection is said at once`(isFresh: Bool) async throws {
        let closed = try ClosedPort()
        let failure = await failure(
            HTTPRequest(
                "GET", "http://127.0.0.1:\(closed.port)/", timeout: .seconds(60),
                isOnFreshConnection: isFresh))
        #expect(
            failure == HTTPFailure(.refused, "connection refused by 127.0.0.1:\(closed.port)"))
    }

    @Test func `a refused name is said like a refused address`() async throws {
        let closed = try ClosedPort()
        let failure = await failure(HTTPRequest("GET", "http://localhost:\(closed.port)/"))
        #expect(
            failure == HTTPFailure(.refused, "connection refused by localhost:\(closed.port)"))
    }

    @Test func `a name that does not exist is said`() async {
        let failure = await failure(
            HTTPRequest("GET", "http://no-such-host.invalid/", timeout: .seconds(30)))
        #expect(failure == HTTPFailure(.unresolved, "cannot resolve no-such-host.invalid"))
    }

    @Test func `a silent server costs no more than the time limit`() async throws {
        let server = try LoopbackServer { _ in sleep(60) }
        let failure = await failure(
            HTTPRequest("GET", "http://\(server.address)/", timeout: .milliseconds(100)))
        #expect(
            failure == HTTPFailure(.timedOut, "no answer from \(server.address) within 100 ms"))
    }

    @Test func `a dripping body costs no more than the time limit`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in 1...1000 {
                peer.write("x")
                usleep(10_000)
            }
        }
        let failure = await failure(
            HTTPRequest("GET", "http://\(server.address)/", timeout: .milliseconds(200)))
        #expect(failure?.reason == .timedOut)
    }

    @Test func `a larger body than allowed is a failure`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            peer.answer("12345")
        }
        let url = "http://\(server.address)/"
        #expect(try await world.http.send(HTTPRequest("GET", url, bodyLimit: 5)).body.count == 5)
        let failure = await failure(HTTPRequest("GET", url, bodyLimit: 4))
        #expect(
            failure
                == HTTPFailure(
                    .tooLarge, "the answer of \(server.address) is longer than 4 bytes"))
    }

    @Test func `a server that closes without an answer is said`() async throws {
        let server = try LoopbackServer { peer in _ = peer.readHead() }
        let failure = await failure(HTTPRequest("GET", "http://\(server.address)/"))
        #expect(failure?.reason == .reset)
        #expect(failure?.message == "\(server.address) closed the connection without an answer")
    }

    @Test func `a server that closes in the middle of the answer is said`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        }
        let failure = await failure(HTTPRequest("GET", "http://\(server.address)/"))
        #expect(failure?.reason == .reset)
    }

    @Test func `a server that does not speak HTTP is said`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            peer.write("SSH-2.0-OpenSSH_9.2\r\n\r\n")
        }
        let failure = await failure(HTTPRequest("GET", "http://\(server.address)/"))
        #expect(failure == HTTPFailure(.garbled, "\(server.address) does not speak HTTP"))
    }

    @Test func `a line break in a header is refused`() async throws {
        let server = try LoopbackServer { peer in peer.answer("never") }
        let failure = await failure(
            HTTPRequest(
                "GET", "http://\(server.address)/",
                headers: [HTTPField("X-One", "1\r\nX-Two: 2")]))
        #expect(failure?.reason == .other)
    }

    @Test func `cancellation ends the wait at once`() async throws {
        let (requests, asked) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            asked.yield()
            sleep(60)
        }
        let request = HTTPRequest("GET", "http://\(server.address)/", timeout: .seconds(60))
        let asking = Task { [world] in try await world.http.send(request) }
        var seen = requests.makeAsyncIterator()
        await seen.next()
        asking.cancel()
        let failure = await #expect(throws: HTTPFailure.self) { try await asking.value }
        #expect(failure == HTTPFailure(.cancelled, "cancelled"))
    }

    /// Answers every request with the number of the port that it came from.
    private func echoingPorts() throws -> LoopbackServer {
        try LoopbackServer { peer in
            while !peer.readHead().isEmpty { peer.answer("\(peer.clientPort)") }
        }
    }
}
