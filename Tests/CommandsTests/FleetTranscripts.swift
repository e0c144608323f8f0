import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// Three routers in front of one shop.
@Suite struct FleetTranscripts {
    private static let names = ["lb-1", "lb-2", "lb-3"]

    /// Blue is live with 2.7 on all three.
    private func shop(_ fleet: String = "", deploying versions: String...) -> Shop {
        let shop = Shop(pipeline: Shop.fleetPipeline(Self.names, fleet))
        shop.production.addFleet("lb-1", "lb-2", "lb-3")
        for version in versions {
            shop.type("deploy", version, "-q")
            shop.wait(.seconds(600))
        }
        return shop
    }

    @Test func `a deploy moves all of them, and status has a row for each`() throws {
        let shop = shop()
        shop.type("validate")
        shop.type("plan", "2.8")
        shop.type("deploy", "2.8")
        shop.type("status")
        shop.type("status", "-v")
        shop.type("status", "-o", "json")
        shop.type("retire", "--now", "--reason", "out of memory")
        shop.type("show")
        try shop.expectTranscript("fleet")
        #expect(Self.names.allSatisfy { shop.production.value(of: $0) != nil })
    }

    @Test func `one that cannot be reached keeps all where they are`() throws {
        let shop = shop(deploying: "2.7")
        shop.production.change("lb-3") { $0.isUp = false }
        shop.type("status")
        shop.type("plan", "2.8")
        shop.type("deploy", "2.8")
        shop.type("switch")
        shop.type("retire", "--now", "--reason", "out of memory")
        shop.type("adopt")
        try shop.expectTranscript("fleet-unreachable")
    }

    @Test func `a rollback turns what it reaches, lists the rest, and resume finishes it`() throws {
        let shop = shop(deploying: "2.7", "2.8")
        shop.production.change("lb-3") { $0.isUp = false }
        shop.type("rollback", "--reason", "checkout is failing")
        shop.type("status")
        shop.type("rollback")
        shop.type("resume")
        shop.note("lb-3 comes back, and serves what it served")
        shop.production.change("lb-3") { $0.isUp = true }
        shop.type("status")
        shop.type("status", "-o", "json")
        shop.type("deploy", "2.9")
        shop.type("resume", "--dry-run")
        shop.type("resume")
        shop.type("status")
        shop.type("show")
        try shop.expectTranscript("fleet-rollback")
    }

    @Test func `a rollback of one router, and then of the others`() throws {
        let shop = shop(deploying: "2.7", "2.8")
        shop.type("rollback", "--only", "lb-9")
        shop.type("rollback", "--only", "lb-1")
        shop.type("status")
        shop.type("rollback", "--to", "green", "--only", "lb-2", "--only", "lb-3")
        shop.type("status")
        try shop.expectTranscript("fleet-only")
    }

    @Test func `a quorum leaves one out until resume brings it level`() throws {
        let shop = shop("fleet:\n  require: {quorum: 2}\n", deploying: "2.7")
        shop.production.change("lb-3") { $0.isUp = false }
        shop.type("status")
        shop.type("plan", "2.8")
        shop.type("deploy", "2.8")
        shop.type("status")
        shop.type("deploy", "2.9")
        shop.type("resume")
        shop.note("lb-3 comes back, and serves what it served")
        shop.production.change("lb-3") { $0.isUp = true }
        shop.type("status")
        shop.type("deploy", "2.9")
        shop.type("switch", "blue", "--dry-run")
        shop.type("resume")
        shop.type("status")
        shop.note("only one is left")
        for name in ["lb-2", "lb-3"] { shop.production.change(name) { $0.isUp = false } }
        shop.type("status")
        shop.type("switch")
        try shop.expectTranscript("fleet-quorum")
    }

    @Test(arguments: [true, false])
    func `a bake that goes back pages for one that is not there only if it may be elsewhere`(
        isBehind: Bool
    ) {
        let shop = shop("fleet:\n  require: {quorum: 2}\n", deploying: "2.7")
        shop.production.change("lb-3") { $0.isUp = false }
        if isBehind { #expect(shop.type("switch", "blue").status == 0) }
        let (bad, good) = isBehind ? (Color.green, "blue") : (.blue, "green")
        shop.production.change { $0.onSwitch[bad] = { $0.environments[bad]?.requests += 1 } }
        let screen = shop.type("switch", after: .seconds(9)) { [production = shop.production] _ in
            production.change { $0.environments[bad]?.status = 500 }
        }
        #expect(screen.status == (isBehind ? 20 : 11), "\(screen)")
        #expect(shop.production.value(of: "lb-1")?.hasPrefix(good) == true)
        // Run 1 left it on green, where the second way back leads.
        #expect(shop.production.value(of: "lb-3")?.hasPrefix("green") == true)
        #expect(
            screen.error.contains("'bluegreen resume' brings lb-3 level") == isBehind, "\(screen)")
        #expect(screen.output.contains("except lb-3") == isBehind, "\(screen.output)")
    }

    @Test func `a colour that a quorum shows is waited for no longer`() {
        let shop = shop("fleet:\n  require: {quorum: 2}\n", deploying: "2.7")
        shop.production.change("lb-3") { $0.isUp = false }
        let screen = shop.type("wait", "--for", "green", "--timeout", "2s")
        #expect(screen.status == 0, "\(screen)")
    }

    @Test func `one that was rebuilt gets what another one holds before it takes traffic`() throws {
        let shop = shop(deploying: "2.7")
        shop.note("lb-3 is built anew, and does not run yet")
        shop.rebuild("lb-3")
        shop.type("router", "sync", "--from", "lb-1", "lb-3", "--dry-run")
        shop.type("router", "sync", "--from", "lb-1", "lb-3")
        shop.type("router", "sync", "--from", "lb-1", "lb-3")
        shop.note("now it runs")
        shop.start("lb-3")
        shop.type("router", "sync", "--from", "lb-1", "lb-3")
        shop.type("status")
        shop.note("lb-2 runs with the value of its first day")
        shop.rebuild("lb-2")
        shop.start("lb-2")
        shop.type("router", "sync", "--from", "lb-1", "-o", "json")
        shop.type("history")
        try shop.expectTranscript("router-sync")
        #expect(shop.production.value(of: "lb-2") == shop.production.value(of: "lb-1"))
    }

    @Test func `one that a sync had brought level was still shown as left out`() {
        let shop = shop("fleet:\n  require: {quorum: 2}\n", deploying: "2.7")
        shop.production.change("lb-3") { $0.isUp = false }
        #expect(shop.type("switch", "blue").status == 0)
        shop.production.change("lb-3") { $0.isUp = true }
        let before = shop.type("status")
        #expect(before.status == 20)
        #expect(before.output.contains("except on lb-3"), "\(before.output)")
        #expect(shop.type("router", "sync", "--from", "lb-1", "lb-3").status == 0)
        let after = shop.type("status")
        #expect(after.status == 0, "\(after)")
        #expect(!after.output.contains("except on lb-3"), "\(after.output)")
        #expect(!shop.type("status", "-o", "json").output.contains("leftOut"))
    }

    @Test func `what is newer, unreadable or moving is not copied`() throws {
        let shop = shop(deploying: "2.7")
        shop.type("router", "sync")
        shop.type("router", "sync", "--from", "lb-9")
        shop.type("router", "sync", "--from", "lb-1", "lb-1")
        shop.note("lb-2 was written by somebody else")
        shop.production.change("lb-2") { $0.value = "green:blue:0:9985" }
        shop.type("router", "sync", "--from", "lb-1", "lb-2")
        shop.type("router", "sync", "--from", "lb-1", "lb-3")
        shop.note("lb-1 is gone")
        shop.production.change("lb-1") { $0.isUp = false }
        shop.type("router", "sync", "--from", "lb-1", "lb-3")
        shop.note("lb-1 is back with the value of its first day")
        shop.rebuild("lb-1")
        shop.start("lb-1")
        shop.type("router", "sync", "--from", "lb-1", "lb-3")
        shop.note("lb-1 gives a share to idle")
        shop.production.change("lb-1") { $0.value = "green:blue:5:9985" }
        shop.type("router", "sync", "--from", "lb-1", "lb-3")
        try shop.expectTranscript("router-sync-refused")
    }

    @Test func `while traffic moves, a router is not brought level`() throws {
        let shop = shop(deploying: "2.7")
        shop.production.change("lb-3") { $0.diesOfWrite = true }
        shop.type("switch", "--no-bake", "--skip-check", "healthy", "--reason", "quick")
        let refused = shop.type("router", "sync", "--from", "lb-1", "lb-3")
        #expect(refused.status == 33)
        #expect(refused.error.contains("was begun and never finished"))
    }

    @Test func `one that does not take what it is given is told as unknown`() throws {
        let shop = shop(deploying: "2.7")
        shop.rebuild("lb-3")
        shop.start("lb-3")
        shop.production.change("lb-3") { $0.ignoresWrites = true }
        let done = shop.type("router", "sync", "--from", "lb-1", "lb-3")
        #expect(done.status == 20, "\(done)")
        #expect(shop.type("history").output.contains("which was not finished"))
    }

    @Test func `no record is begun where there is none`() throws {
        let shop = shop(deploying: "2.7")
        shop.rebuild("lb-3")
        let done = shop.type("router", "sync", "--from", "lb-1", "lb-3", "--state", "elsewhere")
        #expect(done.status == 0, "\(done)")
        #expect(!shop.files.paths.contains { $0.contains("elsewhere") })
        #expect(shop.bootValue(of: "lb-3") == shop.production.value(of: "lb-1"))
    }

    @Test func `one that dies of the write leaves the fleet unsettled, with a table`() throws {
        let shop = shop(deploying: "2.7")
        shop.production.change("lb-3") { $0.diesOfWrite = true }
        shop.type("switch", "--no-bake", "--skip-check", "healthy", "--reason", "quick")
        shop.type("status")
        shop.type("resume")
        shop.note("lb-3 comes back")
        shop.production.change("lb-3") { ($0.isUp, $0.diesOfWrite) = (true, false) }
        shop.type("status")
        shop.type("resume")
        shop.type("status")
        try shop.expectTranscript("fleet-unsettled")
    }

    @Test func `a split by hand is named, and one command ends it`() throws {
        let shop = shop(deploying: "2.7", "2.8")
        shop.note("somebody switches lb-2 by hand")
        shop.production.change("lb-2") { $0.value = "green:blue:0:0" }
        shop.production.persist("green:blue:0:0", in: FakeProduction.mapFile("lb-2"))
        shop.type("status")
        shop.type("deploy", "2.9")
        shop.type("retire", "--now", "--reason", "out of memory")
        shop.type("adopt")
        shop.type("resume")
        shop.type("rollback", "--to", "blue")
        shop.type("status")
        try shop.expectTranscript("fleet-split")
    }

    @Test func `a claim stands in each of them`() {
        let shop = shop(deploying: "2.7", "2.8")
        shop.production.change { $0.programs["./start"] = .init(exit: 1) }
        #expect(shop.type("deploy", "2.9").status == 10)
        for name in Self.names {
            #expect(shop.production.value(of: name)?.hasPrefix("blue:-:0:") == true)
        }
        // A machine without the record sees it in any one of them.
        for path in shop.files.paths where path.hasPrefix(".bluegreen") { shop.files[path] = nil }
        shop.production.change("lb-1") { $0.isUp = false }
        shop.production.change("lb-2") { $0.isUp = false }
        let screen = shop.type("rollback", "--to", "green")
        #expect(screen.status == 21)
        #expect(screen.error.contains("claimed"))
    }

    private static func settings(_ names: String...) -> String {
        let members = names.map { name in
            """
            "\(name)":{"haproxy":{"socket":"\(FakeProduction.socket(name))",\
            "map":"\(FakeProduction.mapFile(name))","key":"shop"}}
            """
        }
        return "{\"routers\":{\(members.joined(separator: ","))}}"
    }

    @Test func `a rollback takes several routers from the command line`() {
        let shop = shop(deploying: "2.7", "2.8")
        for path in shop.files.paths where path.contains("bluegreen") { shop.files[path] = nil }
        let screen = shop.type(
            "rollback", "--service", "shop", "--to", "green", "--router-settings",
            Self.settings("lb-1", "lb-2", "lb-3"))
        #expect(screen.status == 0)
        #expect(
            Self.names.allSatisfy {
                shop.production.value(of: $0)?.hasPrefix("green:") == true
            })
    }

    @Test func `one that has moved is found in the pipeline, the others in the record`() {
        let shop = shop(deploying: "2.7", "2.8")
        shop.production.change { state in
            state.fleet["/run/new/admin.sock"] = state.fleet.removeValue(
                forKey: FakeProduction.socket("lb-2"))
        }
        shop.write(
            "bluegreen.yaml",
            Shop.fleetPipeline(Self.names).replacing(
                FakeProduction.socket("lb-2"), with: "/run/new/admin.sock"))
        let screen = shop.type("rollback")
        #expect(screen.status == 0)
        #expect(screen.error.contains("taken from the pipeline: /run/new/admin.sock"))
        #expect(shop.production.value(of: "lb-1")?.hasPrefix("green:") == true)
    }

    @Test func `one of which nothing can be made is listed, not forgotten`() {
        let shop = shop(deploying: "2.7", "2.8")
        for path in shop.files.paths where path.hasPrefix(".bluegreen") { shop.files[path] = nil }
        shop.write(
            "bluegreen.yaml",
            Shop.fleetPipeline(Self.names).replacing(
                "  lb-2:\n    haproxy:", with: "  lb-2:\n    haprxy:"))
        let screen = shop.type("rollback", "--to", "green")
        #expect(screen.status == 20)
        #expect(screen.error.contains("lb-2: What the pipeline says about it cannot be used"))
        #expect(shop.production.value(of: "lb-3")?.hasPrefix("green:") == true)
        #expect(shop.production.value(of: "lb-2")?.hasPrefix("blue:") == true)
    }

    @Test func `a fleet has one embedded proxy at most`() {
        let shop = Shop(
            pipeline: Shop.pipeline.replacing(
                "router:\n  haproxy:",
                with: """
                    routers:
                      a: {embedded: {listen: "127.0.0.1:8080"}}
                      b: {embedded: {listen: "127.0.0.1:8090"}}
                    x-router:
                      haproxy:
                    """))
        let screen = shop.type("validate")
        #expect(screen.status == 78)
        #expect(screen.error.contains("only one router can be 'embedded'"))
    }
}

extension Shop {
    /// Its proxy does not run, and its map is as on the first day.
    fileprivate func rebuild(_ name: String) {
        production.change(name) { ($0.value, $0.isUp) = ("blue:green:0:0", false) }
        production.persist("blue:green:0:0", in: FakeProduction.mapFile(name))
    }

    /// With what its map file says.
    fileprivate func start(_ name: String) {
        let value = bootValue(of: name)
        production.change(name) { ($0.value, $0.isUp) = (value, true) }
    }

    fileprivate func bootValue(of name: String) -> String? {
        let text = files[FakeProduction.mapFile(name)].map { String(decoding: $0, as: UTF8.self) }
        return text?.split(whereSeparator: { " \n".contains($0) }).last.map(String.init)
    }
}
