import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine
import ShopRig
import StateStores
import TestWorld
import Testing

@testable import Commands

/// What a probe finds out about routers that do not keep what they promise.
@Suite struct DoctorProbeTests {
    private let shop = Shop.running()

    @Test func `a router that takes an older token is found out, and written once more`() throws {
        let honest = FakeRouter(live: .blue, token: Token(epoch: 2, round: 2), fencing: .token)
        let credulous = CredulousRouter(FakeRouter(live: .blue))
        let rows = try #require(try probe(["a": honest, "b": credulous]))
        #expect(rows.first { $0.check == "a fencing" }?.verdict == .ok)
        #expect(rows.first { $0.check == "b fencing" }?.verdict == .problem)
        #expect(honest.writes.map(\.token.description) == ["3.1", "2.1"])
        #expect(credulous.router.writes.map(\.token.description) == ["3.1", "2.1", "3.2"])
        #expect(try shop.store.load().record.run?.outcome?.ending == .succeeded)
    }

    @Test func `a router that refuses the write is told, and the others are asked`() throws {
        let stubborn = FakeRouter(live: .blue)
        stubborn.expect(.notApplied)
        let rows = try #require(try probe(["a": stubborn, "b": FakeRouter(live: .blue)]))
        #expect(rows.first?.check == "a write")
        #expect(rows.first?.verdict == .problem)
        #expect(rows.contains { $0.check == "b read back" && $0.verdict == .ok })
    }

    @Test func `a router that was left behind keeps its users where they are`() {
        let shop = Shop(
            pipeline: Shop.fleetPipeline(
                ["lb-1", "lb-2", "lb-3"], "fleet:\n  require: {quorum: 2}\n"))
        shop.production.addFleet("lb-1", "lb-2", "lb-3")
        shop.production.change("lb-3") { $0.isUp = false }
        shop.type("deploy", "2.7", "-q")
        shop.wait(.seconds(600))
        shop.production.change("lb-3") { $0.isUp = true }
        let before = shop.production.value(of: "lb-3")
        #expect(before?.hasPrefix("blue:") == true)
        let screen = shop.type("doctor", "--probe", "-y")
        #expect(screen.output.contains("lb-1 read back"), "\(screen.output)\(screen.error)")
        #expect(
            screen.output.contains("not written: it shows blue, and a probe moves no traffic"),
            "\(screen.output)")
        #expect(shop.production.value(of: "lb-3") == before)
        #expect(shop.production.value(of: "lb-1")?.hasPrefix("green:") == true)
    }

    /// What the probe says of these routers.
    private func probe(_ routers: [String: any Router]) throws -> [DoctorReport.Row]? {
        let session = Session(
            world: shop.world, terminal: TerminalRecording().terminal, stop: StopRequest(),
            proxy: shop.production.proxyHost, output: try OutputOptions.parse([]),
            secrets: Secrets())
        let opened = try Workplace.open(PlaceOptions.parse([]), in: session)
        let workplace = Workplace(
            session: session, pipeline: opened.pipeline, report: opened.report,
            store: opened.store,
            routers: Dictionary(uniqueKeysWithValues: routers.map { (RouterID($0), $1) }),
            directory: opened.directory, pipelineDigest: opened.pipelineDigest,
            fileNames: opened.fileNames)
        // A trouble shows as no rows.
        return shop.simulation.run { try? await DoctorProbe(workplace).rows() } ?? nil
    }
}

/// Says that it compares tokens, and does not.
private struct CredulousRouter: Router {
    static let kind = "credulous"
    static let summary = "Takes whatever comes."
    static let settings = SettingsDescription()

    let router: FakeRouter
    let fencing = Fencing.token
    var abilities: RouterAbilities { router.abilities }
    var address: String { router.address }

    init(_ router: FakeRouter) { self.router = router }

    init?(_ settings: Section, world: World) { return nil }

    func observe() async throws(Failure) -> Observation { try await router.observe() }

    func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        router.show { $0.token = nil }
        return await router.write(datum, expecting: expecting)
    }
}
