import PipelineModel
import Testing

struct ShapeReaderTests {
    @Test(arguments: [
        (
            "deploy: [{run: [a], timeout: 300}]",
            "'timeout' must be a duration such as 500ms, 5m or 1m30s, not '300'"
        ),
        (
            "deploy: [{run: [a], timeout: -5s}]",
            "'timeout' must be a duration such as 500ms, 5m or 1m30s, not '-5s'"
        ),
        ("deploy: [{run: [a], timeout: 0s}]", "'timeout' must be longer than nothing"),
        ("deploy: [{run: [a], timeout: 400d}]", "'timeout' must be at most 365d"),
        (
            "deploy: [{run: [a], timeout: 99999999999999999999s}]",
            "'timeout' must be a duration such as 500ms, 5m or 1m30s, not '99999999999999999999s'"
        ),
        ("deploy: [{run: [a], timeout: }]", "'timeout' has no value"),
        (
            "deploy: [{run: [a], timeout: [1s]}]",
            "'timeout' must be a duration such as 500ms, 5m or 1m30s, not a list"
        ),
        (
            "deploy: [{run: [a], retries: {attempts: '3'}}]",
            "'attempts' must be a whole number between 1 and 100"
        ),
        ("deploy: [{run: [a], retries: {attempts: 03}}]", "'attempts' has a leading zero: '03'"),
        (
            "deploy: [{run: [a], retries: {attempts: 0}}]",
            "'attempts' must be a whole number between 1 and 100, not '0'"
        ),
        (
            "deploy: [{run: [a], retries: {attempts: 1e2}}]",
            "'attempts' must be a whole number between 1 and 100, not '1e2'"
        ),
        (
            "deploy: [{run: [a], retries: {attempts: 99999999999999999999}}]",
            "'attempts' must be a whole number between 1 and 100, not '99999999999999999999'"
        ),
        ("deploy: [{run: [a], retries: 3}]", "'retries' must be a mapping, not '3'"),
        ("deploy: [{run: [a], idempotent: no}]", "'idempotent' must be true or false, not 'no'"),
        ("deploy: [{run: [a], idempotent: 'true'}]", "'idempotent' must be true or false"),
        (
            "deploy: [{run: [a], idempotent: false, retries: {attempts: 2}}]",
            "a step that is not idempotent cannot be retried"
        ),
        ("deploy: [{run: []}]", "'run' names no program"),
        ("deploy: [{run: ['', a]}]", "'run' names no program"),
        ("deploy: [{run: [a, [b]]}]", "an argument of 'run' must be text, not a list"),
        (
            "deploy: [{run: {a: b}}]",
            "'run' must be a list of arguments, or one line for the shell, not a mapping"
        ),
        ("deploy: [{timeout: 1s}]", "no action is named here"),
        ("deploy: [run]", "an item of 'deploy' must be a mapping, not 'run'"),
        ("deploy: {run: [a]}", "'deploy' must be a list of mappings, not a mapping"),
        ("deploy: [{run: [a], expect: {status: 200}}]", "unknown key 'expect'"),
        ("deploy: [{name: a, run: [a]}, {name: a, run: [b]}]", "the name 'a' is used twice"),
        (
            "deploy: [{name: '${env.USER_NAME}', run: [a]}]",
            "a name is shown and recorded: it cannot hold '${env.USER_NAME}'"
        ),
        ("checks: [{http: /a, run: [b]}]", "more than one check is named here: 'http' and 'run'"),
        ("checks: [{run: [b], expect: {status: 200}}]", "unknown key 'expect'"),
        (
            "checks: [{http: /a, expect: {status: OK}}]",
            "'status' must be a whole number between 100 and 599, not 'OK'"
        ),
        ("checks: [{http: /a, interval: 0s}]", "'interval' must be longer than nothing"),
        ("checks: [{http: /a, retries: {attempts: 3}}]", "unknown key 'retries'"),
        ("checks: [{http: /a, idempotent: false}]", "unknown key 'idempotent'"),
        ("checks: [{http: '/${colour}'}]", "unknown name '${colour}'"),
        ("checks: [{http: '/a$'}]", "a lone '$' means nothing; write '$$' for a dollar"),
        (
            "checks: [{http: '/${a${b}}'}]",
            "'${' within '${': values are filled in once, so names cannot be put together"
        ),
        ("checks: [{http: '/${}'}]", "'${}' names nothing"),
        ("checks: [{http: '/${color'}]", "'${' is never closed; write '$$' for a dollar"),
        ("checks: [{http: '/${env.a b}'}]", "unknown name '${env.a b}'"),
        ("checks: [{http: /a, expect: {json: {$.a: ['${nix}']}}}]", "unknown name '${nix}'"),
        ("release: {version: '${color}'}", "'${color}' has no value yet where this is read"),
        ("release: {config: a}", "'config' must be a list, not 'a'"),
        (
            "deploy: [{run: 'echo ${version}'}]",
            "'${version}' is not filled in within a shell command"
        ),
        (
            "deploy: [{run: 'echo ${env.TOKEN}'}]",
            "'${env.TOKEN}' is not filled in within a shell command"
        ),
        ("rollback: {auto: True}", "'auto' must be true or false, not 'True'"),
        ("rollback: true", "'rollback' must be a mapping, not 'true'"),
        ("rollback:", "'rollback' has no value"),
        ("bake: {}", "'bake' needs 'for'"),
        ("bake: {for: 1m, noData: hodl}", "'noData' must be one of hold, fail, not 'hodl'"),
        ("bake: {for: 2h}", "the old environment would be retired before the bake ends"),
        ("bake: {for: 1m, metrics: [{probe: p95}]}", "an item of 'metrics' needs 'pass'"),
        ("bake: {for: 1m, metrics: [{probe: p95, pass: []}]}", "'pass' is an empty list"),
        (
            "bake: {for: 1m, metrics: [{probe: p95, pass: '300ms'}]}",
            "'pass' must be a bound such as '< 1%' or '<= 1.2x baseline', not '300ms'"
        ),
        (
            "bake: {for: 1m, metrics: [{probe: p95, pass: ['< 1', '< nanx baseline']}]}",
            "an item of 'pass' must be a bound such as '< 1%' or '<= 1.2x baseline', not '< nanx baseline'"
        ),
        (
            "bake: {for: 1m, metrics: [{probe: p95, pass: '< 1', failWhen: 6 of 5}]}",
            "'failWhen' must be a count such as '3 of 5', not '6 of 5'"
        ),
        (
            "bake: {for: 2s, metrics: [{probe: p95, pass: '< 1'}]}",
            "the bake ends before 3 samples are taken"
        ),
        (
            "bake: {for: 1m, metrics: [{probe: p59, pass: '< 1'}]}",
            "'probe' must be one of errors, p95, not 'p59'"
        ),
        (
            "public: {url: 'http://h/', identity: {}}",
            "'identity' needs 'header' or 'json' or 'body'"
        ),
        (
            "public: {url: 'http://h/', identity: {header: A, json: $.a}}",
            "only one of 'header' and 'json' can be used"
        ),
        (
            "public: {url: 'http://h/', identity: {body: a, equals: b}}",
            "'equals' cannot be used with 'body'"
        ),
        (
            "public: {url: 'http://h/', identity: {json: a.b}}",
            "'json' must be a path such as $.a.b[0], not 'a.b'"
        ),
        (
            "public: {url: 'http://h/', identity: {json: '$[\"a\"]'}}",
            "'json' must be a path such as $.a.b[0], not '$[\"a\"]'"
        ),
        (
            "public: {url: 'http://h/', identity: {body: a}, connectTo: h}",
            "'connectTo' must be host:port"
        ),
        (
            "public: {url: 'http://h:0/', identity: {body: a}}",
            "'url' has a port that is not between 1 and 65535"
        ),
        ("public: {url: 'http:///x', identity: {body: a}}", "'url' has no host"),
        ("public: {identity: {body: a}}", "'public' needs 'url'"),
        ("stages: {../up: {}}", "a stage must have a name of letters, digits, '.', '_' and '-'"),
        ("stages: {prod: {relase: {}}}", "unknown key 'relase'"),
        ("stages: {prod: {stages: {}}}", "unknown key 'stages'"),
        (
            "retire: {after: soon}",
            "'after' must be a duration such as 500ms, 5m or 1m30s, not 'soon'"
        ),
        ("1: 2", "unknown key '1'"),
    ])
    func `a wrong value says what would be right`(line: String, message: String) {
        let messages = Sample.messages(adding: line + "\n")
        #expect(messages.filter { !$0.hasPrefix("the bake watches nothing") } == [message])
    }

    @Test(arguments: ["90%", ">= 1001% of live", ">= 99999999999999999999% of live"])
    func `a capacity that is no share of live is refused`(ready: String) {
        let text = Sample.minimal.split(separator: "\n").dropLast().joined(separator: "\n")
        let mistakes = Sample.mistakes(
            in: text + "\nswitch: {prove: readBack, capacity: {ready: '\(ready)'}}\n")
        #expect(
            mistakes == [
                "bluegreen.yaml:8:45: error: 'ready' must be a share such as '>= 100% of live'"
            ])
    }

    @Test(arguments: ["readback", "[readBack]", "5"])
    func `a proof is a word or a mapping`(value: String) {
        let text = Sample.minimal.split(separator: "\n").dropLast().joined(separator: "\n")
        let diagnostics = Sample.diagnostics(in: text + "\nswitch: {prove: \(value)}\n")
        #expect(diagnostics.contains { $0.message.hasPrefix("'prove' must be") })
    }

    @Test(arguments: [
        (
            "public: {url: 'http://h/', identity: {headers: X-A}, headers: {A: b}}",
            "did you mean 'header'?"
        ),
        ("checks: [{HTTP: /a}]", "did you mean 'http'?"),
        (
            "bake: {for: 1m, metrics: [{router: errorrate, pass: '< 1%'}]}",
            "did you mean 'errorRate'?"
        ),
        (
            "bake: {for: 1m, metrics: [{router: ERRORRATE, pass: '< 1%'}]}",
            "did you mean 'errorRate'?"
        ),
        (
            "bake: {for: 1m, metrics: [{probe: p95, pass: '< 1.5 x baseline'}]}",
            "write `< 1.5x baseline`"
        ),
        ("rollback: {auto: Yes}", "did you mean 'true'?"),
        ("rollback: {auto: OFF}", "did you mean 'false'?"),
    ])
    func `a near miss is answered with the word that was meant`(line: String, hint: String) {
        let hints = Sample.diagnostics(in: Sample.minimal + line + "\n").compactMap(\.hint)
        #expect(hints.contains(hint), "\(hints)")
    }

    @Test(arguments: [
        ("consecutive: 3, interval: 1s, timeout: 2s", "take 2 x 1s, and 'timeout' is 2s"),
        ("consecutive: 3, timeout: 1500ms", "take 2 x 1s, and 'timeout' is 1500ms"),
        ("consecutive: 700", "take 699 x 1s, and 'timeout' is 10m"),
    ])
    func `a check that can never pass is a mistake, with the figures`(
        settings: String, message: String
    ) {
        let messages = Sample.messages(adding: "checks: [{http: /a, \(settings)}]\n")
        #expect(messages.count == 1)
        #expect(messages.first?.hasPrefix("this check can never pass: ") == true)
        #expect(messages.first?.hasSuffix(message) == true, "\(messages)")
    }

    private static let largest = "9223372036854775807"

    /// Nothing may be counted with what is told to be wrong.
    @Test(arguments: [
        "checks: [{http: /a, consecutive: \(largest), interval: 60s}]",
        "checks: [{http: /a, consecutive: -9223372036854775808}]",
        "checks: [{http: /a, consecutive: 10000, interval: \(largest)ms}]",
        "fleet: {require: {quorum: \(largest)}}",
    ])
    func `a number beyond all bounds is a mistake`(line: String) {
        let text = Sample.minimal + line + "\n"
        let messages = Sample.mistakes(in: text)
        #expect(messages.contains { $0.contains(" must be ") }, "\(messages)")
        let lenient = LenientPipeline(
            [("bluegreen.yaml", Array(text.utf8))], stage: nil, vocabulary: Sample.vocabulary,
            constants: Constants())
        #expect(lenient.fleet == .all)
    }

    @Test(arguments: [
        "consecutive: 3, interval: 1s, timeout: 2001ms",
        "consecutive: 1, interval: 1h, timeout: 1s",
    ])
    func `a check that has just enough time is none`(settings: String) {
        #expect(Sample.messages(adding: "checks: [{http: /a, \(settings)}]\n") == [])
    }

    @Test(arguments: [#"echo \${version}"#, "echo $${version}"])
    func `a name of ours can be kept from the shell`(script: String) {
        #expect(Sample.messages(adding: "deploy: [{run: '\(script)'}]\n") == [])
    }

    @Test func `a shell command is told which variable to use`() {
        let diagnostics = Sample.diagnostics(
            in: Sample.minimal + "deploy: [{run: 'up ${live.color} ${HOME} $1 $$'}]\n")
        #expect(diagnostics.map(\.hint) == ["use \"$BLUEGREEN_LIVE_COLOR\""])
    }

    @Test func `the shell keeps its own dollars`() throws {
        let pipeline = try Sample.read(
            Sample.minimal + "deploy: [{run: 'echo $HOME ${USER:-x} $$ $(date)'}]\n")
        #expect(
            pipeline.deploy.first?.section.command("run")
                == .shell("echo $HOME ${USER:-x} $$ $(date)"))
    }

    @Test func `a threshold outside the bake has no baseline`() {
        let report = Report()
        let settings = SettingsDescription([Setting("pass", .threshold, .optional, "")])
        let position = Position(file: "f", line: 1, column: 1)
        let node = Node(
            .mapping([
                Node.Entry(
                    key: "pass", keyPosition: position,
                    value: Node(.scalar("< 2x baseline", isQuoted: true), at: position))
            ]), at: position)
        ShapeReader(vocabulary: Vocabulary([:]), report: report)
            .check(node, against: .section(settings), named: "it")
        #expect(report.diagnostics.map(\.message) == ["'pass' has no baseline to compare with"])
    }

    @Test func `numbers are text where text is asked`() throws {
        let pipeline = try Sample.read(Sample.minimal + "release: {version: 1.10}\n")
        #expect(pipeline.release.version == "1.10")
        let norwegian = try Sample.read(Sample.minimal + "release: {version: no}\n")
        #expect(norwegian.release.version == "no")
        let octal = try Sample.read(Sample.minimal + "release: {version: 012}\n")
        #expect(octal.release.version == "012")
    }

    @Test func `the same address for both colors is refused`() {
        let text = Sample.minimal.replacing("http://127.0.0.1:8082", with: "HTTP://127.0.0.1:8081/")
        #expect(
            Sample.mistakes(in: text) == [
                "bluegreen.yaml:5:16: error: blue and green have the same address"
            ])
    }

    @Test func `a router that is only a word is answered with what it must be`() {
        let text = Sample.minimal.replacing(
            "router:\n  haproxy: {socket: /run/haproxy.sock}", with: "router: haproxy")
        #expect(
            Sample.mistakes(in: text) == [
                "bluegreen.yaml:6:9: error: 'router' must be a mapping, not 'haproxy'"
            ])
    }

    @Test func `the settings of an adapter are held against its own description`() {
        let text = Sample.minimal.replacing(
            "{socket: /run/haproxy.sock}", with: "{sokcet: x, port: 0}")
        #expect(
            Sample.mistakes(in: text) == [
                "bluegreen.yaml:7:13: error: unknown key 'sokcet'",
                "bluegreen.yaml:7:30: error: 'port' must be a whole number between 1 and 65535,"
                    + " not '0'",
            ])
    }
}
