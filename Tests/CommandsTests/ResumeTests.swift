import Contracts
import PipelineModel
import RunEngine
import ShopRig
import StateStores
import TestWorld
import Testing

@testable import Commands

/// What `resume` does to production after a run died.
@Suite struct ResumeTests {
    private static let plan = RunPlan(
        verb: .deploy, entry: .deploying, from: .blue, to: .green,
        release: Release(version: "2.9"), hasBake: true)

    /// Green is live, its bake failed, and the process died before it acted on that.
    private func judged() -> Shop {
        let shop = Shop.running()
        let switching = RunEvent.switchIntended(
            Intent(
                datum: Datum(live: .green, token: Token(epoch: 3, round: 2)), from: .blue,
                recipes: []))
        let verdict = BakeVerdict(.failed, why: "errors 12% in 3 of 5 samples", samples: 900)
        _ = shop.begin(
            Self.plan,
            [
                switching, .switched(live: .green, previous: .blue), .bakeBegan(.seconds(12)),
                .bakeJudged(verdict),
            ], isAlive: false)
        shop.production.setValue("green:blue:0:194")
        return shop
    }

    /// What a run moved is written down; it died before it wrote its end.
    private func settled(_ plan: RunPlan, _ events: [RunEvent], router: String) -> Shop {
        let shop = Shop.running()
        _ = shop.begin(plan, events, isAlive: false)
        shop.production.setValue(router)
        return shop
    }

    private static func intent(_ live: Color, _ round: Int) -> Intent {
        Intent(
            datum: Datum(
                live: live, isIdleClaimed: live == .blue, token: Token(epoch: 3, round: round)),
            from: live.other, recipes: [])
    }

    private static let went = [
        RunEvent.switchIntended(intent(.green, 2)), .switched(live: .green, previous: .blue),
    ]

    @Test(
        arguments: [
            (
                went + [.rollbackIntended(intent(.blue, 3)), .rolledBack(live: .blue)],
                "blue:-:0:195"
            ),
            (
                [.switchIntended(intent(.green, 2)), .undoIntended(intent(.blue, 3)), .undone],
                "blue:-:0:195"
            ),
            (went, "green:blue:0:194"),
        ], [true, false])
    func `a run that died before it wrote its end was named for ever`(
        end: (events: [RunEvent], router: String), hasBake: Bool
    ) {
        let shop = settled(Self.plan, end.events, router: end.router)
        if !hasBake {
            shop.write(
                "bluegreen.yaml", Shop.pipeline.replacing(/bake:\n(?: .*\n)+/, with: ""))
        }
        #expect(shop.type("status").output.contains("next: bluegreen resume"))
        let live = shop.production.value?.prefix { $0 != ":" }
        let screen = shop.type("resume")
        #expect(screen.status == 0, "\(screen)")
        #expect(shop.production.value?.prefix { $0 != ":" } == live)
        #expect(shop.type("status").status == 0)
    }

    @Test func `what resume undoes of a recorded switch was live for the record for ever`() {
        let shop = settled(Self.plan, Self.went, router: "green:blue:0:194")
        shop.write("bluegreen.yaml", Shop.pipeline.replacing(/bake:\n(?: .*\n)+/, with: ""))
        shop.production.change { $0.environments[.green]?.status = 503 }
        let screen = shop.type("resume")
        #expect(screen.status == 11, "\(screen)")
        #expect(shop.production.value?.hasPrefix("blue:") == true)
        #expect(shop.type("status").status == 0)
    }

    @Test func `a deploy that died between its switch and its bake gave up the way back unasked`() {
        let shop = settled(Self.plan, Self.went, router: "green:blue:0:194")
        var again = Self.plan
        (again.verb, again.entry) = (.resume, .baking)
        for isRepeated in [false, true] {
            if isRepeated { _ = shop.begin(again, isAlive: false) }
            expectOwedBake(in: shop)
        }
        #expect(shop.type("watch", "--once").status == 0)
        #expect(shop.production.value == "green:blue:0:194")
        #expect(shop.type("status").status == 0)
    }

    /// Nobody watches what a run switched to, and the way back is kept for whoever does.
    private func expectOwedBake(in shop: Shop) {
        let status = shop.type("status")
        #expect(status.status == 22, "\(status)")
        #expect(status.output.contains("its process died before the bake began."), "\(status)")
        #expect(shop.type("deploy", "3.0").status == 32)
        #expect(shop.type("switch").status == 32)
    }

    @Test func `an adopt made a bake that never began forgotten`() {
        let shop = settled(Self.plan, Self.went, router: "green:blue:0:194")
        #expect(shop.type("adopt").status == 0)
        expectOwedBake(in: shop)
        #expect(shop.type("resume").status == 0)
        #expect(shop.type("status").status == 0)
    }

    @Test func `a switch that brought a router level made a bake that never began forgotten`() {
        let names = ["lb-1", "lb-2", "lb-3"]
        let shop = Shop(
            pipeline: Shop.fleetPipeline(names, "fleet:\n  require: {quorum: 2}\n"))
        for name in names { shop.production.addFleet(name) }
        for version in ["2.7", "2.8"] {
            #expect(shop.type("deploy", version).status == 0)
            shop.wait(.seconds(600))
        }
        var switching = Self.intent(.green, 2)
        switching.recipes = ["lb-1", "lb-2"].map {
            Recipe(router: RouterID($0), kind: "haproxy", settings: "{}")
        }
        switching.leftOut = [RouterID("lb-3"): "gone"]
        let events = [
            RunEvent.switchIntended(switching), .switched(live: .green, previous: .blue),
        ]
        _ = shop.begin(Self.plan, events, isAlive: false)
        shop.production.setValue("green:blue:0:194")
        for name in ["lb-1", "lb-2"] {
            shop.production.change(name) { $0.value = "green:blue:0:194" }
            shop.production.persist("green:blue:0:194", in: FakeProduction.mapFile(name))
        }
        let level = shop.type("switch", "green")
        #expect(level.status == 0, "\(level)")
        #expect(shop.production.value(of: "lb-3")?.hasPrefix("green:") == true)
        expectOwedBake(in: shop)
        #expect(shop.type("resume").status == 0)
        #expect(shop.type("status").status == 0)
    }

    @Test func `a run that ended between its switch and its bake owes that bake`() {
        let end = Outcome(.interrupted(.superseded(by: 4)), production: .proven(.green))
        let shop = settled(Self.plan, Self.went + [.ended(end)], router: "green:blue:0:194")
        let status = shop.type("status")
        #expect(status.status == 22, "\(status)")
        #expect(status.output.contains("BAKE ORPHANED"), "\(status)")
        #expect(shop.type("deploy", "3.0").status == 32)
        #expect(shop.type("resume").status == 0)
        #expect(shop.type("status").status == 0)
    }

    @Test func `a bake that is owed and that the pipeline has no more is named, not lost`() {
        let shop = settled(Self.plan, Self.went, router: "green:blue:0:194")
        #expect(shop.type("adopt").status == 0)
        shop.write("bluegreen.yaml", Shop.pipeline.replacing(/bake:\n(?: .*\n)+/, with: ""))
        let screen = shop.type("resume")
        #expect(screen.status == 32, "\(screen)")
        #expect(screen.error.contains("Put 'bake' back"), "\(screen)")
    }

    @Test(arguments: [[], ["-q"], ["-o", "json"]])
    func `a plan did not say that its deploy would be refused for an unfinished bake`(
        options: [String]
    ) {
        let shop = settled(Self.plan, Self.went, router: "green:blue:0:194")
        let refused = shop.type("deploy", "3.0")
        let plan = shop.type(["plan", "3.0"] + options)
        #expect(plan.status == refused.status, "\(plan)")
        guard options.isEmpty else { return }
        #expect(plan.output.contains("3. ask blue: healthy"), "\(plan)")
        #expect(plan.output.contains("It would be refused now: The bake of run "), "\(plan)")
        #expect(plan.output.contains("--consume-rollback --reason TEXT"), "\(plan)")
    }

    @Test func `a plan called a release live whose run its deploy would not leave open`() {
        let shop = Shop.running()
        let passed = BakeVerdict(.passed, why: "all well", samples: 9)
        _ = shop.begin(Trouble.plan(), Trouble.baking + [.bakeJudged(passed)], isAlive: false)
        shop.production.setValue("green:blue:0:194")
        let plan = shop.type("plan", "2.9", "--detailed-exitcode")
        #expect(plan.status == 2, "\(plan)")
        #expect(!plan.output.contains("is live already"), "\(plan)")
        #expect(shop.type("deploy", "2.9").output.contains("blue 2.9 is live"))
    }

    @Test func `a run that died behind its switch was said to move traffic still`() {
        let shop = settled(Self.plan, Self.went, router: "green:blue:0:194")
        let status = shop.type("status").output
        #expect(status.contains("died while finishing its switch"), "\(status)")
        let refused = shop.type("abort").error
        #expect(refused.contains("is finishing its switch: traffic has moved."), "\(refused)")
    }

    @Test func `a failed bake goes back to an old colour that answers`() {
        let shop = judged()
        let screen = shop.type("resume")
        #expect(screen.status == 11)
        #expect(screen.error.contains("traffic goes back: blue answers (0 of "))
        #expect(screen.error.contains("questions failed), and green failed its bake"))
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }

    @Test func `a failed bake stays where it is when the old colour is no better`() {
        let shop = judged()
        shop.production.change {
            for color in Color.allCases { $0.environments[color]?.status = 503 }
        }
        let screen = shop.type("resume")
        #expect(screen.status == 22)
        #expect(screen.error.contains("errors 12% in 3 of 5 samples"))
        #expect(shop.production.value == "green:blue:0:194")
        #expect(shop.type("resume").output.contains("Nothing to resume"))
    }

    private static let compared = Shop.pipeline.replacing("< 300ms", with: "<= 3x baseline")

    @Test(arguments: [["resume"], ["watch", "--once"]])
    func `a bake that is taken up again compares with what the run before it measured`(
        command: [String]
    ) {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Self.compared)
        let cut = shop.type("deploy", "2.9", after: .seconds(12)) { $0.ask(.signal(15)) }
        #expect(cut.output.contains("Production is on green"), "\(cut.error)")
        let screen = shop.type(command)
        #expect(screen.status == 0, "\(screen.error)")
        #expect(shop.type("status").status == 0)
    }

    @Test func `a switch that is taken up again bakes against what was measured before it`() {
        let shop = switched(baseline: ["p95": 0.002])
        let screen = shop.type("resume")
        #expect(screen.status == 0, "\(screen.error)")
    }

    @Test func `without a baseline the advice is one that ends the bake`() {
        let shop = switched(baseline: nil)
        let advice = "Give 'p95' a bound without 'baseline'"
        let screen = shop.type("resume")
        #expect(screen.status == 22)
        #expect(screen.error.contains(advice), "\(screen.error)")
        let status = shop.type("status")
        #expect((status.output + status.error).contains(advice), "\(status.output)")
        shop.write("bluegreen.yaml", Shop.pipeline)
        #expect(shop.type("resume").status == 0)
    }

    /// Green is live, and the process died before it wrote that down.
    private func switched(baseline: [String: Double]?) -> Shop {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Self.compared)
        var intent = Trouble.intent(.green, Token(epoch: 3, round: 2))
        intent.baseline = baseline
        _ = shop.begin(
            Trouble.plan(), Trouble.ready + [.switchIntended(intent)], isAlive: false)
        shop.production.setValue("green:blue:0:194")
        return shop
    }

    @Test(arguments: ["status", "resume", "rollback", "deploy 3.0"])
    func `a dead deploy went on over what users had been sent to by hand`(words: String) {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: false)
        shop.production.setValue("green:blue:0:193")
        let before = shop.production.started.count
        let screen = shop.type(words.split(separator: " ").map(String.init))
        #expect(screen.status == (words == "rollback" ? 21 : 33), "\(screen)")
        let all = (screen.output + screen.error).replacing("\n    ", with: " ")
        #expect(all.contains("bluegreen adopt"), "\(all)")
        #expect(all.contains("'bluegreen rollback --to blue'"), "\(all)")
        #expect(!all.contains("bluegreen resume"), "\(all)")
        #expect(shop.production.started.count == before)
        #expect(shop.production.value == "green:blue:0:193")
        #expect(shop.type("rollback", "--to", "blue").status == 0)
    }

    @Test func `a dead retirement stopped the release that the record has as live`() {
        let shop = Shop.running()
        let plan = RunPlan(
            verb: .retire, entry: .retiring, from: .blue, to: .blue, retireSteps: ["stop"])
        _ = shop.begin(
            plan, [.retireIntended(Trouble.intent(.blue, Token(epoch: 3, round: 1)))],
            isAlive: false)
        shop.production.setValue("green:blue:0:193")
        let before = shop.production.started.count
        #expect(shop.type("resume").status == 33)
        #expect(shop.production.started.count == before)
        #expect(shop.type("adopt").status == 0)
        #expect(shop.type("status").status == 0)
    }

    /// Every step of the pipeline must not simply be repeated, and a run died in one.
    private func diedInStep(_ plan: RunPlan, _ events: [RunEvent], claim: String) -> Shop {
        let shop = Shop.running()
        shop.write(
            "bluegreen.yaml",
            Shop.pipeline
                .replacing(#""${version}"]"#, with: #""${version}"]\#n    idempotent: false"#)
                .replacing(
                    #"["./stop", "${color}"]"#,
                    with: #"["./stop", "${color}"]\#n      idempotent: false"#))
        _ = shop.begin(plan, events, isAlive: false)
        shop.production.setValue(claim)
        return shop
    }

    private func diedInDeploy(_ more: [RunEvent] = [.stepBegan(StepMark(.deploy, 0, "start"))])
        -> Shop
    {
        diedInStep(Trouble.plan(), Trouble.claimed + more, claim: "blue:-:0:193")
    }

    private func diedInRetire() -> Shop {
        let plan = RunPlan(
            verb: .retire, entry: .retiring, from: .blue, to: .blue, retireSteps: ["stop"])
        return diedInStep(
            plan,
            [
                .retireIntended(Trouble.intent(.blue, Token(epoch: 3, round: 1))), .claimed,
                .stepBegan(StepMark(.retire, 0, "stop")),
            ], claim: "blue:-:0:193")
    }

    @Test func `a resume that passed a bake, or retired, said only that nothing was touched`() {
        let end = "not moved by this run"
        let baked = Shop.running()
        _ = baked.begin(Trouble.plan(), Trouble.baking, isAlive: false)
        baked.production.setValue("green:blue:0:194")
        let bake = baked.type("resume")
        #expect(bake.status == 0, "\(bake)")
        let passed = "green 2.9 is live and has passed its bake. Production is on green, \(end)."
        #expect(bake.output.replacing("\n    ", with: " ").contains(passed), "\(bake)")
        let journal = baked.type("show").output.replacing("\n    ", with: " ")
        #expect(journal.contains("production is on green, \(end)"), "\(journal)")
        let shop = diedInRetire()
        let retire = shop.type("resume", "-y")
        #expect(retire.status == 0, "\(retire)")
        let retired = "green is retired. Production is on blue, \(end)."
        #expect(retire.output.contains(retired), "\(retire)")
    }

    @Test(arguments: [false, true])
    func `a step that is not idempotent was run a second time unasked`(isRetirement: Bool) {
        let shop = isRetirement ? diedInRetire() : diedInDeploy()
        let step = isRetirement ? "stop" : "start"
        let before = shop.production.started.count
        for words in [["resume"], ["resume", "--dry-run"]] {
            let screen = shop.type(words)
            #expect(screen.status == 32, "\(screen)")
            let all = screen.output + screen.error
            #expect(all.contains("had begun the step '\(step)' before it died"), "\(all)")
            #expect(all.contains("bluegreen resume -y"), "\(all)")
            #expect(all.contains("bluegreen abort") != isRetirement, "\(all)")
        }
        #expect(shop.production.started.count == before)
        #expect(shop.type("resume", "-y").status == 0)
        #expect(shop.production.started.dropFirst(before).contains { $0.first == "./\(step)" })
    }

    @Test(arguments: [("n", Int32(32)), ("y", 0)])
    func `on a terminal it is asked whether it may be run again`(word: String, status: Int32) {
        let shop = diedInDeploy()
        let before = shop.production.started.count
        shop.answer(word)
        let screen = shop.type("resume")
        #expect(screen.status == status, "\(screen)")
        #expect(screen.error.contains("Run the step 'start' again?"), "\(screen.error)")
        #expect((shop.production.started.count > before) == (status == 0))
    }

    @Test func `a resume that died before the step does not forget who had begun it`() throws {
        let shop = diedInDeploy()
        let dead = try #require(try shop.store.load().record.run?.beginning.run)
        let plan = RunPlan(
            verb: .resume, entry: .deploying, from: .blue, to: .green, release: Trouble.release,
            deploySteps: ["start"], checks: ["healthy"], hasBake: true)
        _ = shop.begin(plan, isAlive: false, supersedes: dead)
        let before = shop.production.started.count
        let screen = shop.type("resume")
        #expect(screen.status == 32, "\(screen)")
        #expect(screen.error.contains("\(dead) had begun the step 'start'"), "\(screen.error)")
        #expect(shop.production.started.count == before)
    }

    @Test func `a step that had not begun is run without a question`() {
        let shop = diedInDeploy([])
        let screen = shop.type("resume")
        #expect(screen.status == 0, "\(screen)")
        #expect(shop.production.started.contains { $0.first == "./start" })
    }

    @Test func `where no run has made a colour live, a dead one is adopted, not resumed`() {
        let shop = Shop()
        _ = shop.begin(Trouble.plan(), isAlive: false)
        shop.production.setValue("green:blue:0:0")
        #expect(shop.type("status").output.contains("next: bluegreen adopt\n"))
        let screen = shop.type("resume")
        #expect(screen.status == 33)
        #expect(screen.error.contains("began while blue was live; green is now"), "\(screen)")
        #expect(shop.type("adopt").status == 0)
        #expect(shop.type("status").status == 0)
    }

    @Test(arguments: [true, false])
    func `a pipeline that was edited since the run died is said`(isEdited: Bool) {
        let shop = Shop.running()
        let digest = Fingerprint.sha256(Array(Shop.pipeline.utf8))
        _ = shop.begin(Self.plan, isAlive: false, pipelineDigest: digest)
        if isEdited { shop.write("bluegreen.yaml", Shop.pipeline + "# mended\n") }
        let screen = shop.type("resume")
        #expect(screen.status == 0)
        #expect(screen.error.contains("was edited since run r-000003") == isEdited)
    }

    @Test func `a failed bake goes nowhere by itself where the pipeline says so`() {
        let shop = judged()
        shop.write("bluegreen.yaml", Shop.pipeline + "rollback:\n  auto: false\n")
        #expect(shop.type("resume").status == 22)
        #expect(shop.production.value == "green:blue:0:194")
    }
}
