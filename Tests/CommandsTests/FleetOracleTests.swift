import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// Random histories of a fleet whose routers die, come back, lose writes and are switched by hand: after
/// each command, what it says is held against the routers.
@Suite struct FleetOracleTests {
    private static let names = ["lb-1", "lb-2", "lb-3"]

    private static func pipeline(_ rule: String) -> String {
        let routers = names.map { name in
            """
              \(name):
                haproxy: {socket: \(FakeProduction.socket(name)), map: \(FakeProduction.mapFile(name)), key: shop}

            """
        }
        return """
            apiVersion: bluegreen/v1
            service: shop
            colors:
              blue: {url: "http://127.0.0.1:8081"}
              green: {url: "http://127.0.0.1:8082"}
            switch: {prove: readBack}
            fleet: {require: \(rule)}
            routers:
            \(routers.joined())
            """
    }

    private enum Event: CaseIterable {
        case switching, deploying, rollingBack, resuming, rollingBackOne, adopting
        case dying, comingBack, dyingOfWrite, losingWrites, switchingByHand
    }

    /// What the oracle looks at.
    private struct Truth {
        var colors: [String: String]
        var unreachable: Set<String>
        var isLevel: Bool { Set(colors.values).count == 1 && unreachable.isEmpty }
    }

    private func truth(_ shop: Shop) -> Truth {
        var truth = Truth(colors: [:], unreachable: [])
        for name in Self.names {
            let value = shop.production.value(of: name) ?? ""
            truth.colors[name] = String(value.prefix { $0 != ":" })
            shop.production.change(name) { if !$0.isUp { truth.unreachable.insert(name) } }
        }
        return truth
    }

    @Test(arguments: ["all", "{quorum: 2}"], 1...10)
    func `no command says what is not so, and one person ends it`(rule: String, seed: UInt64) {
        var random = Dice(seed: seed)
        let shop = Shop(pipeline: Self.pipeline(rule))
        shop.production.addFleet("lb-1", "lb-2", "lb-3")
        for number in 1...10 {
            let event = random.pick(Event.allCases)
            let router = random.pick(Self.names)
            if let words = command(event, router, version: "\(number)") {
                let screen = shop.type(words)
                judge(screen, truth(shop), rule, shop)
            } else {
                happen(event, router, shop)
            }
            shop.wait(.seconds(5))
            judgeStatus(shop.type("status"), truth(shop), shop)
        }
        for name in Self.names {
            shop.production.change(name) {
                ($0.isUp, $0.ignoresWrites, $0.diesOfWrite) = (true, false, false)
            }
        }
        shop.type("resume")
        let back = shop.type("rollback", "--to", "blue", "--break-glass", "--reason", "the end")
        #expect(back.status == 0, "\(shop.transcript)")
        #expect(truth(shop).colors.values.allSatisfy { $0 == "blue" })
        // What a router would forget, because it died in a write, is written once more.
        if shop.type("status").status == 33 { shop.type("adopt") }
        #expect(shop.type("status").status == 0, "\(shop.transcript)")
    }

    private func command(_ event: Event, _ router: String, version: String) -> [String]? {
        switch event {
        case .switching: ["switch"]
        case .deploying: ["deploy", version]
        case .rollingBack: ["rollback"]
        case .resuming: ["resume"]
        case .rollingBackOne: ["rollback", "--to", "blue", "--only", router]
        case .adopting: ["adopt"]
        case .dying, .comingBack, .dyingOfWrite, .losingWrites, .switchingByHand: nil
        }
    }

    private func happen(_ event: Event, _ router: String, _ shop: Shop) {
        shop.note("\(router): \(event)")
        shop.production.change(router) { member in
            switch event {
            case .dying: member.isUp = false
            case .comingBack:
                (member.isUp, member.ignoresWrites, member.diesOfWrite) = (true, false, false)
            case .dyingOfWrite: member.diesOfWrite = true
            case .losingWrites: member.ignoresWrites = true
            case .switchingByHand: member.value = "green:blue:0:0"
            case .switching, .deploying, .rollingBack, .resuming, .rollingBackOne, .adopting:
                break
            }
        }
    }

    /// Where production is said to be, all of them are, or all but those that are named.
    private func judge(_ screen: Shop.Screen, _ truth: Truth, _ rule: String, _ shop: Shop) {
        // An unsettled fleet is told router by router.
        guard screen.output.contains("Production is on ") else { return }
        let color = screen.output.contains("Production is on blue") ? "blue" : "green"
        let others = truth.colors.filter { $0.value != color }.keys
        for name in others {
            #expect(screen.output.contains(name), "\(name)\n\(shop.transcript)")
            #expect(rule != "all" || screen.status != 0, "\(name)\n\(shop.transcript)")
        }
    }

    private func judgeStatus(_ screen: Shop.Screen, _ truth: Truth, _ shop: Shop) {
        #expect(
            [0, 20, 33].contains(screen.status), "status \(screen.status)\n\(shop.transcript)")
        if screen.status == 0 { #expect(truth.isLevel, "\(shop.transcript)") }
        for line in screen.output.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            // Name, record, router now.
            guard words.count > 3, let color = truth.colors[words[0]] else { continue }
            let now = truth.unreachable.contains(words[0]) ? "unreachable" : color
            #expect(words[2] == now, "\(line)\n\(shop.transcript)")
        }
    }
}

/// The same throws for the same seed.
private struct Dice {
    private var bits: UInt64

    init(seed: UInt64) { bits = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func pick<Item>(_ items: [Item]) -> Item {
        bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return items[Int((bits >> 33) % UInt64(items.count))]
    }
}
