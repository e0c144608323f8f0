import PipelineModel
import Testing

struct RecipeTests {
    private let constants = Constants(variables: ["HOST": "h$1", "Q": "a\"b\\"]) { name in
        name == "TOKEN" ? "hunter2" : nil
    }

    private func section(_ text: String) throws -> Section {
        try #require(
            Section(recipe: text, named: "test", constants: constants, report: Report()))
    }

    @Test func `variables are filled in and secrets stay references`() throws {
        let section = try section("{a: '${var.HOST}:${env.TOKEN}', b: '$$5', c: '${color}'}")
        #expect(section.recipe() == #"{"a":"h$$1:${env.TOKEN}","b":"$$5","c":"${color}"}"#)
        let again = try self.section(section.recipe())
        #expect(again.text("a") == "h$1:hunter2")
        #expect(again.text("b") == "$5")
    }

    @Test func `numbers and words keep their kind`() throws {
        let text = #"{"a":8,"b":"8","c":true,"d":"012","e":-0.5,"f":null,"g":"null","h":[1,"x"]}"#
        #expect(try section(text).recipe() == text)
    }

    @Test func `what only looks like a number becomes text`() throws {
        #expect(
            try section("[012, 1_000, .5, 0x1F, 1., -, 1e3]").recipe()
                == #"["012","1_000",".5","0x1F","1.","-","1e3"]"#)
    }

    @Test func `a script of the shell stays as it is`() throws {
        let script = #"{"run":"echo $HOME $$ ${X:-y}"}"#
        #expect(try section(script).recipe() == script)
    }

    @Test func `a recipe that is damaged is refused with its place`() {
        let report = Report()
        let section = Section(
            recipe: "{\"a\":", named: "--router-settings", constants: constants, report: report)
        #expect(section == nil)
        #expect(report.diagnostics.first?.position.file == "--router-settings")
    }

    @Test(arguments: 0..<40)
    func `reading a recipe gives the same recipe and the same values`(seed: Int) throws {
        var dice = Dice(seed: UInt64(seed) + 77)
        let root = Self.node(depth: 0, &dice)
        let first = Section(root, constants: constants, report: Report())
        let report = Report()
        let second = try #require(
            Section(recipe: first.recipe(), named: "r", constants: constants, report: report))
        #expect(second.recipe() == first.recipe())
        #expect(report.diagnostics.isEmpty)
        guard case .mapping(let entries) = root.content else { return }
        for entry in entries { #expect(second.text(entry.key) == first.text(entry.key)) }
    }

    private static let pieces = [
        "a", "é", "\u{1F600}", "\"", "\\", "\n", "\t", "\r", "\u{7F}", "\u{85}", "\u{2028}",

        "$$", "${var.HOST}", "${var.Q}", "${env.TOKEN}", ": ", " #", "- ", "[", "}", "'", "%", "1",
        "0", ".", "true", " ", "\u{1}", "\u{FFFE}",
    ]

    private static func text(_ dice: inout Dice) -> String {
        (0..<Int.random(in: 1...6, using: &dice))
            .map { _ in pieces.randomElement(using: &dice) ?? "" }.joined()
    }

    private static func node(depth: Int, _ dice: inout Dice) -> Node {
        let position = Position(file: "f", line: 1, column: 1)
        switch depth == 0 ? 2 : Int.random(in: 0..<(depth > 3 ? 1 : 3), using: &dice) {
        case 0:
            let isQuoted = Bool.random(using: &dice)
            return Node(.scalar(text(&dice), isQuoted: isQuoted), at: position)
        case 1:
            return Node(.list((0..<3).map { _ in node(depth: depth + 1, &dice) }), at: position)
        default:
            let entries = (0..<4).map { place in
                Node.Entry(
                    key: "\(place)" + text(&dice), keyPosition: position,
                    value: node(depth: depth + 1, &dice))
            }
            return Node(.mapping(entries), at: position)
        }
    }
}
