import Contracts
import PipelineModel
import ShopRig
import Synchronization
import TestWorld
import Testing

@testable import Commands
@testable import Console

/// A rollback while `router sync` waits for a router that is slow to be written.
@Suite struct SyncCrossingTests {
    @Test(arguments: ["S", "T"])
    func `a rollback goes through meanwhile, and what is written late does not stay`(
        guarantee: String
    ) throws {
        let (shop, fleet) = deployed(guarantee)
        fleet.rebuild("lb-2", holdingItsNextWriteFor: .seconds(3))
        let time = shop.simulation.time
        let began = time.now()
        let ends = shop.simulation.run {
            async let sync = fleet.type(shop, "router", "sync", "--from", "lb-1", "lb-2")
            await time.sleep(.milliseconds(100))
            let isHeld = fleet.isHolding
            let rollback = await fleet.type(shop, "rollback")
            let isStillHeld = fleet.isHolding
            return (isHeld && isStillHeld, rollback, time.now() - began, await sync)
        }
        let (isHeld, rollback, took, sync) = try #require(ends)
        #expect(isHeld)
        #expect(rollback.status == 0, "\(rollback.error)")
        #expect(took < .seconds(1))
        #expect(time.now() - began >= .seconds(3))
        #expect(sync.status == 0, "\(sync)")
        #expect(fleet.value(of: "lb-1")?.hasPrefix("green:") == true)
        #expect(fleet.value(of: "lb-2") == fleet.value(of: "lb-1"))
    }

    /// Green with 2.7, then blue with 2.8, on both routers.
    private func deployed(_ guarantee: String) -> (Shop, HeldFleet) {
        let shop = Shop(pipeline: HeldFleet.pipeline(guarantee))
        let fleet = HeldFleet(shop, isFenced: guarantee == "T")
        for version in ["2.7", "2.8"] {
            let done = shop.simulation.run { await fleet.type(shop, "deploy", version) }
            #expect(done?.status == 0, "\(done?.error ?? "")")
            shop.wait(.seconds(600))
        }
        return (shop, fleet)
    }
}

/// Two routers behind an API; one can be made to take its time for a write.
private final class HeldFleet: Sendable {
    private struct State {
        var values = ["lb-1": "blue:green:0:0", "lb-2": "blue:green:0:0"]
        var hold: (router: String, length: Duration)?
        var isHolding = false
    }

    private let state = Mutex(State())
    private let shop: Shop
    private let isFenced: Bool

    init(_ shop: Shop, isFenced: Bool) {
        self.shop = shop
        self.isFenced = isFenced
    }

    static func pipeline(_ guarantee: String) -> String {
        let one = """
              haproxy:
                socket: /run/haproxy/admin.sock
                map: /etc/haproxy/bluegreen.map
                key: shop
            """
        let two = ["lb-1", "lb-2"].map { name in
            """
              \(name):
                http:
                  read: {url: "http://\(name).test/", value: $.datum}
                  switch: {url: "http://\(name).test/", json: {datum: "${datum}"}}
                  class: \(guarantee)
                  timeout: 10s
            """
        }
        return Shop.pipeline.replacing(
            "router:\n\(one)", with: "routers:\n\(two.joined(separator: "\n"))"
        )
        .replacing("router: errorRate", with: "probe: errorRate")
    }

    var isHolding: Bool { state.withLock(\.isHolding) }

    func value(of name: String) -> String? { state.withLock { $0.values[name] } }

    func rebuild(_ name: String, holdingItsNextWriteFor length: Duration) {
        state.withLock { state in
            state.values[name] = "green:blue:0:0"
            state.hold = (name, length)
        }
    }

    func type(_ shop: Shop, _ words: String...) async -> Shop.Screen {
        var world = shop.world
        world.http = HTTP { request throws(HTTPFailure) in try await self.send(request) }
        let recording = TerminalRecording()
        let app = App(
            world: world, version: "0.1.0", proxy: shop.production.proxyHost,
            terminal: { _, _ in recording.terminal })
        let status = await app.run(words)
        return Shop.Screen(status: status, output: recording.output, error: recording.error)
    }

    private func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPAnswer {
        guard let name = ["lb-1", "lb-2"].first(where: { request.url.contains("\($0).test") })
        else { return try await shop.production.send(request) }
        let time = shop.simulation.time
        await time.sleep(.milliseconds(2))
        guard request.method != "GET" else { return answer(value(of: name) ?? "") }
        let hold = state.withLock { state -> Duration? in
            guard let hold = state.hold, hold.router == name else { return nil }
            (state.hold, state.isHolding) = (nil, true)
            return hold.length
        }
        if let hold {
            await time.sleep(hold)
            state.withLock { $0.isHolding = false }
        }
        let body = String(decoding: request.body, as: UTF8.self)
        return put(String(body.split(separator: "\"")[3]), into: name)
    }

    /// Users come through `lb-1`.
    private func put(_ value: String, into name: String) -> HTTPAnswer {
        let isTaken = state.withLock { state in
            let old = state.values[name].flatMap(FakeProduction.token) ?? 0
            guard !isFenced || (FakeProduction.token(value) ?? 0) >= old else { return false }
            state.values[name] = value
            return true
        }
        guard isTaken else { return HTTPAnswer(status: 409) }
        if name == "lb-1" { shop.production.setValue(value) }
        return answer(value)
    }

    private func answer(_ value: String) -> HTTPAnswer {
        HTTPAnswer(status: 200, body: Array("{\"datum\":\"\(value)\"}".utf8))
    }
}
