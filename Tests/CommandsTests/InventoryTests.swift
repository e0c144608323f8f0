import Contracts
import PipelineModel
import RunEngine
import ShopRig
import TestWorld
import Testing

@testable import Commands
@testable import Console

/// Programs and values that are not there are found before idle is claimed.
@Suite struct InventoryTests {
    private static func pipeline(_ deploy: String, check: String? = nil) -> String {
        let pipeline = Shop.pipeline.replacing(
            """
              - name: start
                run: ["./start", "${color}", "${version}"]
            """, with: deploy)
        guard let check else { return pipeline }
        return pipeline.replacing(
            "checks:\n", with: "checks:\n  - name: smoke\n    run: \(check)\n")
    }

    private static func running(_ deploy: String, check: String? = nil) -> Shop {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", pipeline(deploy, check: check))
        return shop
    }

    @Test func `a step whose program is missing is refused before idle is claimed`() {
        let shop = Shop.running()
        let (value, record) = (shop.production.value, shop.recorded)
        let screen = shop.type(["deploy", "2.9"], missing: ["./start"])
        #expect(screen.status == 40)
        #expect(
            screen.error.contains("The step 'start' cannot run: there is no program './start'."))
        #expect(screen.error.contains("may be executed at this path"), "\(screen.error)")
        #expect(!screen.error.contains("ends with this deploy"))
        #expect(shop.production.value == value)
        #expect(shop.recorded == record)
    }

    @Test(arguments: [["plan", "2.9"], ["deploy", "2.9", "--dry-run"]])
    func `a plan says so and ends as the deploy would`(words: [String]) {
        let screen = Shop.running().type(words, missing: ["./start"])
        #expect(screen.status == 40)
        #expect(screen.output.contains("It would be refused now: The step 'start' cannot run"))
    }

    @Test func `what an earlier step may make is only told in the plan`() {
        let deploy = """
              - name: build
                run: ["make", "${version}"]
              - name: start
                run: ["./out/start", "${version}"]
            """
        let plan = Self.running(deploy).type(["plan", "2.9"], missing: ["./out/start"])
        #expect(plan.status == 0)
        #expect(
            plan.output.contains(
                "on green: start; there is no './out/start' yet: a step before it has to make it"),
            "\(plan.output)")
        let screen = Self.running(deploy).type(["deploy", "2.9"], missing: ["./out/start"])
        #expect(screen.status == 0)
    }

    @Test func `a name that is in no folder of PATH is refused in a later step too`() {
        let deploy = """
              - name: build
                run: ["make", "${version}"]
              - name: start
                run: ["dokcer", "compose", "up"]
            """
        let screen = Self.running(deploy).type(["deploy", "2.9"], missing: ["dokcer"])
        #expect(screen.status == 40)
        #expect(screen.error.contains("set PATH in the 'env' of this one"), "\(screen.error)")
    }

    @Test func `a step that sets its own PATH may find what an earlier one makes`() {
        let deploy = """
              - name: build
                run: ["make", "${version}"]
              - name: start
                run: ["serve"]
                env: {PATH: /srv/shop/bin}
            """
        let screen = Self.running(deploy).type(["deploy", "2.9"], missing: ["serve"])
        #expect(screen.status == 0)
    }

    @Test func `the program of a check is looked for, unless the check is left out`() {
        let start = """
              - name: start
                run: ["./start", "${color}"]
            """
        let shop = Self.running(start, check: #"["nmp", "run", "smoke"]"#)
        let screen = shop.type(["deploy", "2.9"], missing: ["nmp"])
        #expect(screen.status == 40)
        #expect(screen.error.contains("The check 'smoke' cannot run"), "\(screen.error)")
        let without = ["deploy", "2.9", "--skip-check", "smoke", "--reason", "no npm here"]
        #expect(shop.type(without, missing: ["nmp"]).status == 0)
    }

    /// Where the bake counts orders with a program.
    private static func counting() -> Shop {
        let shop = Shop.running()
        shop.write(
            "bluegreen.yaml",
            Shop.pipeline.replacing(
                "  metrics:\n",
                with: "  metrics:\n    - {name: orders, run: [count-orders], pass: \"> 0\"}\n"))
        return shop
    }

    @Test(arguments: [["deploy", "2.9"], ["switch"], ["switch", "--dry-run"], ["plan", "2.9"]])
    func `the program of a metric is looked for before anything begins`(words: [String]) {
        let shop = Self.counting()
        if words[0] == "switch" {
            #expect(shop.type("deploy", "2.9", "--until", "ready").status == 0)
        }
        let (value, record) = (shop.production.value, shop.recorded)
        let screen = shop.type(words, missing: ["count-orders"])
        #expect(screen.status == 40, "\(screen)")
        let all = screen.output + screen.error
        #expect(all.contains("The metric 'orders' cannot run"), "\(all)")
        #expect(shop.production.value == value)
        #expect(shop.recorded == record)
    }

    @Test func `where no bake follows the program of a metric is not needed`() {
        let words = ["deploy", "2.9", "--until", "switched"]
        let screen = Self.counting().type(words, missing: ["count-orders"])
        #expect(screen.status == 0, "\(screen)")
    }

    @Test(arguments: [[], ["--dry-run"]])
    func `the program of a retire step is looked for before the way back ends`(words: [String]) {
        let shop = Shop.running()
        shop.write(
            "bluegreen.yaml",
            Shop.pipeline.replacing(#"["./stop", "${color}"]"#, with: #"["./stop-${color}"]"#))
        let record = shop.recorded
        let retire = ["retire", "--now", "--reason", "old", "--yes"]
        let screen = shop.type(retire + words, missing: ["./stop-green"])
        #expect(screen.status == 40, "\(screen)")
        let all = screen.output + screen.error
        #expect(all.contains("there is no program './stop-green'"), "\(all)")
        #expect(shop.recorded == record)
    }

    @Test func `what a shell starts is not looked for`() {
        let deploy = """
              - name: start
                run: ./strat "$BLUEGREEN_COLOR"
            """
        let screen = Self.running(deploy).type(["plan", "2.9"], missing: ["./strat", "/bin/sh"])
        #expect(screen.status == 0)
    }

    @Test(arguments: [["deploy", "2.9"], ["plan", "2.9"]])
    func `a value that is not there is told before the way back is given up`(words: [String]) {
        let deploy = """
              - name: start
                run: ["./start", "${color}", "${env.NOPE}", "${env.NOPE}"]
                env: {REGION: "${var.region}"}
            """
        let shop = Self.running(deploy)
        let (value, record) = (shop.production.value, shop.recorded)
        let screen = shop.type(words, missing: [])
        #expect(screen.status == 10, "\(screen)")
        let all = screen.output + screen.error
        #expect(all.contains("The step 'start' cannot run: 'env.NOPE' at"), "\(all)")
        #expect(shop.production.value == value)
        #expect(shop.recorded == record)
        #expect(shop.type("rollback", "--dry-run").status == 0)
    }

    @Test func `a dollar in a line for the shell is the shell's own`() {
        let deploy = """
              - name: start
                run: ./start "\\${env.NOPE}" "$HOME"
            """
        #expect(Self.running(deploy).type(["plan", "2.9"], missing: []).status == 0)
    }

    @Test func `all that is missing is named at once`() {
        let deploy = """
              - name: build
                run: ["mkae"]
              - name: start
                run: ["dokcer"]
            """
        let screen = Self.running(deploy).type(["deploy", "2.9"], missing: ["mkae", "dokcer"])
        #expect(screen.error.contains("'mkae'") && screen.error.contains("'dokcer'"))
    }

    @Test func `a program that is missing once idle is claimed is not 40`() {
        let failure = Failure(.commandNotFound, "x")
        var outcome = Outcome(.failedBeforeSwitch, production: .untouched(.blue), failure: failure)
        #expect(ExitStatus(outcome, isRollback: false) == .unreachable)
        outcome.hasClaimedIdle = true
        #expect(ExitStatus(outcome, isRollback: false) == .failedBeforeSwitch)
    }
}

extension Shop {
    /// Types `bluegreen words` where these programs are not there.
    fileprivate func type(_ words: [String], missing: Set<String>) -> Screen {
        var world = world
        world.processes.find = { request throws(Failure) in
            guard missing.contains(request.arguments[0]) else { return }
            throw Failure(.commandNotFound, "there is no program")
        }
        let recording = TerminalRecording(
            isTerminal: false, environment: ["TERM": "dumb"], answers: [])
        let app = App(
            world: world, version: "0.1.0", stop: StopRequest(), proxy: production.proxyHost,
            terminal: { _, _ in recording.terminal })
        let status = simulation.run { await app.run(words) }
        return Screen(status: status ?? -1, output: recording.output, error: recording.error)
    }
}
