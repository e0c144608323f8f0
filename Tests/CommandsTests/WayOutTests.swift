import Contracts
import PipelineModel
import RunEngine
import ShopRig
import TestWorld
import Testing

@testable import Commands
@testable import StateStores

/// What somebody in trouble is told to type does lead out of it.
@Suite struct WayOutTests {
    private let shop = Shop.running()

    @Test func `beside a live release that is dead the way back is named`() {
        shop.production.change { $0.environments[.blue]?.isUp = false }
        let screen = shop.type("status")
        #expect(screen.status == 20)
        #expect(screen.output.contains("blue itself does not serve either"), "\(screen.output)")
        #expect(screen.output.contains("next: bluegreen rollback\n"), "\(screen.output)")
        #expect(shop.type("rollback").status == 0)
    }

    @Test func `no way back is named where the live release serves, or the other does not`() {
        shop.production.change { $0.environments[.blue]?.oddAnswers = 1 }
        let proxy = shop.type("status")
        #expect(proxy.output.contains("next: curl -i http://127.0.0.1:8080/version"))
        shop.production.change { state in
            for color in Color.allCases { state.environments[color]?.isUp = false }
        }
        let both = shop.type("status")
        #expect(both.output.contains("next: curl -i"), "\(both.output)")
        #expect(!both.output.contains("next: bluegreen rollback"), "\(both.output)")
    }

    @Test func `a stranger at the address of the old colour is no way back`() {
        shop.production.change { $0.environments[.green]?.identity = "It works!" }
        let screen = shop.type("status")
        #expect(
            screen.output.contains("ROLLBACK NOT READY  green is not what answers: 'It works!'"),
            "\(screen.output)")
        let refused = shop.type("rollback")
        #expect(refused.status == 21)
        #expect(
            refused.error.contains("green is not what answers on its direct address."),
            "\(refused.error)")
        let rehearsed = shop.type("doctor", "--rollback-from-here")
        #expect(rehearsed.output.contains("is not what answers: 'It works!'"), "\(rehearsed)")
        #expect(shop.production.value?.hasPrefix("blue") == true)
        // Whoever knows better goes there all the same, and is told that it could not be proven.
        #expect(shop.type("rollback", "--break-glass", "--reason", "I know").status == 20)
        #expect(shop.production.value?.hasPrefix("green") == true)
    }

    @Test func `with an old copy of the record the way back is named, not a deploy over it`() {
        #expect(shop.type("rollback").status == 0)
        shop.production.setValue("green:blue:0:900")
        let screen = shop.type("rollback")
        #expect(screen.status == 21, "\(screen)")
        let words = screen.error.replacing("\n    ", with: " ")
        #expect(words.contains("'bluegreen rollback --to blue'"), "\(words)")
        #expect(shop.type("rollback", "--to", "blue").status == 0)
    }

    @Test(arguments: ["status", "rollback", "deploy 2.9", "adopt"])
    func `a value that is no colour is answered with the way to the recorded one`(words: String) {
        shop.type("rollback")
        shop.production.change { $0.value = "purple" }
        let screen = shop.type(words.split(separator: " ").map(String.init))
        let all = screen.output + screen.error
        #expect(all.contains("bluegreen rollback --to green"), "\(all)")
        #expect(!all.contains("next: bluegreen adopt"), "\(all)")
        #expect(!all.contains("bluegreen validate"), "\(all)")
        #expect(shop.type("rollback", "--to", "green").status == 0)
    }

    @Test func `a value that is no colour was answered with validate where nothing is recorded`() {
        for path in shop.files.paths where path.hasPrefix(".bluegreen") {
            shop.files[path] = nil
        }
        shop.production.change { $0.value = "purple" }
        let screen = shop.type("status").output
        #expect(
            screen.contains("next: bluegreen rollback --to COLOR, if the router's key"), "\(screen)"
        )
        #expect(shop.type("rollback", "--to", "blue").status == 0)
        #expect(shop.production.value == "blue")
    }

    @Test(arguments: ["status", "deploy 2.9", "rollback"])
    func `after a switch by hand the way to what the record says is named too`(words: String) {
        shop.production.setValue("green:blue:0:0")
        let screen = shop.type(words.split(separator: " ").map(String.init))
        let all = (screen.output + screen.error).replacing("\n    ", with: " ")
        #expect(all.contains("'bluegreen rollback --to blue'"), "\(all)")
        #expect(shop.type("rollback", "--to", "blue").status == 0)
    }

    @Test(arguments: ["status", "rollback"])
    func `after a switch by hand no way to what does not serve is named`(verb: String) {
        shop.production.setValue("green:blue:0:0")
        shop.production.change { $0.environments[.blue]?.isUp = false }
        let screen = shop.type(verb)
        let all = screen.output + screen.error
        #expect(!all.contains("--to blue"), "\(all)")
        #expect(shop.type("adopt").status == 0)
    }

    @Test func `a run that died before its switch is first of all stopped`() {
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: false)
        shop.production.setValue("blue:-:0:193")
        let screen = shop.type("status")
        #expect(
            screen.output.contains(
                "next: bluegreen abort, or 'bluegreen resume' to go on and put 2.9 live"),
            "\(screen.output)")
        #expect(shop.type("abort").status == 0)
        #expect(shop.type("status").output.contains("next: bluegreen deploy VERSION\n"))
    }

    @Test func `what a person left unfinished is taken up by the command that is named`() {
        #expect(!shop.type("status").output.contains("next:"))
        shop.type("deploy", "2.9", after: .milliseconds(500)) { $0.ask(.signal(2)) }
        let stopped = shop.type("status")
        #expect(
            stopped.output.contains("next: 'bluegreen deploy 2.9' begins again"),
            "\(stopped.output)")
        shop.type("deploy", "2.9", "--until", "ready")
        let ready = shop.type("status")
        #expect(ready.output.contains("next: bluegreen switch\n"), "\(ready.output)")
        #expect(
            shop.type("status", "-o", "json").output.contains("\"next\" : \"bluegreen switch\""))
        shop.type("freeze", "--release", "2.9", "--reason", "loses carts")
        #expect(!shop.type("status").output.contains("next: bluegreen switch"))
        shop.type("unfreeze", "--release", "2.9")
        #expect(shop.type("switch").status == 0)
    }

    @Test func `what was rolled back from is refused by its name, and with what goes there`() {
        shop.type("rollback")
        let screen = shop.type("rollback", "--to", "blue")
        #expect(screen.status == 21)
        #expect(screen.error.contains("blue 2.8 was rolled back from"), "\(screen.error)")
        #expect(screen.error.contains("'bluegreen switch'"), "\(screen.error)")
        #expect(screen.error.contains("'bluegreen unfreeze --release 2.8'"), "\(screen.error)")
        shop.type("unfreeze", "--release", "2.8")
        #expect(shop.type("switch").status == 0)
    }

    @Test func `what failed its bake is refused by its name`() {
        #expect(shop.deployBad("2.9").status == 11)
        let screen = shop.type("rollback", "--to", "green")
        #expect(screen.status == 21)
        #expect(screen.error.contains("green 2.9 failed its bake"), "\(screen.error)")
    }

    @Test func `after a retirement a rollback says that there was one`() {
        shop.wait(.seconds(3600))
        #expect(shop.type("retire", "-y").status == 0)
        let screen = shop.type("rollback")
        #expect(screen.status == 21)
        #expect(screen.error.contains("green 2.7 was retired"), "\(screen.error)")
        #expect(!screen.error.contains("nothing to undo"), "\(screen.error)")
        #expect(shop.type("status").output.contains("NOT READY  green was retired"))
    }

    @Test(arguments: [
        ("blue:-:0:300", true, "bluegreen rollback --to green --break-glass --reason TEXT"),
        ("blue:green:0:300", true, "bluegreen rollback --to green"),
        ("blue:green:0:300", false, "bluegreen rollback --to green --break-glass --reason TEXT"),
    ])
    func `without a record the rollback that is named is not refused`(
        value: String, isUp: Bool, command: String
    ) {
        for path in shop.files.paths where path.hasPrefix(".bluegreen") {
            shop.files[path] = nil
        }
        shop.production.setValue(value)
        shop.production.change { $0.environments[.green]?.isUp = isUp }
        let screen = shop.type("rollback")
        #expect(screen.status == 21)
        #expect(screen.error.contains(": \(command)\n"), "\(screen.error)")
        let words = command.split(separator: " ").dropFirst().map(String.init)
        #expect(shop.type(words).status != 21)
    }

    @Test func `a rollback that arrived, and that nobody has proven, is not ready once more`() {
        shop.production.change { state in
            state.onSwitch[.green] = { state in
                for color in Color.allCases { state.environments[color]?.status = 500 }
            }
        }
        #expect(shop.type("deploy", "2.9").status == 20)
        let glass = shop.type("rollback", "--break-glass", "--reason", "both are down")
        #expect(glass.status == 20, "\(glass)")
        shop.production.change { state in
            state.onSwitch = [:]
            for color in Color.allCases { state.environments[color]?.status = 200 }
        }
        let screen = shop.type("status")
        #expect(screen.output.contains("NOT READY  blue is live already"), "\(screen.output)")
        #expect(screen.output.split(separator: "next:").count == 2, "\(screen.output)")
        #expect(screen.output.contains("next: bluegreen resume\n"), "\(screen.output)")
        #expect(shop.type("resume").status == 0)
    }

    @Test func `beside a move that nobody finished no older bake is a second advice`() {
        shop.production.change { state in
            state.onSwitch[.green] = { state in
                for color in Color.allCases { state.environments[color]?.requests += 1 }
            }
        }
        let bad = shop.type("deploy", "2.9", after: .seconds(9)) {
            [production = shop.production] _ in
            production.change { state in
                for color in Color.allCases { state.environments[color]?.status = 500 }
            }
        }
        #expect(bad.status == 22)
        shop.production.change { state in
            state.onSwitch = [:]
            for color in Color.allCases { state.environments[color]?.status = 200 }
        }
        #expect(shop.type("status").output.contains("The bake failed"))
        _ = shop.begin(
            RunPlan(verb: .rollback, entry: .rollingBack, from: .green, to: .green),
            [.rollbackIntended(Trouble.intent(.green, Token(epoch: 4, round: 1)))], isAlive: false)
        let screen = shop.type("status")
        #expect(screen.output.split(separator: "next:").count == 2, "\(screen.output)")
    }

    @Test func `a record that this user may not read hides no colour`() {
        var told = 0
        for number in 1...12 {
            let shop = Shop.running()
            shop.files.prepare(.failure(.denied), at: number)
            let screen = shop.type("status")
            guard screen.output.contains("The record cannot be read") else { continue }
            told += 1
            #expect(screen.status == 33)
            #expect(screen.output.contains("LIVE     ● blue"), "\(screen.output)")
            #expect(screen.output.contains("next: Repeat this as the user who owns the record"))
            #expect(!screen.output.contains("adopt"), "\(screen.output)")
        }
        #expect(told > 0)
    }

    @Test func `status says why a router does not answer`() {
        shop.production.change { $0.isRouterUp = false }
        let screen = shop.type("status")
        #expect(screen.output.contains("(connection refused)"), "\(screen.output)")
    }

    @Test func `a router that answers is not called unreachable`() {
        shop.write(
            "bluegreen.yaml", Shop.pipeline.replacing("/etc/haproxy/b", with: "/etc/proxy/b"))
        let screen = shop.type("status")
        #expect(screen.output.contains("Unknown map identifier"), "\(screen.output)")
        #expect(screen.output.contains("not known"), "\(screen.output)")
        #expect(!screen.output.contains("unreachable"), "\(screen.output)")
    }

    @Test func `a run that was aborted says by whom, why, and where production is`() {
        let owner = Owner(
            process: ProcessIdentity(pid: 901, startTime: 7, bootID: "boot-1"), host: "vm",
            user: "root")
        let screen = shop.type("deploy", "2.9", after: .milliseconds(500)) { [shop] _ in
            shop.production.change { state in
                state.meanwhile = {
                    let journal = try? await shop.store.begin(
                        above: 0, patience: .seconds(1), judging: { _ in }
                    ) { run, epoch in
                        RunBeginning(
                            run: run, epoch: epoch, service: "shop", stage: nil,
                            plan: RunPlan(
                                verb: .abort, entry: .adopting, from: .blue, to: .blue),
                            owner: owner, reason: "wrong version")
                    }
                    try? await journal?.append(
                        .ended(Outcome(.succeeded, production: .untouched(.blue))),
                        isDurable: true)
                }
            }
        }
        #expect(screen.status == 12)
        let words = screen.output.replacing("\n    ", with: " ")
        #expect(
            words.contains("stopped by 'bluegreen abort' of root@vm, pid 901: wrong version."),
            "\(screen)")
        #expect(words.contains("Production is on blue, confirmed by the router"), "\(screen)")
    }
}
