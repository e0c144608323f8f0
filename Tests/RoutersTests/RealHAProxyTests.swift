import Contracts
import Foundation
import PipelineModel
import Testing
import TrafficRig

@testable import Routers

/// What only a real HAProxy can show.
@Suite(.enabled(if: isProgramWanted("haproxy")))
struct RealHAProxyTests {
    private static let green = Datum(live: .green, token: Token(epoch: 1, round: 1))
    private static let streams = Streams { (request) throws(StreamFailure) in
        try BlockingExchange.exchange(request)
    }

    @Test func `a reload forgets a switch by hand, and this is seen before`() async throws {
        let folder = try HAProxyFolder(.map)
        let proxy = try await RealHAProxy(folder)
        let router = try folder.router(Self.streams)
        _ = try proxy.ask("admin.sock", "set map \(folder.path)/bg.map shop green:blue:0:65\n")
        #expect(try await router.observe().durable == .differs(.color(.blue)))
        try await proxy.reload()
        #expect(try await router.observe().color == .blue)
    }

    @Test func `a worker that still serves somebody after a reload is counted`() async throws {
        let folder = try HAProxyFolder(.map)
        let proxy = try await RealHAProxy(folder)
        let router = try folder.router(Self.streams)
        #expect(try await router.observe().oldWorkers == 0)
        let busy = try OpenConnection("\(folder.path)/front.sock")
        busy.send("GET / HTTP/1.1\r\n")
        // Not taken yet, it would be the next worker's.
        try await proxy.waitUntilBusy()
        try await proxy.reload()
        #expect(try await router.observe().oldWorkers == 1)
        withExtendedLifetime(busy) {}
    }

    @Test func `an HAProxy that has stopped is unreachable`() async throws {
        let folder = try HAProxyFolder(.map)
        let router = try folder.router(Self.streams)
        do {
            let proxy = try await RealHAProxy(folder)
            _ = try await router.observe()
            withExtendedLifetime(proxy) {}
        }
        let failure = await #expect(throws: Failure.self) { try await router.observe() }
        #expect(failure?.code == .routerUnreachable)
    }

    @Test func `servers in maintenance, draining or of weight 0 are not up`() async throws {
        let folder = try HAProxyFolder(.map)
        let proxy = try await RealHAProxy(folder)
        let router = try folder.router(Self.streams)
        #expect(
            try await router.observe().pools == [
                .blue: Pool(serversUp: 2, serversInAll: 2),
                .green: Pool(serversUp: 2, serversInAll: 2),
            ])
        _ = try proxy.ask("admin.sock", "set server shop_blue/s1 state drain\n")
        _ = try proxy.ask("admin.sock", "set server shop_blue/s2 weight 0\n")
        _ = try proxy.ask("admin.sock", "set server shop_green/s1 state maint\n")
        let pools = try await router.observe().pools
        #expect(pools[.blue]?.serversUp == 0)
        #expect(pools[.green]?.serversUp == 1)
    }

    @Test func `requests are counted where they went`() async throws {
        let folder = try HAProxyFolder(.map)
        let proxy = try await RealHAProxy(folder)
        let router = try folder.router(Self.streams)
        _ = try proxy.live()
        #expect(await router.write(Self.green, expecting: try await router.observe()) == .applied)
        _ = try proxy.live()
        _ = try proxy.live()
        let counters = try await router.counters()
        #expect(counters[.blue]?.requests == 1)
        #expect(counters[.green]?.requests == 2)
        #expect(counters[.green]?.errors == 0)
    }

    @Test func `a key that HAProxy does not hold is absent`() async throws {
        let folder = try HAProxyFolder(.map, mapFile: "cart blue\n")
        let proxy = try await RealHAProxy(folder)
        let router = try folder.router(Self.streams)
        let seen = try await router.observe()
        #expect(seen.effective == .absent)
        #expect(
            (await router.write(Self.green, expecting: seen)).failure?.code == .routerTargetMissing)
        withExtendedLifetime(proxy) {}
    }

    @Test func `many writers in any order end on the highest token`() async throws {
        let folder = try HAProxyFolder(.register)
        let proxy = try await RealHAProxy(folder)
        let router = try folder.router(Self.streams)
        let before = try await router.observe()
        await withTaskGroup(of: Void.self) { group in
            for number in (1...100).shuffled() {
                group.addTask {
                    let live: Color = number == 100 ? .green : .blue
                    _ = await router.write(
                        Datum(live: live, token: Token(number: number)), expecting: before)
                }
            }
        }
        let seen = try await router.observe()
        #expect(seen.token == Token(number: 100))
        #expect(try proxy.live() == "green")
    }
}

/// A connection that stays open until it is forgotten.
private final class OpenConnection {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = try BlockingExchange.connected(
            to: StreamRequest(.unix(path: path), bytes: [], timeout: .seconds(2)))
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(Foundation.send(descriptor, bytes, bytes.count, 0) == bytes.count)
    }
}
