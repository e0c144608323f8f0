import Contracts
import Foundation
import PipelineModel
import Testing

@testable import Routers

@Suite struct HAProxyRouterTests {
    private static let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    // MARK: Reading

    @Test func `a look is one exchange with HAProxy and one with its master`() async throws {
        let fake = try FakeRouter()
        _ = try await fake.router.observe()
        #expect(fake.faults.requests.count == 2)
    }

    @Test func `the servers behind both colours are seen`() async throws {
        let fake = try FakeRouter()
        fake.proxy.change {
            $0.backends["shop_green"] = [.init(), .init(status: "DOWN"), .init(isBackup: true)]
        }
        #expect(
            try await fake.router.observe().pools == [
                .blue: Pool(serversUp: 1, serversInAll: 1, inFlight: 2),
                .green: Pool(serversUp: 1, serversInAll: 2, inFlight: 2),
            ])
    }

    @Test func `old workers are counted through the master`() async throws {
        let fake = try FakeRouter()
        fake.proxy.change { $0.oldWorkers = 2 }
        #expect(try await fake.router.observe().oldWorkers == 2)
    }

    @Test func `a silent master does not hide the colour`() async throws {
        let folder = try HAProxyFolder(.map)
        let proxy = try FakeHAProxy(folder)
        let streams = Streams { (request) throws(StreamFailure) in
            guard request.endpoint != .unix(path: "\(folder.path)/master.sock") else {
                throw StreamFailure(mayHaveActed: false, "connection refused")
            }
            return try proxy.exchange(request)
        }
        let seen = try await folder.router(streams).observe()
        #expect(seen.color == .blue)
        #expect(seen.oldWorkers == nil)
    }

    @Test func `a missing key is absent, and is not written`() async throws {
        let fake = try FakeRouter(mapFile: "cart blue\n")
        let seen = try await fake.router.observe()
        #expect(seen.effective == .absent)
        let result = await fake.router.write(Self.green, expecting: seen)
        #expect(result.failure?.code == .routerTargetMissing)
        #expect(result.failure?.hint?.contains("shop blue:green:0:0") == true)
    }

    @Test func `a map that HAProxy does not know is a failure`() async throws {
        let fake = try FakeRouter(adding: [("map", "/etc/other.map")])
        let failure = await #expect(throws: Failure.self) { try await fake.router.observe() }
        #expect(failure?.code == .routerTargetMissing)
        #expect(failure?.evidence == ["Unknown map identifier. Please use #<id> or <file>."])
    }

    @Test func `a third value is foreign`() async throws {
        let fake = try FakeRouter(mapFile: "shop red\n")
        #expect(try await fake.router.observe().effective == .foreign("red"))
    }

    // MARK: Durability

    @Test func `a switch by hand is not durable and shows what a reload returns to`() async throws {
        let fake = try FakeRouter()
        fake.proxy.change { $0.map["shop"] = "green:blue:0:65" }
        let seen = try await fake.router.observe()
        #expect(seen.color == .green)
        #expect(seen.durable == .differs(.color(.blue)))
    }

    @Test func `the same colour with an older token is not durable`() async throws {
        let fake = try FakeRouter(mapFile: "shop blue:green:0:1\n")
        fake.proxy.change { $0.map["shop"] = "blue:green:0:65" }
        #expect(try await fake.router.observe().durable == .differs(.color(.blue)))
    }

    @Test func `a map file that cannot be changed is said after the switch`() async throws {
        let fake = try FakeRouter()
        try FileManager.default.removeItem(atPath: "\(fake.folder.path)/bg.map")
        let before = try await fake.router.observe()
        guard case .unknown(let reason) = before.durable else {
            Issue.record("the file is gone")
            return
        }
        #expect(reason.contains("is not on this machine"))
        let result = await fake.router.write(Self.green, expecting: before)
        guard case .appliedNotDurable(let failure) = result else {
            Issue.record("applied, but not durable")
            return
        }
        #expect(failure.code == .routerNotDurable)
        #expect(fake.proxy.live == .green)
    }

    @Test func `over TCP the map file is somewhere else unless it is named`() async throws {
        let folder = try HAProxyFolder(.map)
        let proxy = try FakeHAProxy(folder)
        let streams = Streams { (request) throws(StreamFailure) in try proxy.exchange(request) }
        let remote: Settings = [
            "address": "127.0.0.1:9999", "map": .text("\(folder.path)/bg.map"), "key": "shop",
        ]
        let router = try folder.router(streams, remote)
        let result = await router.write(Self.green, expecting: try await router.observe())
        #expect(result.failure?.code == .routerNotDurable)
        #expect(try folder.folder.read("bg.map").contains("shop blue:green:0:0"))
        let named = try folder.router(
            streams, remote.adding([("mapFile", .text("\(folder.path)/bg.map"))]))
        #expect(await named.write(Self.green, expecting: try await named.observe()) == .applied)
    }

    @Test(arguments: [HAProxyFolder.Way.map, .register])
    func `a newer token in the file is not overwritten`(_ way: HAProxyFolder.Way) async throws {
        let fake = try FakeRouter(way)
        try fake.folder.folder.write("bg.map", "shop blue:green:0:9999\n")
        try fake.folder.folder.write("register.cfg", "global\n set-var proc.shop int(99999)\n")
        let before = try await fake.router.observe()
        let result = await fake.router.write(Self.green, expecting: before)
        #expect(result.failure?.code == .superseded)
        #expect(try fake.folder.folder.read("bg.map").contains("9999"))
        #expect(try fake.folder.folder.read("register.cfg").contains("99999"))
    }

    // MARK: Writing

    @Test(arguments: [("blue", true), ("blue:green:0:0", false), ("red", false)])
    func `only a plain colour has no place for a share`(value: String, isPlain: Bool) async throws {
        let fake = try FakeRouter(mapFile: "shop \(value)\n")
        let seen = try await fake.router.observe()
        #expect(seen.sharesNothing?.code == (isPlain ? .routerRefused : nil))
    }

    @Test func `a map of plain colours stays one and keeps no token`() async throws {
        let fake = try FakeRouter(mapFile: "shop blue\n")
        let before = try await fake.router.observe()
        #expect(before.token == nil)
        let claim = Datum(live: .green, isIdleClaimed: true, token: Token(epoch: 1, round: 1))
        #expect(await fake.router.write(claim, expecting: before) == .applied)
        #expect(try fake.folder.folder.read("bg.map") == "shop green\n")
        let after = try await fake.router.observe()
        #expect(after.color == .green)
        #expect(after.token == nil)
        #expect(!after.isIdleClaimed)
    }

    @Test func `what was seen with a higher token is refused without asking`() async throws {
        let fake = try FakeRouter()
        let newer = Token(epoch: 5, round: 1)
        let seen = Observation(effective: .color(.blue), token: newer)
        #expect(await fake.router.write(Self.green, expecting: seen) == .refusedStale(newer))
        #expect(fake.faults.requests.isEmpty)
    }

    @Test func `HAProxy's own words are the evidence of a refusal`() async throws {
        let fake = try FakeRouter()
        let before = try await fake.router.observe()
        let kept =
            "type=str, case=sensitive, found=yes, idx=tree, "
            + "key=\"shop\", value=\"blue:green:0:0\", type=\"str\"\n\n"
        fake.faults.become(.answer(Array("Permission denied\n\n\(kept)".utf8)), onlyWrites: true)
        let result = await fake.router.write(Self.green, expecting: before)
        guard case .notApplied(let failure) = result else {
            Issue.record("refused in words, and the old value read back")
            return
        }
        #expect(failure.code == .routerRefused)
        #expect(failure.evidence == ["Permission denied"])
    }

    @Test func `an accepted write that reads back as something else is unknown`() async throws {
        let fake = try FakeRouter()
        let before = try await fake.router.observe()
        let kept =
            "\ntype=str, case=sensitive, found=yes, idx=tree, "
            + "key=\"shop\", value=\"blue:green:0:0\", type=\"str\"\n\n"
        fake.faults.become(.answer(Array(kept.utf8)), onlyWrites: true)
        #expect((await fake.router.write(Self.green, expecting: before)).isUnknown)
    }

    @Test(arguments: [HAProxyFolder.Way.map, .register])
    func `broken answers never crash and never show another colour`(
        _ way: HAProxyFolder.Way
    ) async throws {
        let fake = try FakeRouter(way)
        let whole = try await fake.router.observe()
        var random = SplitMix(state: 42)
        for _ in 0..<2_000 {
            let seed = random.next()
            let router = try fake.folder.router(
                Streams { (request) throws(StreamFailure) in
                    var bytes = try fake.proxy.exchange(request)
                    var random = SplitMix(state: seed)
                    bytes[Int.random(in: bytes.indices, using: &random)] = .random(
                        in: 0...255, using: &random)
                    return bytes
                })
            do {
                let seen = try await router.observe()
                if way == .map, let color = seen.color { #expect(color == whole.color) }
            } catch {
                #expect(error.code != .commandFailed)
            }
        }
    }

    // MARK: Counting

    @Test func `requests and errors are counted per colour`() async throws {
        let fake = try FakeRouter()
        let counters = TrafficCounters(
            requests: 7, errors: 1, averageResponseTime: .milliseconds(3), inFlight: 2)
        let router: any Router = fake.router
        let meter = try #require(router.meter, "the engine finds out by asking the router")
        #expect(try await meter.counters() == [.blue: counters, .green: counters])
    }

    @Test func `counting without a backend is a failure`() async throws {
        let fake = try FakeRouter()
        fake.proxy.change { $0.backends["shop_green"] = nil }
        let failure = await #expect(throws: Failure.self) { try await fake.router.counters() }
        #expect(failure?.code == .metricUnreadable)
    }
}

/// Repeatable randomness.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
