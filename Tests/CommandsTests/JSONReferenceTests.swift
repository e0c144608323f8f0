import Contracts
import Foundation
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// `docs/reference/json.md` against what is really printed.
@Suite struct JSONReferenceTests {
    /// The cells of the tables of one section: what stands first, and the words in code after it.
    private static func rows(under heading: String) throws -> [String: Set<String>] {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/reference/json.md")
        let page = try String(contentsOf: path, encoding: .utf8)
        let section = try #require(
            page.components(separatedBy: "\n## ").first { $0.hasPrefix(heading + "\n") })
        var rows: [String: Set<String>] = [:]
        for line in section.split(separator: "\n") where line.hasPrefix("| `") {
            let words = line.split(separator: "`", omittingEmptySubsequences: false)
            let inCode = stride(from: 1, to: words.count, by: 2).map { String(words[$0]) }
            rows[inCode[0], default: []].formUnion(inCode.dropFirst())
        }
        return rows
    }

    private static func object(_ text: some StringProtocol) throws -> [String: JSON] {
        guard case .object(let members) = try JSON(parsing: Array(text.utf8)) else {
            throw JSON.Unreadable.malformed
        }
        return members
    }

    /// What many runs print: good, bad, stopped, refused. A document of several lines counts as one.
    private static func printed() -> [String] {
        let shop = Shop.running()
        shop.production.change {
            $0.programs["./start"] = .init(lines: ["starting"])
            $0.environments[.blue]?.inFlight = 2
        }
        let good = [
            ["deploy", "2.9", "--wait-drain"], ["rollback"], ["deploy", "2.9"], ["retire"],
            ["abort"], ["adopt"], ["switch"], ["deploy", "3.0", "--dry-run"], ["resume"],
            ["deploy", "--timeout", "5"],
        ].map { shop.type($0 + ["-o", "json"]).output }
        let trouble = Shop.running()
        trouble.production.change { $0.environments[.green]?.serversUp = 0 }
        let short = trouble.type("deploy", "2.9", "-o", "json").output
        trouble.production.change {
            $0.environments[.green]?.serversUp = 2
            $0.ignoresWrites = true
        }
        let stuck = trouble.type("switch", "-o", "json").output
        trouble.write("bluegreen.yaml", "service: shop\n")
        let broken = trouble.type("deploy", "2.9", "-o", "json").output
        return (good + [short, stuck, broken]).flatMap { text in
            text.hasPrefix("{\n") ? [text] : text.split(separator: "\n").map(String.init)
        }
    }

    @Test func `every line that a run prints is described with all its keys`() throws {
        let described = try Self.rows(under: "Lines of a run")
        let common: Set = ["schemaVersion", "type", "run", "time"]
        var seen: Set<String> = []
        for line in Self.printed() {
            let members = try Self.object(line)
            guard case .text(let type)? = members["type"] else {
                Issue.record("no type: \(line)")
                continue
            }
            seen.insert(type)
            let known = try #require(described[type], "\(type) is not described")
            #expect(Set(members.keys).subtracting(common).isSubset(of: known), "\(line)")
        }
        #expect(
            seen.isSuperset(of: ["event", "output", "asked", "sample", "draining", "waiting"]),
            "\(seen)")
        #expect(seen.isSuperset(of: ["outcome", "failure", "validation"]), "\(seen)")
    }

    @Test func `every event is described with the keys of its values, and nothing else is`() throws
    {
        let described = try Self.rows(under: "Events")
        let events =
            EventWordsTests.lines.map(\.0) + [
                .levelIntended(Scene.intent(.green, 1)), .levelled, .surveyed([:]),
            ]
        var seen: Set<String> = []
        for event in events {
            let members = try Self.object(JSONOut.line(event))
            let (name, values) = try #require(members.first)
            seen.insert(name)
            guard case .object(let keys) = values else { continue }
            let known = try #require(described[name], "\(name) is not described")
            #expect(Set(keys.keys).isSubset(of: known), "\(name): \(keys.keys)")
        }
        #expect(seen == Set(described.keys))
    }
}
