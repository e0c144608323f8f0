import PipelineModel
import Testing

struct YAMLReaderTests {
    /// What is said about `text`, which must be refused.
    private func refusal(of text: String) -> String? { refusal(of: Array(text.utf8)) }

    private func refusal(of bytes: [UInt8]) -> String? {
        let report = Report()
        _ = YAMLReader.read(bytes, file: "f", report: report)
        return report.diagnostics.first?.description
    }

    @Test(arguments: [
        ("", "f:1:1: error: the file is empty"),
        ("# only words\n", "f:1:1: error: the file is empty"),
        ("a: 1\n---\nb: 2\n", "f:2:1: error: a second document begins here"),
        ("a: 1\nb: 2\na: 3\n", "f:1:1: error: duplicate key 'a'"),
        ("a: {b: 1, b: 2}\n", "f:1:5: error: duplicate key 'b'"),
        (
            "a:\n\tb: 1\n",
            "f:2:1: error: not valid YAML: found character that cannot start any token"
        ),
        (
            "a: b: c\n",
            "f:1:5: error: not valid YAML: mapping values are not allowed in this context"
        ),
        ("a: *b\n", "f:1:4: error: not valid YAML: found undefined alias"),
        ("a: &a [*a]\n", "f:1:8: error: not valid YAML: found undefined alias"),
        ("b: &x {c: 1}\na:\n  <<: *x\n", "f:3:3: error: '<<' is not understood"),
        ("? [a, b]\n: c\n", "f:1:1: error: a key must be text"),
        ("[a]: b\n", "f:1:4: error: a key must be text"),
        ("a: &x b\n*x : c\n", "f:2:3: error: a key must be text"),
        ("{{a: b}: c}\n", "f:1:8: error: a key must be text"),
        ("\"\": a\n", "f:1:1: error: a key is empty"),
        ("a: !!str 8\n", "f:1:4: error: a YAML tag is not understood"),
        ("%YAML 1.1\n---\na: b\n", "f:1:1: error: a YAML directive is not understood"),
        ("a: \"x\\0y\"\n", "f:1:4: error: a NUL character is not allowed"),
        ("a: x\u{0}y\n", "f:1:5: error: a control character is not allowed here"),
        ("ab: é\u{7}\n", "f:1:6: error: a control character is not allowed here"),
        ("a: [1, 2\n", "f:2:1: error: not valid YAML: did not find expected ',' or ']'"),
        ("a: \"b\n", "f:2:1: error: not valid YAML: found unexpected end of stream"),
        ("a: @b\n", "f:1:4: error: not valid YAML: found character that cannot start any token"),
    ])
    func `what is not a document is refused with its place`(text: String, message: String) {
        #expect(refusal(of: text) == message)
    }

    @Test func `bytes that are not UTF-8 are refused where they stand`() {
        #expect(refusal(of: [0x61, 0x3A, 0x0A, 0x62, 0xFF]) == "f:2:2: error: not UTF-8 text")
        #expect(refusal(of: [0xFF, 0xFE, 0x61, 0x00]) == "f:1:1: error: not UTF-8 text")
    }

    @Test func `a byte order mark and carriage returns change nothing`() {
        let report = Report()
        let root = YAMLReader.read(
            [0xEF, 0xBB, 0xBF] + Array("a: 1\r\nb: \"2\"\r\n".utf8), file: "f", report: report)
        #expect(report.diagnostics.isEmpty)
        #expect(root?["a"]?.position == Position(file: "f", line: 1, column: 4))
        #expect(root?["b"]?.position.line == 2)
        #expect(root?["b"]?.text == "2")
    }

    @Test func `columns count characters, not bytes`() {
        #expect(refusal(of: "é: {ü: !t x}\n") == "f:1:8: error: a YAML tag is not understood")
    }

    @Test func `nothing of the file is repeated when a key is written twice`() {
        let message = refusal(of: "token: hunter2\na: 1\na: 2\n")
        #expect(message?.contains("hunter2") == false)
    }

    @Test func `norwegian and octal look-alikes stay text`() throws {
        let report = Report()
        let text = "[no, 012, 1.10, 1e3, 0x1F, 12:30, 2026-01-02, ~, yes, 1_000]"
        let root = try #require(YAMLReader.read(Array(text.utf8), file: "f", report: report))
        guard case .list(let items) = root.content else { return }
        #expect(
            items.map(\.text) == [
                "no", "012", "1.10", "1e3", "0x1F", "12:30", "2026-01-02", "~", "yes", "1_000",
            ])
    }

    @Test(arguments: [
        "a: |\n  [[[\n  *x : y\n  !tag ? %\nb: 1\n",
        "a: >-\n\n  {{{ [\n\n  ' \"\nb: 1\n",
        "- |\n [[[\n- |2\n    !x\n- 'it''s [ {'\n- \"\\\" [ {\"\n",
        "a: don't [do] {this}\nb: x#y\nc: http://h/[::1]?a=b # [[[ !t\n",
        "a: one\n  \"two [[[\n  !three *four\nb: [x 'y, 'z]', {k: \"v}\"}]\n",
        "a: &x {b: c}\nd: *x\ne: [*x, *x]\n",
        "--- # start\na: ?x\nb: :y\nc: -z\n...\n",
        "a:\n- b\n- c:\n  - d\n",
        "{\"a\":{\"b\":[1,2,{\"c\":\"[[\"}]},\"d\":null}",
    ])
    func `ordinary text is not mistaken for something dangerous`(text: String) {
        #expect(refusal(of: text) == nil)
    }

    @Test func `aliases repeat values with the position of the anchor`() throws {
        let report = Report()
        let root = YAMLReader.read(Array("a: &x [1]\nb: *x\n".utf8), file: "f", report: report)
        #expect(root?["b"]?.position == Position(file: "f", line: 1, column: 4))
    }

    @Test(arguments: Bomb.all)
    func `a bomb is refused where its budget ends`(bomb: Bomb) {
        let message = refusal(of: bomb.text)
        #expect(message == bomb.refusal)
    }

    struct Bomb: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let refusal: String

        var testDescription: String { name }

        static let all: [Bomb] = [
            Bomb(
                name: "laughs", text: laughs(levels: 9),
                refusal: "f:1:12: error: aliases repeat more than 100000 values"),
            Bomb(
                name: "laughs as keys", text: laughs(levels: 9) + "z: {*a8 : 1}\n",
                refusal: "f:10:8: error: a key must be text"),
            Bomb(name: "1000 brackets", text: many("[", 1000), refusal: tooDeep("1:66")),
            Bomb(name: "20000 brackets", text: many("[", 20_000), refusal: tooDeep("1:66")),
            Bomb(name: "20000 braces", text: many("{a: ", 20_000), refusal: tooDeep("1:258")),
            Bomb(name: "20000 dashes", text: many("- ", 20_000) + "x", refusal: tooDeep("1:130")),
            Bomb(
                name: "1000 nested mappings",
                text: (0..<1000).map { many(" ", $0) + "a:\n" }.joined(),
                refusal: tooDeep("65:67")),
            Bomb(
                name: "65 levels", text: many("[", 65) + many("]", 65),
                refusal: tooDeep("1:66")),
            Bomb(
                name: "80 levels that indentation hides",
                text: "a:\n" + (0..<40).map { many("  ", $0) + "- a:\n" }.joined(),
                refusal: tooDeep("33:65")),
            Bomb(
                name: "brackets behind a misleading quote",
                text: "a: b\n  \"\nc: " + many("[", 20_000), refusal: tooDeep("3:68")),
            Bomb(
                name: "brackets behind an odd line break",
                text: "# c\u{2028}" + many("[", 20_000), refusal: tooDeep("2:66")),
            Bomb(
                name: "brackets behind a block", text: "- |\n x\n- " + many("[", 20_000),
                refusal: tooDeep("3:67")),
            Bomb(
                name: "400000 values", text: "[" + many("a,", 400_000) + "]",
                refusal: "f:1:200000: error: the file holds more than 100000 values"),
            Bomb(
                name: "2 MB", text: "a: " + many("x", 2 << 20),
                refusal: "f:1:1: error: the file is larger than 1048576 bytes"),
            Bomb(
                name: "150000 keys", text: (0..<150_000).map { "k\($0): \n" }.joined(),
                refusal: "f:1:1: error: the file is larger than 1048576 bytes"),
        ]

        /// Refused where the budget ends, however much follows.
        private static func tooDeep(_ place: String) -> String {
            "f:\(place): error: nested more than 64 levels deep"
        }

        private static func many(_ text: String, _ count: Int) -> String {
            String(repeating: text, count: count)
        }

        private static func laughs(levels: Int) -> String {
            var text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
            for level in 1..<levels {
                let items = many("*a\(level - 1),", 9).dropLast()
                text += "a\(level): &a\(level) [\(items)]\n"
            }
            return text
        }
    }

    @Test func `64 levels are still read`() {
        let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(refusal(of: text) == nil)
    }

    @Test func `a file of nothing but mistakes is answered with a bounded list`() {
        let text = (0..<60_000).map { "k\($0): 1\n" }.joined()
        #expect(Sample.diagnostics(in: text).count <= 2 * Report.limit)
    }

    @Test func `no hint is looked for once nothing more is kept`() {
        let report = Report()
        var hints = 0
        func hint() -> String? {
            hints += 1
            return nil
        }
        for line in 1...1000 {
            report.error(at: Position(file: "a", line: line, column: 1), "wrong", hint: hint())
        }
        #expect(hints == Report.limit)
    }

    @Test(arguments: 0..<20)
    func `a damaged pipeline is answered, never trapped on`(seed: Int) {
        var dice = Dice(seed: UInt64(seed) + 1)
        let whole = Array(PipelineReaderTests.everything.utf8)
        for _ in 0..<50 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...8, using: &dice) {
                let place = Int.random(in: 0..<bytes.count, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &dice)
                case 2:
                    bytes.insert(
                        Array("[]{}:,-&*!|>'\"%#?\n\t$ ".utf8).randomElement(using: &dice) ?? 0,
                        at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 40))
                }
            }
            let report = Report()
            let pipeline = try? PipelineReader.read(
                [(file: "f", bytes: bytes)], stage: nil, vocabulary: Sample.vocabulary,
                constants: Constants(), report: report)
            #expect((pipeline == nil) == report.hasErrors)
        }
    }
}

/// Numbers that look random and are the same each time.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
