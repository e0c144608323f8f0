import PipelineModel
import Testing

import Contracts

private let document = """
    {"db": "ok", "n": 8, "list": [1, [2, 3], {"id": "x"}], "a": {"b": {"c": true}}, "none": null,
     "x-y_1": 1, "a b": 2, "": 3, "ключ": 4, "a.b": 5, "0": 6, "$": 7, "[0]": 9, "A": 10}
    """

@Suite struct JSONPathTests {
    @Test(arguments: [
        ("$.db", "\"ok\""), ("$.n", "8"), ("$.list", "[1,[2,3],{\"id\":\"x\"}]"),
        ("$.list[0]", "1"), ("$.list[1]", "[2,3]"), ("$.list[1][0]", "2"),
        ("$.list[1][1]", "3"), ("$.list[2].id", "\"x\""), ("$.list[2]['id']", "\"x\""),
        ("$.a.b.c", "true"), ("$.a['b'].c", "true"), ("$['a']['b']['c']", "true"),
        ("$['db']", "\"ok\""), ("$.none", "null"), ("$.x-y_1", "1"), ("$['a b']", "2"),
        ("$['']", "3"), ("$.ключ", "4"), ("$['ключ']", "4"), ("$['a.b']", "5"), ("$.0", "6"),
        ("$['0']", "6"), ("$['$']", "7"), ("$['[0]']", "9"), ("$.A", "10"),
    ])
    func `a path finds its value`(path: String, value: String) throws {
        let json = try JSON(parsing: document.utf8)
        #expect(try JSONPath(path).value(in: json)?.description == value)
    }

    @Test func `the root is the whole document`() throws {
        let json = try JSON(parsing: "[1]".utf8)
        #expect(try JSONPath("$").value(in: json) == json)
    }

    @Test(arguments: [
        "$.missing", "$.db.deeper", "$.db[0]", "$.list.id", "$.list[3]", "$.list[0][0]",
        "$[0]", "$.none.x", "$.a[0]", "$.list['0']", "$.list[9223372036854775807]", "$.a.B", "$.N",
    ])
    func `a path to nothing finds nothing`(path: String) throws {
        let json = try JSON(parsing: document.utf8)
        #expect(try JSONPath(path).value(in: json) == nil)
    }

    @Test(arguments: [
        ("", "it must begin with '$'"),
        (" $", "it must begin with '$'"),
        ("db", "it must begin with '$'"),
        (".db", "it must begin with '$'"),
        ("@.db", "it must begin with '$'"),
        ("\u{FEFF}$", "it must begin with '$'"),
        ("＄.db", "it must begin with '$'"),
        ("$db", "expected '.' or '[' at character 2"),
        ("$ .db", "expected '.' or '[' at character 2"),
        ("$.db ", "expected '.' or '[' at character 5"),
        ("$.db\n", "expected '.' or '[' at character 5"),
        ("$.db\0", "expected '.' or '[' at character 5"),
        ("$.a=1", "expected '.' or '[' at character 4"),
        ("$.a]", "expected '.' or '[' at character 4"),
        ("$.a'b'", "expected '.' or '[' at character 4"),
        ("$.a\u{202E}", "expected '.' or '[' at character 4"),
        ("$.", "expected a name at character 3"),
        ("$..", "expected a name at character 3"),
        ("$..db", "expected a name at character 3"),
        ("$.*", "expected a name at character 3"),
        ("$.a.", "expected a name at character 5"),
        ("$.[0]", "expected a name at character 3"),
        ("$.'a'", "expected a name at character 3"),
        ("$.$", "expected a name at character 3"),
        ("$[", "expected a number or a quoted name at character 3"),
        ("$[]", "expected a number or a quoted name at character 3"),
        ("$[*]", "expected a number or a quoted name at character 3"),
        ("$[-1]", "expected a number or a quoted name at character 3"),
        ("$[+1]", "expected a number or a quoted name at character 3"),
        ("$[01]", "expected a number or a quoted name at character 3"),
        ("$[00]", "expected a number or a quoted name at character 3"),
        ("$[ 0]", "expected a number or a quoted name at character 3"),
        ("$[x]", "expected a number or a quoted name at character 3"),
        ("$[\"a\"]", "expected a number or a quoted name at character 3"),
        ("$[?(@.a)]", "expected a number or a quoted name at character 3"),
        ("$[(@.length-1)]", "expected a number or a quoted name at character 3"),
        ("$[９]", "expected a number or a quoted name at character 3"),
        ("$[9223372036854775808]", "expected a number or a quoted name at character 3"),
        ("$[99999999999999999999999999999]", "expected a number or a quoted name at character 3"),
        ("$[0", "expected ']' at character 4"),
        ("$[0 ]", "expected ']' at character 4"),
        ("$[0,1]", "expected ']' at character 4"),
        ("$[0:1]", "expected ']' at character 4"),
        ("$[1e3]", "expected ']' at character 4"),
        ("$['a'", "expected ']' at character 6"),
        ("$['a','b']", "expected ']' at character 6"),
        ("$['", "expected \"'\" at character 4; there are no escapes"),
        ("$['a", "expected \"'\" at character 5; there are no escapes"),
        ("$['a\\'b']", "expected \"'\" at character 5; there are no escapes"),
        ("$['a\nb']", "expected \"'\" at character 5; there are no escapes"),
    ])
    func `what is no path is refused with the place`(path: String, reason: String) {
        let mistake = #expect(throws: JSONPath.Mistake.self) { try JSONPath(path) }
        #expect(mistake?.reason == reason)
    }

    @Test func `a path has 256 characters at most`() throws {
        let longest = "$" + String(repeating: "[0]", count: 85)
        #expect(try JSONPath(longest).steps.count == 85)
        let mistake = #expect(throws: JSONPath.Mistake.self) { try JSONPath(longest + "[") }
        #expect(mistake?.reason == "it is longer than 256 characters")
    }

    @Test func `a character with a million accents is too long`() {
        let accents = "$.a" + String(repeating: "\u{301}", count: 1_000_000)
        #expect(throws: JSONPath.Mistake.self) { try JSONPath(accents) }
    }

    @Test func `a mistake in the file is reported at its place with an example`() {
        let report = Report()
        let node = Node(
            .scalar("db", isQuoted: false), at: Position(file: "bluegreen.yaml", line: 3, column: 9)
        )
        #expect(JSONPath(node, report: report) == nil)
        #expect(
            report.diagnostics == [
                Diagnostic(
                    at: node.position, "'db' is no JSON path: it must begin with '$'",
                    hint: "write it like $.name, $['name'] or $.list[0]")
            ])
    }
}
