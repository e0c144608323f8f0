import Contracts
import PipelineModel
import RunEngine
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// The command that a screen names next is one that helps.
@Suite struct NextCommandTests {
    @Test func `a second rollback finds that it is there already`() {
        let shop = Shop.running()
        #expect(shop.type("rollback").status == 0)
        let value = shop.production.value
        let screen = shop.type("rollback")
        #expect(screen.status == 0)
        #expect(screen.output.contains("green 2.7 is live already: the last run went back there"))
        #expect(shop.production.value == value)
    }

    @Test func `a rollback after an automatic one finds that it is there already`() {
        let shop = Shop.running()
        #expect(shop.deployBad("2.9").status == 11)
        #expect(shop.type("rollback").output.contains("blue 2.8 is live already"))
    }

    @Test func `beside what is no colour status named a rollback to each of the two`() {
        let shop = Shop.running()
        shop.production.setValue("canary")
        let status = shop.type("status").output
        #expect(status.contains("READY → green"), "\(status)")
        #expect(status.contains("not to blue, which the record has as live"), "\(status)")
        #expect(status.contains("next: bluegreen rollback --to blue"), "\(status)")
    }

    @Test func `beside a run that moves traffic abort was advised, which refuses then`() {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.switching, isAlive: true)
        let screen = shop.type("deploy", "3.0")
        #expect(screen.status == 30, "\(screen)")
        #expect(
            screen.error.contains(
                "next: Wait for it (--lock-timeout 10m), or go back (bluegreen rollback"),
            "\(screen.error)")
        #expect(shop.type("abort").status == 32)
    }

    @Test func `after a run that died rollback named only what ships its release`() {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: false)
        for words in [["rollback"], ["doctor", "--rollback-from-here"]] {
            let screen = shop.type(words)
            #expect(screen.status == 21, "\(screen)")
            let said = screen.output + screen.error
            #expect(said.contains("bluegreen abort, or 'bluegreen resume' to go on"), "\(said)")
            #expect(said.contains("--break-glass --reason TEXT"), "\(said)")
        }
    }

    @Test func `without a record doctor named a deploy that is refused`() {
        let shop = Shop.running()
        for path in shop.files.paths where path.hasPrefix(".bluegreen") { shop.files[path] = nil }
        let screen = shop.type("doctor", "--rollback-from-here")
        #expect(screen.status == 21, "\(screen)")
        #expect(screen.output.contains("bluegreen rollback --to green"), "\(screen.output)")
    }

    @Test func `a second rollback is refused where traffic is elsewhere by now`() {
        let shop = Shop.running()
        shop.type("rollback")
        shop.production.setValue("blue:-:0:300")
        #expect(shop.type("rollback").status == 21)
    }

    @Test func `a way back that turned out dead is answered with the other way`() {
        let shop = Shop.running()
        shop.production.change { $0.environments[.green]?.isUp = false }
        let dead = shop.type("rollback", "--break-glass", "--reason", "x")
        #expect(dead.status == 20)
        #expect(dead.output.contains("Production is on green by the router's word"))
        #expect(dead.error.contains("probes 0 were answered by green"), "\(dead.error)")
        #expect(dead.error.contains("next: 'bluegreen rollback --to blue'"), "\(dead.error)")
        let screen = shop.type("rollback")
        #expect(screen.error.contains("'bluegreen rollback --to blue'"), "\(screen.error)")
        #expect(shop.type("rollback", "--to", "blue").status == 0)
    }

    @Test(arguments: [
        ("status", "next: bluegreen rollback --to blue"),
        ("deploy 3.0", "or go back: 'bluegreen rollback --to blue'"),
        ("switch", "or go back: 'bluegreen rollback --to blue'"),
        ("doctor", "next: start it, or 'bluegreen rollback --to blue'"),
        ("rollback", "'bluegreen rollback --to blue'"),
    ])
    func `beside a rollback to what does not serve every screen names the way to the other colour`(
        words: String, hint: String
    ) {
        let shop = Shop.running()
        shop.production.change { $0.environments[.green]?.isUp = false }
        shop.type("rollback", "--break-glass", "--reason", "x")
        let screen = shop.type(words.split(separator: " ").map(String.init))
        let all = screen.output + screen.error
        #expect(all.contains(hint), "\(all)")
        #expect(!all.contains("next: bluegreen resume"), "\(all)")
        #expect(!all.contains("'bluegreen rollback'"), "\(all)")
    }

    @Test func `the way to what was rolled back from is named with what it takes`() {
        let shop = Shop.running()
        shop.type("rollback")
        shop.production.change { $0.environments[.green]?.isUp = false }
        let command = "bluegreen rollback --to blue --break-glass --reason TEXT"
        let screen = shop.type("doctor")
        #expect(screen.output.contains("start it, or '\(command)'"), "\(screen.output)")
        #expect(shop.type(command.split(separator: " ").dropFirst().map(String.init)).status == 0)
    }

    @Test func `a switch that nobody finished is undone by the plain rollback`() throws {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.switching, isAlive: false)
        let screen = shop.type("deploy", "3.0")
        #expect(screen.error.contains("or go back: 'bluegreen rollback'."), "\(screen.error)")
        #expect(shop.type("rollback").status == 0)
    }

    @Test(arguments: ["switch", "retire"])
    func `what is refused beside a bake that nobody watches names what ends the bake`(
        verb: String
    ) {
        let shop = Shop.running()
        shop.type("deploy", "2.9", after: .seconds(9)) { $0.ask(.signal(2)) }
        let screen = shop.type(verb)
        #expect(screen.status == 32)
        #expect(
            screen.error.contains("'bluegreen resume', or go back: 'bluegreen rollback'."),
            "\(screen.error)")
        #expect(!screen.error.contains("bluegreen deploy"), "\(screen.error)")
        #expect(shop.type("rollback").status == 0)
    }

    @Test func `a rollback by an older record does not go to what another machine tries out`() {
        let shop = Shop.running()
        shop.production.setValue("blue:green:5:9000")
        #expect(shop.type("rollback").status == 21)
        #expect(shop.production.value == "blue:green:5:9000")
        #expect(shop.type("status").output.contains("ROLLBACK NOT READY"))
    }

    @Test(arguments: ["status", "deploy 1.0", "doctor"])
    func `a slot that is not there yet is answered with the command that makes it`(words: String) {
        let shop = Shop(pipeline: Shop.slotPipeline())
        let screen = shop.type(words.split(separator: " ").map(String.init))
        let all = screen.output + screen.error
        #expect(
            all.contains(
                "install -d -m 755 /var/lib/bluegreen/shop && touch /var/lib/bluegreen/shop/blue"),
            "\(all)")
    }

    @Test(
        arguments: [
            (nil, "nginx's access log cannot be read. (cannot read /var/log/nginx/shop.log"),
            ("127.0.0.1 - - [21/Nov/2026] \"GET / HTTP/1.1\"\n", "has lines in another format"),
            ("{\"color\":\"blue\",\"status\":\"200\",\"time\":0.004}\n", nil),
        ] as [(String?, String?)])
    func `an access log that cannot be counted is told by doctor`(log: String?, warning: String?) {
        let shop = Shop(
            pipeline: Shop.slotPipeline().replacing(
                "/var/lib/bluegreen/shop",
                with: "/var/lib/bluegreen/shop\n    accessLog: /var/log/nginx/shop.log"))
        shop.write("/var/lib/bluegreen/shop/blue", "")
        if let log { shop.write("/var/log/nginx/shop.log", log) }
        let screen = shop.type("doctor")
        let words = screen.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("nginx counts") == (warning != nil), "\(screen.output)")
        if let warning { #expect(words.contains(warning), "\(screen.output)") }
    }

    @Test func `the first steps make the slot folder`() {
        let shop = Shop(pipeline: nil)
        let screen = shop.type("init", "--router", "nginx")
        #expect(screen.output.contains("install -d -m 755 /var/lib/bluegreen/shop\n"))
    }

    @Test(arguments: ["status", "doctor"])
    func `a mistyped identity is named before a deploy finds it`(verb: String) {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Shop.pipeline.replacing("X-Color", with: "X-Colour"))
        let screen = shop.type(verb)
        #expect(screen.output.contains("no header X-Colour"), "\(screen.output)")
        #expect(screen.output.contains("next: Correct public.identity in the pipeline."))
    }

    @Test func `a bake that the pipeline does not have any more is not resumed in circles`() {
        let shop = Shop.running()
        shop.type("deploy", "2.9", after: .seconds(9)) { $0.ask(.signal(2)) }
        shop.write(
            "bluegreen.yaml",
            Shop.pipeline.replacing(#/bake:[\s\S]*retire:/#, with: "retire:"))
        let screen = shop.type("resume")
        #expect(screen.status == 32)
        #expect(screen.error.contains("the pipeline has none now"), "\(screen.error)")
        let onward = shop.type("deploy", "3.0", "--consume-rollback", "--reason", "no bake")
        #expect(onward.status == 0)
    }

    @Test func `a deploy that was stopped is begun again as its last line says`() {
        let shop = Shop.running()
        let stopped = shop.type(
            "deploy", "2.9", "--until", "ready", after: .milliseconds(500)
        ) { $0.ask(.signal(2)) }
        #expect(
            stopped.error.contains("'bluegreen deploy 2.9 --until ready' begins again"),
            "\(stopped.error)")
        #expect(shop.type("deploy", "2.9", "--until", "ready").status == 0)
    }

    @Test func `beside a bake that nobody watches each deploy is named so that it is not refused`()
    {
        let shop = Shop.running()
        shop.type("deploy", "2.9", after: .seconds(9)) { $0.ask(.signal(2)) }
        let words = "bluegreen deploy VERSION --consume-rollback --reason TEXT"
        #expect(shop.type("deploy", "3.0").error.contains("'\(words)' goes on without"))
        let again = ["deploy", "3.0", "--consume-rollback", "--reason", "TEXT"]
        let stopped = shop.type(again, after: .milliseconds(500)) { $0.ask(.signal(2)) }
        #expect(
            stopped.error.contains("'bluegreen \(again.joined(separator: " "))' begins again"),
            "\(stopped.error)")
        #expect(shop.type(again).status == 0)
    }

    @Test(arguments: [
        ("bluegreen retire --now --reason TEXT", Verb.retire, ["--now"]),
        (
            "bluegreen deploy 2.9 --skip-check 'slow suite' --reason TEXT", .deploy,
            ["--skip-check slow suite", "switch.drain.timeout: 2 under way on green"]
        ),
        ("bluegreen rollback --to green", .rollback, []),
        ("bluegreen switch", .switch, ["--adopt"]),
    ])
    func `a run is typed again with the rules that it set aside`(
        command: String, verb: Verb, overrides: [String]
    ) {
        var beginning = Scene.beginning(
            RunPlan(verb: verb, entry: .deploying, from: .blue, to: .green, release: Scene.release))
        beginning.overrides = overrides
        #expect(beginning.command == command)
    }

    @Test(arguments: [
        ("", "'' is too short to name a run"),
        ("r-0", "'r-0' is too short to name a run: at least 8 characters, as in r-000003"),
        ("r-000007", "Run r-000007 is not under way; r-000003"),
    ])
    func `an abort of a run that is not under way names the one that is`(
        id: String, says: String
    ) throws {
        let shop = Shop.running()
        let run = try #require(shop.begin(Trouble.plan(), Trouble.claimed, isAlive: true))
        let screen = shop.type("abort", id)
        #expect(screen.status == 32)
        #expect(screen.error.contains(says), "\(screen.error)")
        #expect(screen.error.contains("next: 'bluegreen abort \(run)' stops"))
        #expect(shop.type("abort", run.text).status == 0)
    }

    @Test(arguments: ["oops: [", nil])
    func `an abort needs no pipeline that can be read`(text: String?) {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: true)
        shop.production.setValue("blue:-:0:193")
        if let text {
            shop.write("bluegreen.yaml", text)
        } else {
            shop.files["bluegreen.yaml"] = nil
        }
        let screen = shop.type("abort", "--reason", "wrong version")
        #expect(screen.status == 0, "\(screen.error)")
        #expect(screen.error.contains("warning: "))
        #expect(shop.production.ended == [900])
        #expect(shop.production.value?.hasPrefix("blue:-:0:") == true)
        // With nothing to stop the file is what is wrong.
        #expect(shop.type("abort").status == 78)
    }

    @Test func `a stop in the middle of the move is heard, and said`() {
        let shop = Shop.running()
        shop.production.change {
            $0.onSwitch[.green] = { $0.environments[.green]?.identity = "purple" }
        }
        let screen = shop.type("deploy", "2.9", after: .seconds(4)) { $0.ask(.signal(2)) }
        #expect(
            screen.error.contains(
                "told to stop: Ctrl-C; the move is finished or taken back first; a second time"),
            "\(screen.error)")
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }

    @Test func `an abort with nothing to stop tells of a bake that nobody watches`() {
        let shop = Shop.running()
        shop.type("deploy", "2.9", after: .seconds(9)) { $0.ask(.signal(2)) }
        let screen = shop.type("abort")
        #expect(screen.status == 22, "as beside every other verb that finds nothing to do")
        #expect(screen.error.contains("Next: bluegreen resume"), "\(screen.error)")
        #expect(shop.type("resume").status == 0)
    }

    @Test(arguments: [false, true])
    func `an abort of a retirement named a resume that refuses`(hasMoved: Bool) {
        let shop = Shop.running()
        _ = shop.begin(
            RunPlan(verb: .retire, entry: .retiring, from: .blue, to: .blue),
            [.retireIntended(Trouble.intent(.blue, Token(epoch: 3, round: 1)))], isAlive: false)
        if hasMoved { shop.production.setValue("green:blue:0:193") }
        let screen = shop.type("abort")
        #expect(screen.status == 32)
        #expect(!screen.error.contains("traffic"), "\(screen.error)")
        #expect(screen.error.contains("'bluegreen resume' finishes it") == !hasMoved)
        #expect(screen.error.contains("'bluegreen adopt'") == hasMoved, "\(screen.error)")
        #expect(shop.type(hasMoved ? "adopt" : "resume").status == 0)
    }

    @Test func `an abort of a living retirement names what does not refuse`() {
        let shop = Shop.running()
        _ = shop.begin(
            RunPlan(verb: .retire, entry: .retiring, from: .blue, to: .blue),
            [.retireIntended(Trouble.intent(.blue, Token(epoch: 3, round: 1)))], isAlive: true)
        let screen = shop.type("abort")
        #expect(screen.status == 32)
        #expect(screen.error.contains("next: Wait for its end: 'bluegreen wait --for free'."))
        let wait = shop.type("wait", "--for", "free", after: .seconds(2)) { _ in
            shop.files.restart()
        }
        #expect(wait.status == 0, "\(wait)")
    }

    @Test func `a bake without data is watched again, as its own last line says`() {
        let shop = Shop.running()
        shop.write(
            "bluegreen.yaml",
            Shop.pipeline.replacing("for: 12s", with: "for: 12s\n  minSamples: 1000000"))
        #expect(shop.type("deploy", "2.9").status == 22)
        #expect(shop.type("status").output.contains("next: bluegreen resume"))
        shop.write("bluegreen.yaml", Shop.pipeline)
        #expect(shop.type("resume").status == 0)
    }

    @Test(arguments: [
        (["unfreeze", "2.0"], "bluegreen unfreeze --release 2.0"),
        (
            ["freeze", "2.0", "--reason", "loses carts"],
            "bluegreen freeze --release 2.0 --reason \"loses carts\""
        ),
    ])
    func `a version that stands alone is answered with its option`(words: [String], hint: String) {
        let screen = Shop.running().type(words)
        #expect(screen.status == 64)
        #expect(screen.error.contains(hint), "\(screen.error)")
    }

    @Test func `a short way of asking is understood`() {
        let shop = Shop.running()
        #expect(shop.type("version").output == shop.type("--version").output)
        #expect(shop.type("history", "-n", "1").output.contains("r-000002"))
        #expect(!shop.type("history", "-n", "1").output.contains("r-000001"))
    }
}

/// A release that stays live although its bake was not passed is not well because somebody asks again.
@Suite struct UnhealthyAnswerTests {
    @Test(arguments: [["deploy", "2.9"], ["switch", "green"], ["resume"]])
    func `what is live and unhealthy pages again, with the verdict`(words: [String]) {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Shop.pipeline + "rollback:\n  auto: false\n")
        #expect(shop.deployBad("2.9").status == 22)
        let screen = shop.type(words)
        #expect(screen.status == 22, "\(screen)")
        #expect(screen.error.contains("The bake failed: errors"), "\(screen.error)")
        let json = shop.type(words + ["-o", "json"])
        #expect(json.output.contains("\"warnings\":[\"The bake failed"), "\(json.output)")
        #expect(json.output.contains("\"exit\":22"), "\(json.output)")
    }

    @Test(arguments: [["switch", "green"], ["rollback", "--to", "green"]])
    func `what is live and watched by nobody pages again`(words: [String]) {
        let shop = Shop.running()
        shop.type("deploy", "2.9", after: .seconds(9)) { $0.ask(.signal(2)) }
        let screen = shop.type(words)
        #expect(screen.status == 22, "\(screen)")
        #expect(screen.error.contains("BAKE ORPHANED"), "\(screen.error)")
        let json = shop.type(words + ["-o", "json"])
        #expect(json.output.contains("\"exit\":22"), "\(json.output)")
        #expect(shop.type("resume").status == 0)
        #expect(shop.type(words).status == 0)
    }
}
