import Contracts
import PipelineModel
import RunEngine
import ShopRig
import TestWorld
import Testing

@testable import Commands
@testable import StateStores

/// What on-call sees when something is wrong with a run or its record.
@Suite struct TroubleTranscripts {
    @Test func `a run under way holds the service`() throws {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: true)
        shop.production.setValue("blue:-:0:193")
        shop.type("status")
        shop.type("deploy", "3.0")
        shop.type("deploy", "3.0", "--lock-timeout", "3s")
        shop.type("resume")
        shop.type("resume", "--lock-timeout", "3s")
        shop.type("adopt")
        shop.type("abort", "--dry-run")
        shop.type("abort", "--reason", "wrong version")
        shop.type("status")
        shop.type("abort")
        try shop.expectTranscript("run-under-way")
        #expect(shop.production.ended == [900])
    }

    @Test(arguments: [(Int32(2), Int32(130)), (15, 143)])
    func `Ctrl-C while waiting for another run is an interruption, not a held lock`(
        signal: Int32, status: Int32
    ) {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: true)
        let screen = shop.type("deploy", "3.0", "--lock-timeout", "10m", after: .seconds(3)) {
            $0.ask(.signal(signal))
        }
        #expect(screen.status == status)
        #expect(screen.error.contains("stopped this before it began"))
    }

    @Test func `a bake under way says for how long, and rollback ends it`() throws {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.baking, isAlive: true)
        shop.production.setValue("green:blue:0:194")
        shop.wait(.seconds(60))
        shop.type("status")
        shop.type("deploy", "3.0")
        shop.type("abort")
        shop.type("rollback", "--reason", "checkout is failing")
        try shop.expectTranscript("bake-under-way")
        #expect(shop.production.ended == [900])
    }

    @Test func `rollback stops a run that has not switched yet`() throws {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.ready, isAlive: true)
        shop.production.setValue("blue:-:0:193")
        let screen = shop.type("rollback")
        #expect(screen.status == 0)
        #expect(shop.production.ended == [900])
        try shop.expectTranscript("rollback-before-switch")
    }

    @Test func `an orphaned bake is a page, and resume watches again`() throws {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.baking, isAlive: false)
        shop.production.setValue("green:blue:0:194")
        shop.wait(.seconds(900))
        shop.type("status")
        shop.type("switch", "green")
        shop.type("switch")
        shop.type("deploy", "3.0")
        shop.type("deploy", "3.0", "--consume-rollback")
        shop.type("resume", "--dry-run")
        shop.type("resume")
        shop.type("resume")
        try shop.expectTranscript("bake-orphaned")
    }

    @Test func `a run that died while deploying is taken up again`() throws {
        let shop = Shop.running()
        let child = ProcessIdentity(pid: 4242, startTime: 9, bootID: "boot-1")
        let start = StepMark(.deploy, 0, "start")
        _ = shop.begin(
            Trouble.plan(), Trouble.claimed + [.stepBegan(start), .stepSpawned(start, child)],
            isAlive: false)
        shop.production.setValue("blue:-:0:193")
        shop.production.change { $0.living.insert(4242) }
        shop.type("status")
        shop.type("rollback")
        shop.type("switch")
        shop.type("deploy", "3.0")
        shop.production.change { $0.living.remove(4242) }
        shop.type("resume")
        try shop.expectTranscript("run-orphaned")
    }

    @Test func `a switch that was announced and never finished is told and finished`() throws {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.switching, isAlive: false)
        shop.production.setValue("green:blue:0:194")
        shop.type("status")
        shop.type("deploy", "3.0")
        shop.type("adopt", "--dry-run")
        shop.type("resume")
        try shop.expectTranscript("intent-open")
    }

    @Test func `a switch that was announced and never finished can be taken back`() throws {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.switching, isAlive: false)
        shop.production.setValue("green:blue:0:194")
        shop.type("rollback")
        try shop.expectTranscript("intent-rolled-back")
    }

    @Test func `a rollback that died is finished, never taken back`() throws {
        let shop = Shop.running()
        let plan = RunPlan(
            verb: .rollback, entry: .rollingBack, from: .blue, to: .green, isLenient: true)
        var intent = Trouble.intent(.green, Token(epoch: 3, round: 1))
        intent.datum.isIdleClaimed = true
        _ = shop.begin(plan, [.rollbackIntended(intent)], isAlive: false)
        shop.type("status")
        shop.type("rollback")
        #expect(shop.production.value?.hasPrefix("green:") == true)
        try shop.expectTranscript("rollback-died")
    }

    @Test func `a claimed idle environment is no way back`() throws {
        let shop = Shop.running()
        shop.note("another machine deploys: only the router knows")
        shop.production.setValue("blue:-:0:640")
        shop.type("status")
        shop.type("deploy", "3.0")
        shop.type("rollback", "--to", "green")
        shop.type("rollback", "--to", "green", "--break-glass", "--reason", "blue is on fire")
        try shop.expectTranscript("idle-claimed")
    }

    @Test func `a damaged record is told, and rollback goes on`() throws {
        let shop = Shop.running()
        let path = try #require(
            shop.files.paths.first { $0.contains("0000000002-") && $0.hasSuffix(".jsonl") })
        var bytes = shop.files[path] ?? []
        bytes[bytes.count / 2] ^= 1
        shop.files[path] = bytes
        shop.files[".bluegreen/shop/state.json"] = nil
        shop.type("status")
        shop.type("deploy", "3.0")
        shop.type("resume")
        shop.type("rollback", "--to", "green")
        shop.type("adopt")
        shop.type("status")
        try shop.expectTranscript("record-corrupt")
    }

    @Test func `a record that a crash cut is still a record`() throws {
        let shop = Shop.running()
        let path = try #require(
            shop.files.paths.first { $0.contains("0000000002-") && $0.hasSuffix(".jsonl") })
        shop.files[path] = (shop.files[path] ?? []) + Array("{\"n\":99,\"t\":".utf8)
        shop.type("status")
        try shop.expectTranscript("record-torn")
    }

    @Test func `a record of a newer program is not written to`() throws {
        let shop = Shop.running()
        shop.files[".bluegreen/shop/state.json"] = nil
        let path = try #require(shop.files.paths.last { $0.hasSuffix(".jsonl") })
        let first = Array(shop.read(path).prefix { $0 != "\n" }.utf8)
        let open = String(decoding: try #require(SealedObject.open(first[...])), as: UTF8.self)
        let newer = open.replacing("{\"format\":1,", with: "{\"format\":2,")
        shop.files[path] = SealedObject.seal(Array(newer.utf8)) + Array("\n".utf8)
        shop.type("status")
        shop.type("deploy", "3.0")
        shop.type("rollback", "--to", "green")
        try shop.expectTranscript("record-too-new")
    }

    @Test func `a lost record is drift until somebody adopts`() throws {
        let shop = Shop.running()
        for path in shop.files.paths where path.hasPrefix(".bluegreen") { shop.files[path] = nil }
        shop.type("status")
        shop.type("deploy", "3.0")
        shop.type("rollback")
        shop.type("deploy", "3.0", "--adopt", "--until", "switched")
        try shop.expectTranscript("record-lost")
    }

    @Test func `a record that cannot be written stops a deploy and not a rollback`() throws {
        let shop = Shop.running()
        shop.files.prepare(.failure(.noSpace), at: 31)
        shop.type("rollback", "--to", "green")
        shop.files.restart()
        shop.type("status")
        try shop.expectTranscript("record-unwritable")
    }

    @Test(arguments: ["green:blue:0:12802", "blue:green:0:12802", "blue:-:0:12802"])
    func `a value that another service wrote is not taken for ours`(value: String) {
        for shop in [Shop(), Shop.running()] {
            shop.production.setValue(value)
            for words in [["deploy", "3.0"], ["switch"], ["retire", "--now", "--reason", "x"]] {
                let screen = shop.type(words)
                #expect(screen.status == 33, "\(words): \(screen.error)")
            }
            #expect(shop.production.value == value)
            #expect(shop.production.started.isEmpty)
        }
    }

    @Test func `a router that shows something else is refused with its words`() throws {
        let shop = Shop.running()
        for value in ["canary", nil] {
            shop.note(value.map { "the key holds '\($0)'" } ?? "the key is gone")
            shop.production.setValue(value)
            shop.type("status")
            shop.type("deploy", "3.0")
        }
        try shop.expectTranscript("router-foreign")
    }

    @Test func `status works with a pipeline that is broken elsewhere, or gone`() throws {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Shop.pipeline + "gat: 1\n")
        shop.type("status")
        shop.write("bluegreen.yaml", "a: [")
        shop.type("status", "--service", "shop")
        shop.files["bluegreen.yaml"] = nil
        shop.type("status")
        shop.type("rollback", "--dry-run")
        try shop.expectTranscript("pipeline-broken")
    }

    @Test func `rollback goes by what the command line says when nothing else is left`() throws {
        let shop = Shop.running()
        for path in shop.files.paths where !path.hasPrefix("/etc") { shop.files[path] = nil }
        let router =
            #"{"haproxy":{"socket":"/run/haproxy/admin.sock","map":"/etc/haproxy/bluegreen.map","key":"shop"}}"#
        shop.type("rollback")
        shop.type("rollback", "--service", "shop", "--to", "green")
        shop.type(
            "rollback", "--service", "shop", "--to", "green", "--router-settings",
            #"{"haprxy":{}}"#)
        shop.type(
            "rollback", "--service", "shop", "--to", "green", "--router-settings",
            #"{"haproxy":{"socket":["a"]}}"#)
        shop.type(
            "rollback", "--service", "shop", "--to", "green", "--router-settings", router)
        try shop.expectTranscript("rollback-settings")
    }

    @Test func `the old colour is watched while it drains`() throws {
        let shop = Shop.running()
        shop.production.change {
            $0.onSwitch[.green] = { $0.environments[.blue]?.inFlight = 3 }
        }
        shop.type("deploy", "2.9", after: .seconds(8)) { _ in
            shop.production.change { $0.environments[.blue]?.inFlight = 0 }
        }
        shop.production.change { $0.onSwitch[.blue] = { $0.environments[.green]?.inFlight = 2 } }
        shop.type("switch", "--no-bake", "blue")
        shop.note("the next deploy gives it what is left of switch.drain.timeout")
        shop.type("deploy", "3.0", after: .seconds(2)) { $0.ask(.signal(2)) }
        shop.type("deploy", "3.0", "--until", "ready", after: .seconds(3)) { _ in
            shop.production.change { $0.environments[.green]?.inFlight = 0 }
        }
        shop.type("switch", "--no-bake", "--wait-drain")
        try shop.expectTranscript("drain")
    }
}
