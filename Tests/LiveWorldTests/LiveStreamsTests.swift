import Contracts
import Glibc
import Synchronization
import Testing

@testable import LiveWorld

@Suite struct LiveStreamsTests {
    let folder: TemporaryFolder
    let world = World.live()

    init() throws { folder = try TemporaryFolder() }

    private func ask(
        _ endpoint: StreamRequest.Endpoint, _ text: String = "show\n",
        timeout: Duration = .seconds(30), limit: Int = 8 << 20
    ) async throws(StreamFailure) -> String {
        let request = StreamRequest(
            endpoint, bytes: Array(text.utf8), timeout: timeout, answerLimit: limit)
        return String(decoding: try await world.streams.exchange(request), as: UTF8.self)
    }

    private func failure(
        _ endpoint: StreamRequest.Endpoint, _ text: String = "show\n",
        timeout: Duration = .seconds(30), limit: Int = 8 << 20
    ) async -> StreamFailure? {
        await #expect(throws: StreamFailure.self) {
            try await ask(endpoint, text, timeout: timeout, limit: limit)
        }
    }

    @Test func `the peer sees the end of the question and its answer is read to the end`()
        async throws
    {
        let server = try LoopbackServer(at: folder("sock")) { peer in
            let question = String(decoding: peer.readAll(), as: UTF8.self)
            peer.write("you said ")
            peer.write(question)
        }
        #expect(try await ask(.unix(path: folder("sock"))) == "you said show\n")
        _ = server
    }

    @Test func `a side that is to be kept open is open while the answer is read`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readHead()
            var end = pollfd(fd: peer.socket, events: Int16(POLLIN), revents: 0)
            peer.write(poll(&end, 1, 100) == 0 ? "open" : "closed")
        }
        for (keepsOpen, words) in [(true, "open"), (false, "closed")] {
            let request = StreamRequest(
                .tcp(host: "127.0.0.1", port: server.port), bytes: Array("GET\r\n\r\n".utf8),
                timeout: .seconds(30), keepsOpen: keepsOpen)
            let answer = try await world.streams.exchange(request)
            #expect(String(decoding: answer, as: UTF8.self) == words)
        }
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `TCP is spoken by address and by name`(host: String) async throws {
        let server = try LoopbackServer { peer in peer.write("\(peer.readAll().count)") }
        #expect(try await ask(.tcp(host: host, port: server.port)) == "5")
    }

    @Test func `megabytes go both ways`() async throws {
        let server = try LoopbackServer { peer in
            let text = String(decoding: peer.readAll(), as: UTF8.self)
            peer.write(text)
        }
        let question = String(repeating: "x", count: 4 << 20)
        #expect(try await ask(.tcp(host: "127.0.0.1", port: server.port), question) == question)
    }

    @Test func `several routers are asked at the same time`() async throws {
        let meeting = Meeting(of: 4)
        let server = try LoopbackServer { peer in
            _ = peer.readAll()
            meeting.arrive()
            peer.write("ok")
        }
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 1...4 {
                group.addTask { try await ask(.tcp(host: "127.0.0.1", port: server.port)) }
            }
            for try await answer in group { #expect(answer == "ok") }
        }
    }

    @Test func `a refused connection has not acted`() async throws {
        let closed = try ClosedPort()
        let failure = await failure(.tcp(host: "127.0.0.1", port: closed.port))
        #expect(
            failure == StreamFailure(mayHaveActed: false, isNobodyThere: true, "connection refused")
        )
    }

    @Test func `an absent socket has not acted`() async {
        let failure = await failure(.unix(path: folder("none")))
        #expect(
            failure
                == StreamFailure(
                    mayHaveActed: false, isNobodyThere: true, "no such file or directory"))
    }

    @Test func `somebody may listen on a socket whose file is gone`() async throws {
        let path = folder("gone")
        let server = try LoopbackServer(at: path) { peer in peer.write("ok") }
        unlink(path)
        let failure = await failure(.unix(path: path))
        #expect(failure?.message == "no such file or directory")
        #expect(failure?.isNobodyThere == false)
        withExtendedLifetime(server) {}
    }

    @Test func `a path that no socket can have is a failure`() async {
        let path = "/" + String(repeating: "x", count: 120)
        let failure = await failure(.unix(path: path))
        #expect(failure?.mayHaveActed == false)
    }

    @Test func `a name that does not exist has not acted`() async {
        let failure = await failure(.tcp(host: "no-such-host.invalid", port: 1))
        #expect(
            failure == StreamFailure(mayHaveActed: false, "cannot resolve no-such-host.invalid"))
    }

    @Test func `a silent peer costs no more than the time limit and may have acted`()
        async throws
    {
        let server = try LoopbackServer { peer in
            _ = peer.readAll(); sleep(60)
        }
        let began = world.time.now()
        let failure = await failure(
            .tcp(host: "127.0.0.1", port: server.port), timeout: .milliseconds(100))
        #expect(
            failure == StreamFailure(mayHaveActed: true, "no complete answer within 100 ms"))
        #expect(world.time.now() - began >= .milliseconds(100))
    }

    @Test func `a peer whose queue is full costs no more than the time limit`() async throws {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(listener) }
        let address = try #require(SocketAddress(unix: folder("sock")))
        try #require(address.bind(listener) == 0 && listen(listener, 0) == 0)
        let waiting = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(waiting) }
        try #require(address.connect(waiting) == 0)
        let failure = await failure(
            .unix(path: folder("sock")), timeout: .milliseconds(100))
        #expect(failure == StreamFailure(mayHaveActed: false, "no connection within 100 ms"))
    }

    @Test func `a peer that takes nothing may still have acted on the first bytes`() async throws {
        let server = try LoopbackServer { _ in sleep(60) }
        let failure = await failure(
            .tcp(host: "127.0.0.1", port: server.port), String(repeating: "x", count: 32 << 20),
            timeout: .milliseconds(200))
        #expect(
            failure == StreamFailure(mayHaveActed: true, "not everything was taken within 200 ms"))
    }

    @Test func `a reset after the question may have acted`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readAll()
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                peer.socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        }
        let failure = await failure(.tcp(host: "127.0.0.1", port: server.port))
        #expect(failure == StreamFailure(mayHaveActed: true, "connection reset by peer"))
    }

    @Test func `a longer answer than allowed is a failure`() async throws {
        let server = try LoopbackServer { peer in
            _ = peer.readAll()
            peer.write("12345")
        }
        let endpoint = StreamRequest.Endpoint.tcp(host: "127.0.0.1", port: server.port)
        #expect(try await ask(endpoint, limit: 5) == "12345")
        let failure = await failure(endpoint, limit: 4)
        #expect(
            failure == StreamFailure(mayHaveActed: true, "the answer is longer than 4 bytes"))
    }

    @Test func `cancellation ends the wait at once`() async throws {
        let (questions, asked) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { peer in
            _ = peer.readAll()
            asked.yield()
            sleep(60)
        }
        let asking = Task { try await ask(.tcp(host: "127.0.0.1", port: server.port)) }
        var seen = questions.makeAsyncIterator()
        await seen.next()
        asking.cancel()
        let failure = await #expect(throws: StreamFailure.self) { try await asking.value }
        #expect(failure == StreamFailure(mayHaveActed: true, "cancelled"))
    }

    @Test func `a task that is cancelled already sends nothing`() async throws {
        let server = try LoopbackServer { peer in peer.write("ok") }
        let asking = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await ask(.tcp(host: "127.0.0.1", port: server.port))
        }
        let failure = await #expect(throws: StreamFailure.self) { try await asking.value }
        #expect(failure == StreamFailure(mayHaveActed: false, "cancelled"))
    }
}

/// Lets nobody pass before all have come.
private final class Meeting: Sendable {
    private let missing: Mutex<Int>
    private let bell = Bell()

    init(of count: Int) { missing = Mutex(count) }

    func arrive() {
        let isLast = missing.withLock { missing in
            missing -= 1
            return missing == 0
        }
        if isLast { bell?.ring() }
        var rung = pollfd(fd: bell?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
        poll(&rung, 1, 30_000)
    }
}
