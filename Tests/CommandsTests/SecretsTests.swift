import Console
import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// A value of `${env.X}` is seen by nobody.
@Suite struct SecretsTests {
    private static let canary = "s3cr3t-canary-value"

    private static let pipeline = Shop.pipeline.replacing(
        #"run: ["./start", "${color}", "${version}"]"#,
        with: #"run: ["./start", "${env.TOKEN}"]"#)

    private static func shop() -> Shop {
        let shop = Shop(pipeline: pipeline, environment: ["TOKEN": canary])
        shop.production.change {
            $0.programs["./start"] = .init(exit: 1, lines: ["login with \(canary)", "denied"])
        }
        return shop
    }

    @Test(arguments: [["-v"], ["-o", "json"], []])
    func `a secret does not reach the terminal`(flags: [String]) {
        let shop = Self.shop()
        let screen = shop.type(["deploy", "2.8"] + flags)
        #expect(screen.status == 10)
        #expect(shop.production.started.last?.last == Self.canary)
        #expect(!screen.output.contains(Self.canary))
        #expect(!screen.error.contains(Self.canary))
        #expect((screen.output + screen.error).contains("login with ***"))
    }

    @Test func `the address of a host whose name is a secret is not written down`() {
        var intent = Intent(
            datum: Datum(live: .green, isIdleClaimed: false, token: Token(epoch: 1, round: 1)),
            from: .blue, recipes: [])
        intent.addresses = [
            "\(Self.canary).test": ["192.0.2.1"], "lb.test": ["192.0.2.2"],
        ]
        let masker = Masker(secrets: [Self.canary])
        guard case .switchIntended(let written) = RunEvent.switchIntended(intent).masked(by: masker)
        else {
            Issue.record("another event")
            return
        }
        #expect(written.addresses == ["lb.test": ["192.0.2.2"]])
    }

    @Test func `a secret does not reach the record or the output files`() {
        let shop = Self.shop()
        shop.type("deploy", "2.8", "--reason", "because \(Self.canary)")
        #expect(shop.recorded.contains("login with ***"))
        #expect(!shop.recorded.contains(Self.canary))
    }

    @Test(arguments: [["-v"], ["-o", "json"], []])
    func `a secret that a long line would cut is hidden first`(flags: [String]) {
        let shop = Self.shop()
        let line = String(repeating: "x", count: 990) + Self.canary + "tail"
        shop.production.change { $0.programs["./start"] = .init(exit: 1, lines: [line]) }
        let screen = shop.type(["deploy", "2.8"] + flags)
        #expect(!(screen.output + screen.error + shop.recorded).contains("xs3cr3t"))
        #expect(shop.recorded.contains("xxx***"))
    }

    @Test(arguments: [["-v"], ["-o", "json"], []])
    func `a secret that two pieces of a long line share is hidden`(flags: [String]) throws {
        let shop = Self.shop()
        let cut = Self.canary.index(Self.canary.startIndex, offsetBy: 9)
        shop.production.change {
            $0.programs["./start"] = .init(
                exit: 1,
                pieces: ["xx" + Self.canary[..<cut], Self.canary[cut...] + "yy", "zz"])
        }
        let screen = shop.type(["deploy", "2.8"] + flags)
        let path = try #require(shop.files.paths.first { $0.contains("/out/") })
        #expect(shop.read(path) == "xx\n***yy\nzz\n")
        for seen in [screen.output + screen.error, shop.recorded] {
            #expect(!seen.contains(Self.canary[..<cut]))
            #expect(!seen.contains(Self.canary[cut...]))
        }
    }

    @Test func `a public address that holds a secret is not written down`() {
        let pipeline = Shop.pipeline.replacing(
            "        header: X-Color\n",
            with: "        header: X-Color\n        equals: ${color}\n"
        ).replacing("8080/version", with: "8080/version?key=${env.TOKEN}")
        let shop = Shop(pipeline: pipeline, environment: ["TOKEN": Self.canary])
        #expect(shop.type("deploy", "2.7").status == 0)
        #expect(shop.type("deploy", "2.8").status == 0)
        #expect(!shop.transcript.contains(Self.canary))
        #expect(!shop.recorded.contains(Self.canary))
        #expect(shop.type("rollback").output.contains("proven from outside"))
    }

    @Test func `what a step prints is kept for its owner only`() throws {
        let shop = Self.shop()
        let screen = shop.type("deploy", "2.8")
        let path = try #require(shop.files.paths.first { $0.contains("/out/") })
        #expect(path.hasSuffix("/deploy-1-start.log"))
        #expect(shop.read(path) == "login with ***\ndenied\n")
        #expect(shop.files.mode(path) == 0o600)
        #expect(screen.error.contains("log: \(path)"))
    }

    @Test func `output is cut at its limit`() throws {
        let shop = Shop()
        let line = String(repeating: "x", count: 1023)
        shop.production.change {
            $0.programs["./start"] = .init(lines: Array(repeating: line, count: 2000))
        }
        shop.type("deploy", "2.8", "--until", "ready")
        let path = try #require(shop.files.paths.first { $0.contains("/out/") })
        #expect((shop.files[path]?.count ?? 0) <= StepOutput.sizeLimit + 1100)
        #expect(shop.read(path).hasSuffix("… cut at 1 MiB\n"))
    }
}
