import Contracts
import PipelineModel
import RunEngine
import ShopRig
import StateStores
import TestWorld
import Testing

@testable import Commands

/// What another process does between the look at a service and the begin of a run.
@Suite struct RaceTests {
    private static let plan = RunPlan(
        verb: .deploy, entry: .deploying, from: .blue, to: .green, release: Release(version: "3.0"),
        deploySteps: ["start"], checks: ["healthy"], hasBake: true)

    private static func intent(_ live: Color, round: Int) -> Intent {
        Intent(
            datum: Datum(
                live: live, isIdleClaimed: live == .blue, token: Token(epoch: 3, round: round)),
            from: .blue, recipes: [])
    }

    private static func begin(in shop: Shop) async -> (any RunJournal)? {
        let owner = Owner(
            process: ProcessIdentity(pid: 900, startTime: 7, bootID: "boot-1"), host: "ci-8",
            user: "ben")
        return try? await shop.store.begin(
            above: 0, patience: .seconds(1), judging: { _ in }
        ) { run, epoch in
            RunBeginning(
                run: run, epoch: epoch, service: "shop", stage: nil, plan: plan, owner: owner)
        }
    }

    /// A run of another process begins and gets as far as `events` while the router is asked.
    private static func meanwhile(_ events: [RunEvent], in shop: Shop) {
        shop.production.change { state in
            state.meanwhile = {
                let journal = await begin(in: shop)
                for event in events { try? await journal?.append(event, isDurable: true) }
                if events.last?.isEnd == true { await journal?.close() }
            }
        }
    }

    @Test func `a run that finds traffic moved by hand called the color of before live`() {
        let shop = Shop.running()
        let screen = shop.type(["switch"], after: .seconds(1)) { _ in
            shop.production.setValue("green")
        }
        #expect(screen.status == 33, "\(screen)")
        let all = screen.output + screen.error
        #expect(all.contains("haproxy shows green, not blue, as live."), "\(all)")
        #expect(!all.contains("Production is on blue"), "\(all)")
        #expect(
            screen.output.contains(
                "Production is where 'bluegreen status' finds it, not touched by this run."),
            "\(all)")
    }

    @Test func `the JSON of a run that finds traffic moved by hand named the color of before`() {
        let shop = Shop.running()
        let screen = shop.type(["switch", "-o", "json"], after: .seconds(1)) { _ in
            shop.production.setValue("green")
        }
        #expect(screen.status == 33, "\(screen)")
        let found = #""production":{"readBack":{"color":"green"}}"#
        #expect(screen.output.contains(found), "\(screen)")
        #expect(!screen.output.contains(#""production":{"untouched""#), "\(screen)")
        #expect(shop.type("show", "-o", "json").output.contains(found))
    }

    @Test func `a run that finds its fleet mixed ended as if production were known`() {
        let shop = Shop.runningFleet()
        let screen = shop.type(["switch", "-o", "json"], after: .seconds(1)) { _ in
            shop.production.change("lb-2") { $0.value = "green" }
        }
        #expect(screen.status == 20, "\(screen)")
        #expect(screen.output.contains(#""production":{"unknown":{}}"#), "\(screen)")
        #expect(shop.production.value(of: "lb-1")?.hasPrefix("blue") == true)
    }

    @Test(arguments: ["deploy", "switch", "adopt", "retire"])
    func `a run that began a moment ago is not cut off`(verb: String) throws {
        let shop = Shop.running()
        shop.wait(.seconds(86_400))
        if verb == "adopt" { shop.production.persist("green:blue:0:130") }
        Self.meanwhile([], in: shop)
        let words = ["deploy": ["3.1"], "retire": ["-y"]]
        let screen = shop.type([verb] + (words[verb] ?? []))
        #expect(screen.status == 30)
        #expect(try shop.store.load().record.run?.beginning.owner.host == "ci-8")
    }

    @Test func `a rollback does not go to what a deploy has claimed a moment ago`() {
        let shop = Shop.running()
        Self.meanwhile([.claimIntended(Self.intent(.blue, round: 1)), .claimed], in: shop)
        let before = shop.production.value
        let screen = shop.type("rollback")
        #expect(screen.status == 21)
        #expect(screen.error.contains("half deployed"))
        #expect(shop.production.value == before)
    }

    @Test func `a status beside a run that switches tells of no drift`() throws {
        let shop = Shop.running()
        let journal = try #require(shop.simulation.run { await Self.begin(in: shop) } ?? nil)
        shop.production.change { state in
            state.meanwhile = {
                let intent = Self.intent(.green, round: 2)
                let live = RunEvent.switched(live: .green, previous: .blue)
                for event in [.switchIntended(intent), live] {
                    try? await journal.append(event, isDurable: true)
                }
                shop.production.setValue("green:blue:0:194")
            }
        }
        let screen = shop.type("status")
        #expect(screen.status == 0)
        #expect(screen.output.contains("green"))
    }

    @Test func `a check that does not pass can be stopped`() {
        let shop = Shop.running()
        shop.production.change { $0.environments[.green]?.status = 503 }
        let began = shop.simulation.now
        let screen = shop.type("check", after: .seconds(2), then: { $0.ask(.signal(2)) })
        #expect(screen.status == 130)
        #expect(shop.simulation.now - began < .seconds(10))
    }

    @Test func `an abort does not cut a switch that began a moment ago`() throws {
        let shop = Shop.running()
        let journal = try #require(shop.simulation.run { await Self.begin(in: shop) } ?? nil)
        shop.production.change { state in
            state.meanwhile = {
                try? await journal.append(
                    .switchIntended(Self.intent(.green, round: 2)), isDurable: true)
            }
        }
        let screen = shop.type("abort")
        #expect(screen.status == 32)
        #expect(shop.production.ended.isEmpty)
        #expect(try shop.store.load().record.run?.beginning == journal.beginning)
    }

    @Test(arguments: [
        (false, "was on green when this one looked last"),
        (true, "was on blue when this one looked last"),
    ])
    func `a run that another one replaced does not say where production is`(
        hasMoved: Bool, words: String
    ) {
        let shop = Shop.running()
        let screen = shop.type("deploy", "2.9", after: .seconds(9)) { _ in
            shop.production.change { state in
                state.meanwhile = {
                    _ = await Self.begin(in: shop)
                    if hasMoved { shop.production.setValue("blue:-:0:300") }
                }
            }
        }
        #expect(screen.status == 12)
        #expect(
            screen.output.contains(
                "Production is where run r-000004 brings it ('bluegreen status')"),
            "\(screen.output)")
        #expect(screen.output.contains(words), "\(screen.output)")
    }

    // MARK: - Found by the model

    private static let halfDeployed: [RunEvent] = [
        .claimIntended(intent(.blue, round: 1)), .claimed,
        .ended(Outcome(.failedBeforeSwitch, production: .untouched(.blue))),
    ]

    private static let broughtBack: [RunEvent] = [
        .claimIntended(intent(.blue, round: 1)), .claimed, .sealed(Release(version: "3.0")),
        .checksPassed, .switchIntended(intent(.green, round: 2)),
        .switched(live: .green, previous: .blue), .bakeBegan(.seconds(600)),
        .bakeJudged(BakeVerdict(.failed, why: "errors", samples: 9)),
        .rollbackIntended(intent(.blue, round: 3)), .rolledBack(live: .blue),
        .ended(Outcome(.rolledBackAutomatically, production: .readBack(.blue))),
    ]

    @Test func `a rollback does not go to what failed its bake a moment ago`() {
        let shop = Shop.running()
        Self.meanwhile(Self.broughtBack, in: shop)
        let before = shop.production.value
        shop.type("rollback")
        #expect(shop.production.value == before)
    }

    @Test func `a switch does not go to what a deploy has half changed a moment ago`() {
        let shop = Shop.running()
        Self.meanwhile(Self.halfDeployed, in: shop)
        let before = shop.production.value
        shop.type("switch")
        #expect(shop.production.value == before)
    }
}

extension RunEvent {
    fileprivate var isEnd: Bool { if case .ended = self { true } else { false } }
}
