import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// Wherever text of others reaches the terminal, it is shown instead of obeyed: as prose, with `-v`
/// and as JSON.
@Suite struct TerminalSinkTests {
    private static let ways = [[], ["-v"], ["-o", "json"]]

    @Test func `there are more than two hundred`() {
        #expect(Set(HostileText.all).count > 200)
    }

    @Test(arguments: ways)
    func `what a step prints`(way: [String]) {
        let shop = Shop()
        shop.production.change {
            $0.programs["./start"] = .init(exit: 1, lines: HostileText.all)
        }
        Self.expectClean(shop.type(["deploy", "2.8"] + way), says: "start", shop)
        Self.expectClean(shop.type(["show"] + way), says: "start", shop)
    }

    @Test(arguments: ways)
    func `an escape that two lines share`(way: [String]) {
        let shop = Shop()
        let halves = HostileText.all.flatMap { text in
            [String(text.prefix(1)), String(text.dropFirst())]
        }
        shop.production.change { $0.programs["./start"] = .init(exit: 1, pieces: halves) }
        Self.expectClean(shop.type(["deploy", "2.8"] + way), says: "start", shop)
    }

    @Test(arguments: ways)
    func `what an environment answers`(way: [String]) {
        let shop = Shop.running()
        for text in HostileText.batches {
            shop.production.change { $0.environments[.green]?.identity = text }
            Self.expectClean(shop.type(["switch"] + way), says: "answered", shop)
        }
    }

    @Test(arguments: ways)
    func `what a router answers`(way: [String]) {
        let shop = Shop.running()
        for text in HostileText.batches {
            shop.production.change { $0.value = text }
            Self.expectClean(shop.type(["status"] + way), says: "adopt", or: "", shop)
        }
    }

    @Test(arguments: ways)
    func `a version`(way: [String]) {
        let shop = Shop()
        for text in HostileText.batches {
            let screen = shop.type(["deploy", text] + way)
            #expect(screen.status == 64)
            Self.expectClean(screen, says: "version", or: "error:", shop)
        }
    }

    @Test(arguments: ways)
    func `a reason`(way: [String]) {
        let shop = Shop.running()
        for text in HostileText.batches {
            Self.expectClean(
                shop.type(["freeze", "--reason", text] + way), says: "", shop)
        }
        Self.expectClean(shop.type(["deploy", "2.9"] + way), says: "frozen", or: "freeze", shop)
        shop.type("rollback", "--reason", HostileText.all.joined())
        Self.expectClean(shop.type(["show"] + way), says: "rollback", shop)
        Self.expectClean(shop.type(["history"] + way), says: "rollback", shop)
    }

    @Test(arguments: ways)
    func `the owner of a run, as its journal names it`(way: [String]) {
        let process = ProcessIdentity(pid: 900, startTime: 7, bootID: "boot-9")
        for text in HostileText.batches {
            let shop = Shop.running()
            let owner = Owner(process: process, host: text, user: text, job: text)
            _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: true, owner: owner)
            for verb in ["status", "lock", "show"] {
                Self.expectClean(shop.type([verb] + way), says: "", shop)
            }
        }
    }

    @Test(arguments: ways)
    func `names in the pipeline: of a variable, a step, a stage, a file`(way: [String]) {
        for text in HostileText.batches {
            let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                .unicodeScalars.map {
                    $0.value < 0x20 ? "\\x0\(String($0.value, radix: 16))".suffix4 : String($0)
                }
                .joined()
            let added = """
                  - name: "\(quoted)"
                    run: ["./more", "${env.\(quoted)}"]
                    env: {"\(quoted)": x}
                    passEnv: ["\(quoted)"]
                stages: {"\(quoted)": {}}

                """
            let shop = Shop(
                pipeline: Shop.pipeline.replacing("\nchecks:", with: "\(added)\nchecks:"))
            Self.expectClean(shop.type(["validate"] + way), says: "", shop)
            Self.expectClean(shop.type(["plan", "--stage", text] + way), says: "", shop)
            Self.expectClean(shop.type(["validate", "-f", text] + way), says: "", shop)
            Self.expectClean(shop.type(["status", "--state", text] + way), says: "", shop)
        }
    }

    @Test(arguments: ways)
    func `a word that is typed`(way: [String]) {
        let shop = Shop()
        for text in HostileText.batches {
            for words in [
                [text], ["show", text], ["status", "--\(text)"], ["rollback", "--to", text],
            ] {
                Self.expectClean(shop.type(words + way), says: "", shop)
            }
        }
    }

    private static func expectClean(
        _ screen: Shop.Screen, says word: String, or other: String? = nil, _ shop: Shop,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let seen = screen.output + screen.error
        let said = seen.contains(word) || other.map(seen.contains) == true || word.isEmpty
        #expect(
            said && !seen.isEmpty, "\(seen.prefix(300).debugDescription)",
            sourceLocation: sourceLocation)
        if let raw = seen.raw {
            Issue.record(
                "\(raw): \(seen.prefix(2000).debugDescription)", sourceLocation: sourceLocation)
        }
    }
}

extension String {
    /// `\x0` and one or two digits as YAML wants them.
    fileprivate var suffix4: String { count == 5 ? "\\x" + suffix(2) : self }
}
