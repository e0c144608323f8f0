import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// What is frozen does not go forward, and always goes back.
@Suite struct FreezeTests {
    private let shop = Shop.running()

    @Test func `a freeze is told to everybody whom it refuses`() throws {
        shop.type("freeze", "--for", "12h", "--reason", "Black Friday")
        shop.type("status")
        shop.type("plan", "2.9")
        shop.type("deploy", "2.9")
        shop.type("deploy", "2.9", "-o", "json")
        shop.type("switch")
        shop.type("deploy", "2.8")
        shop.type("rollback", "--dry-run")
        shop.type("unfreeze", "--release", "2.8")
        shop.type("unfreeze")
        shop.type("unfreeze")
        shop.type("freeze", "--release", "2.9", "--reason", "loses carts", "-o", "json")
        shop.type("deploy", "2.9")
        shop.type("deploy", "3.0", "--until", "ready")
        shop.type("freeze", "--for", "soon", "--reason", "x")
        shop.type("freeze")
        try shop.expectTranscript("freeze")
    }

    @Test(arguments: [[], ["--detailed-exitcode"], ["-q"], ["-o", "json"]])
    func `a plan of a frozen release ends as its deploy would`(options: [String]) {
        shop.type("freeze", "--release", "2.9", "--reason", "loses carts")
        #expect(shop.type(["plan", "2.9"] + options).status == 32)
        #expect(shop.type("deploy", "2.9").status == 32)
        #expect(shop.type("plan", "3.0").status == 0)
    }

    @Test func `freezes piled up on the screen, one line for each`() {
        shop.type("freeze", "--reason", "Black Friday")
        for number in 1...4 {
            shop.wait(.seconds(1))
            shop.type("freeze", "--release", "3.\(number)", "--reason", "loses carts")
        }
        let lines = shop.type("status").output.split(separator: "\n").filter {
            $0.contains("FROZEN")
        }
        #expect(lines.count == 4, "\(lines)")
        for (line, words) in zip(
            lines, ["This service  by", "3.4  by", "3.3  by", "and 2 more: bluegreen status -v"])
        {
            #expect(line.contains(words), "\(line)")
        }
        let all = shop.type("status", "-v").output
        #expect(all.ranges(of: "FROZEN").count == 5, "\(all)")
        let json = shop.type("status", "-o", "json").output
        #expect(json.ranges(of: "\"scope\"").count == 5, "\(json)")
    }

    @Test func `a plan says that its release is frozen, and what ends that`() {
        shop.type("freeze", "--release", "2.9", "--reason", "loses carts")
        let screen = shop.type("plan", "2.9")
        #expect(screen.output.contains("2.9 is FROZEN by ana@ci-7"), "\(screen.output)")
        #expect(screen.output.contains("'bluegreen unfreeze --release 2.9'"), "\(screen.output)")
    }

    @Test(arguments: [[], ["--release", "2.9"]])
    func `a freeze says which one of its kind it replaces`(scope: [String]) {
        let first = shop.type(["freeze", "--for", "12h", "--reason", "Black Friday"] + scope)
        #expect(!first.output.contains("replaces"), "\(first.output)")
        let other = shop.type("freeze", "--release", "2.7", "--reason", "loses carts")
        #expect(!other.output.contains("replaces"), "\(other.output)")
        let second = shop.type(["freeze", "--reason", "audit"] + scope)
        #expect(
            second.output.contains(" It replaces the one by ana@ci-7, until 2026-11-19 23:"),
            "\(second.output)")
        #expect(second.output.contains("(12h more): Black Friday."), "\(second.output)")
        shop.wait(.seconds(1))
        shop.type(["unfreeze"] + scope)
        let third = shop.type(["freeze", "--reason", "again"] + scope)
        #expect(!third.output.contains("replaces"), "\(third.output)")
    }

    @Test func `a freeze that is over is not replaced`() {
        shop.type("freeze", "--for", "1m", "--reason", "short")
        shop.wait(.seconds(61))
        #expect(!shop.type("freeze", "--reason", "audit").output.contains("replaces"))
    }

    @Test func `a freeze has a length that can be read again`() {
        for length in ["366d", "100000000h", "9223372036854775807ms"] {
            let screen = shop.type("freeze", "--for", length, "--reason", "x")
            #expect(screen.status == 64, "\(length)")
            #expect(screen.error.contains("at most 365d"), "\(screen.error)")
        }
        #expect(shop.type("freeze", "--for", "365d", "--reason", "x").status == 0)
        #expect(shop.type("deploy", "2.9").status == 32)
        #expect(shop.type("unfreeze").status == 0)
    }

    @Test func `a rollback freezes what it left, and says how to go on`() throws {
        shop.type("deploy", "2.9")
        shop.type("rollback", "--reason", "checkout is failing")
        shop.type("status")
        shop.type("deploy", "2.9")
        shop.type("switch")
        shop.type("unfreeze", "--release", "2.9")
        shop.type("deploy", "2.9")
        try shop.expectTranscript("freeze-rollback", keepingLinesOfEach: 12)
    }

    @Test func `a failed bake freezes its release for a day`() {
        #expect(shop.deployBad("2.9").status == 11)
        shop.production.change { $0.environments[.green]?.status = 200 }
        #expect(shop.type("deploy", "2.9").status == 32)
        #expect(shop.type("deploy", "3.0", "--dry-run").status == 0)
        shop.wait(.seconds(86_401))
        #expect(shop.type("deploy", "2.9", "--dry-run").status == 0)
        #expect(!shop.type("status").output.contains("FROZEN"))
    }

    @Test func `what brings production to safety is never frozen`() {
        shop.type("freeze", "--reason", "Black Friday")
        shop.wait(.seconds(3600))
        for words in [["adopt"], ["resume"], ["rollback"], ["abort"]] {
            #expect(shop.type(words).status == 0, "\(words)")
        }
    }

    @Test func `a dead deploy of which nothing has moved is not shipped through a freeze`() {
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: false)
        let before = shop.production.started.count
        shop.type("freeze", "--reason", "incident")
        let refused = shop.type("resume")
        #expect(refused.status == 32, "\(refused)")
        #expect(shop.type("resume", "--dry-run").status == 32)
        #expect(shop.production.started.count == before)
        shop.type("unfreeze")
        #expect(shop.type("resume").status == 0)
    }

    @Test(arguments: [
        (Trouble.switching, "blue:-:0:193"), (Trouble.switching, "green:blue:0:194"),
        (Trouble.baking, "green:blue:0:194"),
    ])
    func `a dead run that had begun to move is finished in a freeze`(
        events: [RunEvent], value: String
    ) {
        _ = shop.begin(Trouble.plan(), events, isAlive: false)
        shop.production.setValue(value)
        shop.type("freeze", "--reason", "incident")
        #expect(shop.type("resume").status == 0)
        #expect(shop.production.value?.hasPrefix("green:") == true)
    }

    @Test func `a freeze that cannot be written does not fail a rollback`() {
        shop.type("deploy", "2.9")
        shop.files[".bluegreen/shop/freezes.json"] = Array("[".utf8)
        let back = shop.type("rollback")
        #expect(back.status == 0)
        #expect(back.error.contains("warning: 2.9 could not be frozen"))
        let refused = shop.type("deploy", "3.0")
        #expect(refused.status == 33)
        #expect(refused.error.contains("freezes.json is damaged"))
        #expect(shop.type("status").output.contains("freezes.json is damaged"))
    }

    @Test func `what somebody else deployed is not known, and no other release is frozen`() {
        shop.production.setValue("green:blue:0:577")
        #expect(shop.type("rollback", "--to", "blue").status == 0)
        #expect(!shop.type("status").output.contains("FROZEN"))
        #expect(shop.type("deploy", "2.7", "--adopt", "--dry-run").status == 0)
    }

    @Test func `a release that runs on both sides is not frozen`() {
        shop.type("deploy", "2.8", "--redeploy")
        #expect(!shop.type("rollback").error.contains("frozen"))
    }

    /// What a freeze of another process puts where freezes are kept.
    private func written() -> (path: String, bytes: [UInt8]?) {
        let path = ".bluegreen/shop/freezes.json"
        shop.type("freeze", "--reason", "stop")
        defer { shop.type("unfreeze") }
        return (path, shop.files[path])
    }

    @Test(arguments: [["deploy", "2.9"], ["switch", "green"]])
    func `a deploy switched although everything was frozen meanwhile`(words: [String]) {
        let (path, frozen) = written()
        shop.production.change { $0.environments[.green]?.isUp = words[0] == "deploy" }
        let screen = shop.type(words, after: .milliseconds(800)) { [shop] _ in
            shop.files[path] = frozen
            shop.production.change { $0.environments[.green]?.isUp = true }
        }
        #expect(screen.status == 32, "\(screen)")
        #expect(screen.error.contains("This service is FROZEN by ana@ci-7"), "\(screen.error)")
        #expect(shop.production.value?.hasPrefix("blue:") == true)
        shop.type("unfreeze")
        #expect(shop.type("switch", "green").status == 0)
    }

    @Test func `a deploy that a freeze stopped was called failed, and status named no next step`() {
        let (path, frozen) = written()
        let screen = shop.type("deploy", "2.9", after: .milliseconds(800)) { [shop] _ in
            shop.files[path] = frozen
        }
        #expect(screen.status == 32, "\(screen)")
        #expect(screen.output.contains("deploy was refused. Production is on blue"), "\(screen)")
        #expect(screen.error.contains("next: To go on all the same: 'bluegreen unfreeze'"))
        let status = shop.type("status")
        let next = "next: to go on all the same: 'bluegreen unfreeze', then 'bluegreen switch'"
        #expect(status.output.contains(next), "\(status)")
        #expect(!status.output.contains("deploy failed"), "\(status)")
        shop.type("unfreeze")
        #expect(shop.type("status").output.contains("next: bluegreen switch"))
    }

    @Test(arguments: [
        (Trouble.claimed, "is deploying. It stops before its switch, unless that begins"),
        (Trouble.switching, "is moving traffic. A freeze does not stop what has begun"),
        (Trouble.baking, "is baking, for about 10m more. A freeze does not stop what has begun"),
    ])
    func `a freeze names the run under way that it concerns`(events: [RunEvent], words: String) {
        _ = shop.begin(Trouble.plan(), events, isAlive: true)
        #expect(!shop.type("freeze", "--release", "3.0", "--reason", "x").error.contains("Run r-"))
        let screen = shop.type("freeze", "--reason", "incident")
        #expect(screen.status == 0)
        #expect(screen.error.replacing("\n    ", with: " ").contains(words), "\(screen)")
        shop.files.restart()
        #expect(!shop.type("freeze", "--reason", "again").error.contains("Run r-"))
    }

    @Test func `a freeze that comes while a deploy waits to begin stops it`() {
        let (path, frozen) = written()
        shop.type("deploy", "2.9", "--until", "switched")
        let before = shop.production.started.count
        shop.production.change { $0.environments[.blue]?.inFlight = 2 }
        let screen = shop.type("deploy", "3.0", after: .seconds(3)) { [shop] _ in
            shop.files[path] = frozen
            shop.production.change { $0.environments[.blue]?.inFlight = 0 }
        }
        #expect(screen.status == 32, "\(screen.error)")
        #expect(screen.error.contains("drain"), "\(screen.error)")
        #expect(shop.production.started.count == before)
    }
}

/// The rule itself.
@Suite struct FreezeRulesTests {
    private static let release = Release(
        version: "2.9", artifactDigest: "sha256:a", configurationDigest: "sha256:c")

    private func isRefused(
        _ scope: FreezeRecord.Scope, _ release: Release?, until: WallTime? = nil,
        at now: WallTime = Scene.start
    ) -> Bool {
        let freeze = FreezeRecord(
            scope, reason: "x", by: "ana@ci-7", since: Scene.start, until: until)
        do throws(Failure) {
            try FreezeRules(freezes: [freeze], now: now).judge(release)
            return false
        } catch {
            return error.code == .refused
        }
    }

    @Test func `everything is everything, also what is not known`() {
        #expect(isRefused(.everything, nil))
        #expect(isRefused(.everything, Self.release))
    }

    @Test func `a version is any release of it`() {
        #expect(isRefused(.version("2.9"), Self.release))
        #expect(!isRefused(.version("2.8"), Self.release))
        #expect(!isRefused(.version("2.8"), nil))
    }

    @Test func `a release is that one with its digests`() {
        var other = Self.release
        other.configurationDigest = "sha256:d"
        #expect(isRefused(.release(Self.release), Self.release))
        #expect(!isRefused(.release(Self.release), other))
        #expect(!isRefused(.release(Self.release), nil))
    }

    @Test func `a freeze ends in its last moment`() {
        let end = Scene.start.advanced(by: .seconds(60))
        #expect(isRefused(.everything, nil, until: end, at: Scene.start))
        #expect(!isRefused(.everything, nil, until: end, at: end))
    }
}
