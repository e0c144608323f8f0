import PipelineModel
import Testing

struct TemplateTests {
    private func template(_ text: String) -> Template {
        Template(TemplateParser.parse(text).parts, at: Position(file: "f", line: 1, column: 1))
    }

    private func substitutes(_ values: [String: String]) -> Substitutes {
        Substitutes(values, constants: Constants())
    }

    @Test(arguments: [
        ("plain", "plain"), ("${color}", "blue"), ("a-${color}-b", "a-blue-b"), ("$$", "$"),
        ("$${color}", "${color}"), ("$$$${color}", "$${color}"), ("$$${color}", "$blue"),
        ("${color}${color}", "blueblue"), ("", ""), ("{color}", "{color}"), ("$$5", "$5"),
    ])
    func `names are filled in once`(text: String, filled: String) throws {
        #expect(TemplateParser.parse(text).mistakes.isEmpty)
        #expect(try template(text).filled(substitutes(["color": "blue"])) == filled)
    }

    @Test(arguments: [
        "$", "a$b", "${", "${color", "${}", "${a${b}}", "${${color}}", "${a$b}", "$$$",
    ])
    func `what is no name is a mistake`(text: String) {
        #expect(!TemplateParser.parse(text).mistakes.isEmpty)
    }

    /// It once took minutes: every dollar looked through all that followed.
    @Test(.timeLimit(.minutes(1)))
    func `a long text in which nothing is closed is read once`() {
        let text = String(repeating: "${", count: 100_000)
        #expect(TemplateParser.parse(text).mistakes.count == 100_000)
    }

    @Test func `a value is never read for names again`() throws {
        let filled = try template("${version}").filled(substitutes(["version": "${color}$$"]))
        #expect(filled == "${color}$$")
    }

    @Test func `a name without a value is named`() {
        let error = #expect(throws: MissingSubstitute.self) {
            try template("${capture.cart}").filled(substitutes([:]))
        }
        #expect(error?.name == "capture.cart")
    }

    @Test func `children find every value under a predictable name`() {
        #expect(TemplateName.environmentVariable(for: "version") == "BLUEGREEN_VERSION")
        #expect(TemplateName.environmentVariable(for: "idle.url") == "BLUEGREEN_IDLE_URL")
    }

    @Test func `free values are filled in and stay text`() throws {
        let report = Report()
        let text = #"{a: '${version}', b: "${version}", c: 8, d: [$.x]}"#
        let node = try #require(YAMLReader.read(Array(text.utf8), file: "f", report: report))
        let filled = try node.filled(substitutes(["version": "8"]))
        #expect(
            Section(filled, constants: Constants(), report: report).recipe()
                == #"{"a":"8","b":"8","c":8,"d":["$.x"]}"#)
    }
}
