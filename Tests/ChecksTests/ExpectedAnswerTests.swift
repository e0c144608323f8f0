import Contracts
import PipelineModel
import Testing

@testable import Checks

private func judge(
    _ expect: Written, _ answer: HTTPAnswer, standard: ExpectedAnswer.Status = .exactly(200)
) throws -> ExpectedAnswer.Judgement {
    let expectation = try #require(ExpectedAnswer(expect.section(), standardStatus: standard))
    return try expectation.judge(answer, moment().substitutes)
}

private func answer(
    _ status: Int = 200, _ body: String = "", _ headers: [HTTPField] = [],
    elapsed: Duration = .milliseconds(12)
) -> HTTPAnswer {
    HTTPAnswer(status: status, headers: headers, body: Array(body.utf8), elapsed: elapsed)
}

private let health = """
    {"db": "ok", "n": 8, "share": 0.5, "up": true, "gone": null, "version": "2.8", "text8": "8",
     "list": [1, "a"], "deep": {"a": 1, "b": {"c": "x"}}, "id": 9007199254740993, "one": 1.0}
    """

@Suite struct ExpectedAnswerTests {
    @Test(
        arguments: [
            ("200", 200, true), ("200", 201, false), ("2xx", 204, true), ("2XX", 299, true),
            ("2xx", 300, false), ("404", 404, true), ("5xx", 503, true), ("1xx", 99, false),
        ] as [(Written, Int, Bool)])
    func `a status or its class is accepted`(
        expected: Written, status: Int, isGood: Bool
    ) throws {
        #expect(try judge(["status": expected], answer(status)).isGood == isGood)
    }

    @Test func `one status out of a list is enough`() throws {
        let expect: Written = ["status": [200, "3xx"]]
        #expect(try judge(expect, answer(302)).evidence == "status 302; took 12 ms")
        #expect(
            try judge(expect, answer(404)).evidence
                == "status 404, expected 200 or 3xx; took 12 ms")
    }

    @Test func `the standard status counts where none is written`() throws {
        #expect(try !judge(["body": ""], answer(201)).isGood)
        #expect(try judge(["body": ""], answer(201), standard: .ofClass(2)).isGood)
    }

    @Test(
        arguments: [
            ("$.db", "ok", true), ("$.db", .quoted("ok"), true), ("$.db", "OK", false),
            ("$.n", 8, true), ("$.n", "8.0", true), ("$.n", .quoted("8"), false), ("$.n", 9, false),
            ("$.text8", .quoted("8"), true), ("$.text8", 8, false), ("$.share", "0.5", true),
            ("$.share", "5e-1", true), ("$.up", true, true), ("$.up", "yes", false),
            ("$.up", .quoted("true"), false), ("$.up", false, false), ("$.gone", "null", true),
            ("$.gone", "", true), ("$.gone", .quoted("null"), false), ("$.missing", "null", false),
            ("$.version", "${version}", true), ("$.version", .quoted("${version}"), true),
            ("$.version", "2.8", false), ("$.version", .quoted("2.8"), true),
            ("$.version", "v${version}", false), ("$.list", [1, "a"], true), ("$.list", [1], false),
            ("$.list", ["a", 1], false), ("$.list[1]", "a", true), ("$.deep", ["a": 1], true),
            ("$.deep", ["a": 1, "b": ["c": "x"]], true), ("$.deep", ["a": 2], false),
            ("$.deep", ["z": "null"], false), ("$.deep", "x", false), ("$.one", 1, true),
            ("$.id", 9_007_199_254_740_993, true), ("$.id", 9_007_199_254_740_992, false),
            ("$.text8", "012", false), ("$.db", "$$ok", false), ("$", ["n": 8], true),
        ] as [(String, Written, Bool)])
    func `a JSON value is compared as it is written`(
        path: String, expected: Written, isGood: Bool
    ) throws {
        let judgement = try judge(["json": .mapping([(path, expected)])], answer(200, health))
        #expect(judgement.isGood == isGood)
    }

    @Test func `an unquoted name also accepts the number it writes`() throws {
        let expect: Written = ["json": ["$.v": "${version}"]]
        #expect(try judge(expect, answer(200, "{\"v\": 2.8}")).isGood)
        #expect(
            try !judge(["json": ["$.v": .quoted("${version}")]], answer(200, "{\"v\": 2.8}")).isGood
        )
    }

    @Test(arguments: [
        ("{\"db\": \"down\"}", "$.db is \"down\", expected \"ok\""),
        ("{}", "$.db is absent, expected \"ok\""),
        ("{\"db\": {\"a\": [1]}}", "$.db is {\"a\":[1]}, expected \"ok\""),
        ("<html>", "the body is no JSON"),
        ("", "the body is no JSON"),
        (String(repeating: "[", count: 50), "the body is nested deeper than 32 levels"),
    ])
    func `a wrong JSON value is shown beside the expected one`(body: String, words: String) throws {
        let judgement = try judge(["json": ["$.db": "ok"]], answer(200, body))
        #expect(!judgement.isGood)
        #expect(judgement.evidence == "status 200; \(words); took 12 ms")
    }

    @Test func `a huge body is not read as JSON`() throws {
        let huge = "\"" + String(repeating: "a", count: 300_000) + "\""
        let judgement = try judge(["json": ["$": "ok"]], answer(200, huge))
        #expect(
            judgement.evidence
                == "status 200; the body is larger than 256 KiB and was not read as JSON; took 12 ms"
        )
        #expect(!judgement.isGood)
    }

    @Test func `a header is found whatever its case and by any of its values`() throws {
        let headers = [HTTPField("x-color", "blue"), HTTPField("X-COLOR", "green")]
        let expect: Written = ["header": ["X-Color": "${color}"]]
        #expect(try judge(expect, answer(200, "", headers)).isGood)
    }

    @Test(arguments: [
        ([HTTPField("X-Color", "blue")], "header X-Color is 'blue', expected 'green'"),
        ([], "header X-Color is absent, expected 'green'"),
    ])
    func `a wrong header is shown beside the expected one`(
        headers: [HTTPField], words: String
    ) throws {
        let expect: Written = ["header": ["X-Color": "${color}"]]
        let judgement = try judge(expect, answer(200, "", headers))
        #expect(judgement.evidence == "status 200; \(words); took 12 ms")
        #expect(!judgement.isGood)
    }

    @Test(arguments: [
        ("release 2.8 is up", true), ("2.8", true), ("", false), ("2.", false),
        ("release 2.9", false),
    ])
    func `a body contains the expected text`(body: String, isGood: Bool) throws {
        let judgement = try judge(["body": "${version}"], answer(200, body))
        #expect(judgement.isGood == isGood)
    }

    @Test func `a body without the text says which text`() throws {
        #expect(
            try judge(["body": "${version}"], answer(200, "no")).evidence
                == "status 200; the body does not contain '2.8'; took 12 ms")
    }

    @Test func `a body that is no text can be searched`() throws {
        let body: [UInt8] = [0xFF, 0x00, 0x6F, 0x6B, 0xFE]
        #expect(try judge(["body": "ok"], HTTPAnswer(status: 200, body: body)).isGood)
    }

    @Test func `an answer that takes too long is bad, one that takes just so long is good`() throws
    {
        let expect: Written = ["maxLatency": "200ms"]
        #expect(try judge(expect, answer(elapsed: .milliseconds(200))).isGood)
        #expect(
            try judge(expect, answer(elapsed: .milliseconds(210))).evidence
                == "status 200; took 210 ms, expected at most 200 ms")
    }

    @Test func `everything that is wrong is said at once`() throws {
        let expect: Written = [
            "header": ["X-A": "1"], "body": "x", "json": ["$.a": 1], "maxLatency": "5ms",
        ]
        #expect(
            try judge(expect, answer(500, "{}")).evidence == """
                status 500, expected 200; header X-A is absent, expected '1'; \
                the body does not contain 'x'; $.a is absent, expected 1; \
                took 12 ms, expected at most 5 ms
                """)
    }

    @Test func `a long value is cut to 256 bytes`() throws {
        let value = String(repeating: "a", count: 5000)
        let judgement = try judge(
            ["header": ["X-A": "1"]], answer(200, "", [HTTPField("X-A", value)]))
        #expect(judgement.evidence.contains(String(repeating: "a", count: 256) + "…'"))
        #expect(!judgement.evidence.contains(String(repeating: "a", count: 257)))
    }

    @Test(arguments: ["20", "2000", "600", "0xx", "6xx", "ok", "2x", "-20", "+20", "2 0", "２００"])
    func `what is no status is a mistake`(text: String) {
        let report = Report()
        let section = (["status": .plain(text)] as Written).section(report)
        #expect(ExpectedAnswer(section, standardStatus: .exactly(200)) == nil)
        #expect(
            report.diagnostics == [
                Diagnostic(
                    at: section.position(of: "status"), "'\(text)' is no HTTP status",
                    hint: "write a status such as 200 or a class such as 2xx")
            ])
    }

    @Test func `every wrong path is reported`() {
        let report = Report()
        let section = (["json": ["db": "ok", "$..x": 1, "$.good": 1]] as Written).section(report)
        #expect(ExpectedAnswer(section, standardStatus: .exactly(200)) == nil)
        #expect(
            report.messages == [
                "'db' is no JSON path: it must begin with '$'",
                "'$..x' is no JSON path: expected a name at character 3",
            ])
    }

    @Test func `a name without a value is a failure`() throws {
        let section = (["body": "${live.version}"] as Written).section()
        let expectation = try #require(ExpectedAnswer(section, standardStatus: .exactly(200)))
        let failure = #expect(throws: Failure.self) {
            try expectation.judge(answer(), moment().substitutes)
        }
        #expect(failure?.code == .substituteMissing)
    }
}
