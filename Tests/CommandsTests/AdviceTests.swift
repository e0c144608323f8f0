import ArgumentParser
import Contracts
import RunEngine
import ShopRig
import Testing

@testable import Commands

/// A command that is advised is about the same service when it is typed as it stands.
@Suite struct AdviceTests {
    private static let place = ["-f", "ops/prod.yaml", "--state", "records"]

    private func advised(_ text: String, _ words: String...) throws -> String {
        Advice(of: try PlaceOptions.parse(words))(text)
    }

    @Test func `advice dropped the pipeline and the record that the person had named`() {
        let shop = Shop(pipeline: nil)
        shop.write("ops/prod.yaml", Shop.pipeline)
        #expect(shop.type(["deploy", "2.7"] + Self.place).status == 0)
        let stopped = shop.type(["deploy", "2.8"] + Self.place, after: .seconds(9)) {
            $0.ask(.signal(2))
        }
        let words = "bluegreen resume " + Self.place.joined(separator: " ")
        #expect(stopped.error.contains("next: '\(words)' watches on"), "\(stopped.error)")
        let screen = shop.type(["status"] + Self.place)
        #expect(screen.output.contains("next: \(words)\n"), "\(screen.output)")
        let json = shop.type(["status", "-o", "json"] + Self.place)
        #expect(json.output.contains("\"next\" : \"\(words)\""), "\(json.output)")
        let refused = shop.type(["switch"] + Self.place)
        #expect(refused.error.contains("next: Finish it with '\(words)', or go back: "))
        #expect(shop.type(words.split(separator: " ").dropFirst().map(String.init)).status == 0)
    }

    @Test(arguments: [
        (
            "'bluegreen rollback --to green', or (bluegreen abort).",
            "'bluegreen rollback --stage eu --to green', or (bluegreen abort --stage eu)."
        ),
        ("bluegreen adopt", "bluegreen adopt --stage eu"),
        ("use bluegreen of that version", "use bluegreen of that version"),
        ("'bluegreen init' writes one", "'bluegreen init' writes one"),
        ("/usr/bin/bluegreen status", "/usr/bin/bluegreen status"),
    ])
    func `only verbs that know the options get them`(text: String, expected: String) throws {
        #expect(try advised(text, "--stage", "eu") == expected)
        #expect(try advised(text) == text)
        let twice = try advised(expected, "--stage", "eu")
        #expect(twice == expected, "a command that has them already")
    }

    @Test func `each value is one word for a shell`() throws {
        #expect(
            try advised("'bluegreen resume'", "-f", "my file.yaml", "--var", "note=a$b\"c")
                == #"'bluegreen resume -f "my file.yaml" --var "note=a\$b\"c"'"#)
    }

    @Test func `every verb about one service repeats which one`() {
        let others = Bluegreen.configuration.subcommands.filter {
            !($0 is any PlacedSubcommand.Type)
        }
        let names = others.compactMap { $0.configuration.commandName }
        #expect(Set(names) == ["init", "explain", "schema", "router"])
    }
}
