import Contracts
import PipelineModel
import RunEngine
import ShopRig
import TestWorld
import Testing

/// One of three routers sees no server of the old colour.
@Suite struct FleetServerTests {
    private static let names = ["lb-1", "lb-2", "lb-3"]
    private let shop: Shop

    init() {
        shop = Shop(pipeline: Shop.fleetPipeline(Self.names))
        shop.production.addFleet("lb-1", "lb-2", "lb-3")
        for version in ["2.7", "2.8"] {
            shop.type("deploy", version, "-q")
            shop.wait(.seconds(600))
        }
        lose("lb-3")
    }

    private func lose(_ names: String...) {
        for name in names { shop.production.change(name) { $0.downColors = [.green] } }
    }

    private var live: [String] {
        Self.names.map { String(shop.production.value(of: $0)?.prefix { $0 != ":" } ?? "-") }
    }

    @Test func `a rollback goes back on the others, and says which one is left and why`() {
        let status = shop.type("status").output
        #expect(status.contains("ROLLBACK READY for 2 of 3 routers (not lb-3)"), "\(status)")
        let doctor = shop.type("doctor", "--rollback-from-here")
        #expect(doctor.output.contains("A rollback from here is ready for 2 of 3 routers"))
        #expect(doctor.output.contains("green has no server up there"), "\(doctor.output)")
        #expect(doctor.status == 20)
        let screen = shop.type("rollback")
        #expect(screen.status == 20)
        #expect(live == ["green", "green", "blue"])
        let words = screen.error + screen.output
        #expect(words.contains("lb-3: green has no server up there"), "\(words)")
        #expect(words.contains("on green except lb-3, left out and NOT moved"), "\(words)")
    }

    @Test func `resume brings it level once its servers are up, and not before`() {
        shop.type("rollback")
        let early = shop.type("resume")
        #expect(early.status != 0)
        #expect(early.error.contains("green has 0 of 2 servers up on lb-3"), "\(early.error)")
        #expect(live == ["green", "green", "blue"])
        shop.production.change("lb-3") { $0.downColors = [] }
        #expect(shop.type("resume").status == 0)
        #expect(live == ["green", "green", "green"])
    }

    @Test func `a rollback that helps nowhere is refused`() {
        lose("lb-1", "lb-2")
        let screen = shop.type("rollback")
        #expect(screen.status == 21)
        #expect(screen.error.contains("green has no server up on lb-1, lb-2, lb-3."))
        #expect(live == ["blue", "blue", "blue"])
        #expect(shop.type("status").output.contains("ROLLBACK NOT READY  green has no server up"))
    }

    @Test func `one that was asked for alone is refused, unless the glass is broken`() {
        let screen = shop.type("rollback", "--only", "lb-3")
        #expect(screen.status == 21)
        #expect(screen.error.contains("without --only lb-3"), "\(screen.error)")
        #expect(live == ["blue", "blue", "blue"])
        #expect(shop.type("rollback", "--break-glass", "--reason", "worse").status == 0)
        #expect(live == ["green", "green", "green"])
    }
}
