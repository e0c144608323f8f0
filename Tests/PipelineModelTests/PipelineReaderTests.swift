import PipelineModel
import Testing

struct PipelineReaderTests {
    @Test func `everything a pipeline can say arrives as values`() throws {
        let pipeline = try Sample.read(Self.everything)
        #expect(pipeline.service == "shop")
        #expect(pipeline.colors[.green]?.url == "http://127.0.0.1:8082")
        #expect(pipeline.routers.map(\.name) == ["haproxy"])
        #expect(pipeline.routers.first?.section.text("key") == "shop")
        #expect(pipeline.entrance?.url == "http://127.0.0.1:8080/version")
        #expect(pipeline.entrance?.identity.place == .header("X-Color"))
        #expect(pipeline.entrance?.identity.expected.parts == [.name("color")])
        #expect(pipeline.entrance?.headers == ["x-probe": "1"])
        #expect(pipeline.release.config == ["deploy/*.env"])
        #expect(pipeline.release.artifact?.names == ["version"])
        #expect(pipeline.rollsBackAutomatically == false)
    }

    @Test func `steps carry their patience`() throws {
        let pipeline = try Sample.read(Self.everything)
        let step = try #require(pipeline.deploy.first)
        #expect(step.name == "run docker")
        #expect(step.kind == "run")
        #expect(step.timeout == .seconds(300))
        #expect(step.retries == Retries(attempts: 3, delay: .seconds(2)))
        #expect(step.environment.map(\.name) == ["TAG"])
        #expect(step.passEnvironment == ["DOCKER_HOST"])
        #expect(pipeline.retire.after == .seconds(7200))
        #expect(pipeline.retire.steps.map(\.name) == ["run docker"])
        guard case .vector(let arguments)? = step.section.command("run") else {
            Issue.record("the command is an argument vector")
            return
        }
        #expect(arguments.count == 7)
    }

    @Test func `checks carry interval, consecutive passes and what is expected`() throws {
        let checks = try Sample.read(Self.everything).checks
        #expect(checks.map(\.step.name) == ["healthy", "transaction", "run npm", "http /ready"])
        #expect(checks[0].interval == .seconds(2))
        #expect(checks[0].consecutive == 3)
        #expect(checks[0].step.timeout == .seconds(60))
        #expect(checks[0].step.section.section("expect")?.integer("status") == 200)
        #expect(checks[1].requestTimeout == .seconds(5))
    }

    @Test func `switch and bake carry their numbers`() throws {
        let pipeline = try Sample.read(Self.everything)
        #expect(pipeline.switching.proof == .probes(consecutive: 10, within: .seconds(3)))
        #expect(pipeline.switching.readyShare == Percent(50))
        #expect(pipeline.switching.drainTimeout == .seconds(45))
        #expect(pipeline.switching.readyFor == .seconds(600))
        let bake = try #require(pipeline.bake)
        #expect(bake.duration == .seconds(600))
        #expect(bake.minimumSamples == 200)
        #expect(bake.noData == .fail)
        #expect(bake.metrics.map(\.name) == ["errors", "probe p95"])
        #expect(bake.metrics[0].failWhen == CountOf(2, of: 4))
        #expect(bake.metrics[1].pass.map(\.written) == ["< 300ms", "<= 1.2x baseline"])
    }

    @Test func `what is not said has the documented default`() throws {
        let pipeline = try Sample.read(Sample.minimal)
        #expect(pipeline.switching.proof == .readBack)
        #expect(pipeline.switching.readyShare == Percent(100))
        #expect(pipeline.bake == nil)
        #expect(pipeline.entrance == nil)
        #expect(pipeline.rollsBackAutomatically)
        #expect(pipeline.retire.after == .seconds(3600))
        #expect(pipeline.stage == nil)
    }

    @Test func `a body identity is itself what is expected`() throws {
        let pipeline = try Sample.read(
            Sample.minimal + "public: {url: 'http://h/v', identity: {body: 'v${version}'}}\n")
        #expect(pipeline.entrance?.identity.place == .body)
        #expect(pipeline.entrance?.identity.expected.parts == [.text("v"), .name("version")])
    }

    @Test func `steps without names that do the same are numbered`() throws {
        let pipeline = try Sample.read(
            Sample.minimal + "deploy: [{run: [/bin/docker, pull]}, {run: docker up}]\n")
        #expect(pipeline.deploy.map(\.name) == ["run docker", "run docker 2"])
    }

    @Test func `every mistake is told at once, in the order of the file`() {
        let text = """
            apiVersion: bluegreen/v1
            service: ../shop
            colors:
              blue: {url: ftp://127.0.0.1}
              red: {url: http://127.0.0.1}
            router:
              haprxy:
                socket: /run/haproxy.sock
            deploy:
              - run: ["docker", "up"]
                timeout: 300
              - nmae: second
            gate: {approvals: 1}
            x-note: ignored
            """
        #expect(
            Sample.mistakes(in: text) == [
                "bluegreen.yaml:1:1: error: a switch is proven through 'public', which is missing",
                "bluegreen.yaml:2:10: error: 'service' must be a name of letters, digits, '.', '_'"
                    + " and '-', not '../shop'",
                "bluegreen.yaml:4:3: error: 'colors' needs 'green'",
                "bluegreen.yaml:4:15: error: 'url' must be an address that begins with http:// or"
                    + " https://",
                "bluegreen.yaml:5:3: error: unknown key 'red'",
                "bluegreen.yaml:7:3: error: unknown key 'haprxy'",
                "bluegreen.yaml:11:14: error: 'timeout' must be a duration such as 500ms, 5m or"
                    + " 1m30s, not '300'",
                "bluegreen.yaml:12:5: error: unknown key 'nmae'",
                "bluegreen.yaml:13:1: error: 'gate' is designed but not built yet",
            ])
    }

    @Test func `a mistyped key hides no mistake beneath it or beside it`() {
        let text = """
            apiVersion: bluegreen/v1
            servce: shop
            colors:
              blue: {url: "http://127.0.0.1:8081"}
              green: {url: "127.0.0.1:8082"}
            router:
              haprxy: {port: 0}
            switch: {prove: readBack}
            chekcs:
              - htp: /healthz
                consecutive: x
                expect: {status: 20}
            bake:
              fro: 5
              metrics:
                - probe: p96
            """
        #expect(
            Sample.mistakes(in: text) == [
                "bluegreen.yaml:2:1: error: unknown key 'servce'",
                "bluegreen.yaml:5:16: error: 'url' must be an address that begins with http:// or"
                    + " https://",
                "bluegreen.yaml:7:3: error: unknown key 'haprxy'",
                "bluegreen.yaml:7:11: error: 'haprxy' needs 'socket'",
                "bluegreen.yaml:7:18: error: 'port' must be a whole number between 1 and 65535,"
                    + " not '0'",
                "bluegreen.yaml:9:1: error: unknown key 'chekcs'",
                "bluegreen.yaml:10:5: error: unknown key 'htp'",
                "bluegreen.yaml:11:18: error: 'consecutive' must be a whole number between 1 and"
                    + " 10000, not 'x'",
                "bluegreen.yaml:12:22: error: 'status' must be a whole number between 100 and 599,"
                    + " not '20'",
                "bluegreen.yaml:14:3: error: unknown key 'fro'",
                "bluegreen.yaml:14:8: error: 'fro' must be a duration such as 500ms, 5m or 1m30s,"
                    + " not '5'",
                "bluegreen.yaml:16:7: error: an item of 'metrics' needs 'pass'",
                "bluegreen.yaml:16:14: error: 'probe' must be one of errors, p95, not 'p96'",
            ])
    }

    @Test func `a mistyped key is answered with the one that was meant`() {
        let diagnostics = Sample.diagnostics(in: Sample.minimal + "relase: {version: '1'}\n")
        #expect(diagnostics.map(\.hint) == ["did you mean 'release'?"])
    }

    @Test func `a key nobody could mean is answered with the list`() {
        let diagnostics = Sample.diagnostics(in: Sample.minimal + "rollback: {whenever: true}\n")
        #expect(diagnostics.map(\.hint) == ["known: auto"])
    }

    @Test func `an environment variable that is not set is named`() {
        let diagnostics = Sample.diagnostics(
            in: Sample.minimal + "release: {version: \"${env.TAG}\"}\n")
        #expect(diagnostics.map(\.message) == ["'env.TAG' has no value"])
        #expect(diagnostics.first?.hint == "set the environment variable TAG")
    }

    @Test func `credentials in an address are refused and not repeated`() {
        let messages = Sample.mistakes(
            in: Sample.minimal + "public: {url: 'https://ana:secret@h/', identity: {body: x}}\n")
        #expect(
            messages == ["bluegreen.yaml:9:15: error: 'url' must not hold a user name or password"])
    }

    @Test func `a message cannot steer the terminal`() {
        let messages = Sample.messages(adding: #""a\e[31m\nb": 1"# + "\n")
        #expect(messages == ["unknown key 'a?[31m?b'"])
    }

    @Test func `a warning does not stop the reading`() throws {
        let report = Report()
        _ = try Sample.read(Sample.minimal + "bake: {for: 1m}\n", report: report)
        #expect(
            report.diagnostics.map(\.description) == [
                "bluegreen.yaml:9:7: warning: the bake watches nothing, so it always passes"
            ])
    }

    @Test(arguments: [
        ("parity", "parity: []"), ("migrations", "migrations: {files: a}"),
        ("gate", "gate: {approvals: 1}"), ("notify", "notify: []"),
        ("cases", "checks: [{cases: a.jsonl}]"), ("process", "deploy: [{process: {}}]"),
        ("prometheus", "bake: {for: 1m, metrics: [{prometheus: {}, pass: '< 1'}]}"),
        ("kubernetes", "router: {kubernetes: {}}"), ("nginx", "router: {nginx: {}}"),
    ])
    func `what is designed but not built says so`(name: String, line: String) {
        let replaced = line.prefix { $0 != ":" }
        let base = Sample.minimal.split(separator: "\n").filter { kept in
            !kept.hasPrefix(replaced) && !(replaced == "router" && kept.hasPrefix("  haproxy"))
        }
        let messages = Sample.diagnostics(in: base.joined(separator: "\n") + "\n" + line + "\n")
            .map(\.message)
        #expect(messages.contains("'\(name)' is designed but not built yet"))
    }

    static let everything = """
        apiVersion: bluegreen/v1
        service: shop

        colors:
          blue:
            url: http://127.0.0.1:8081
          green:
            url: http://127.0.0.1:8082/

        router:
          haproxy:
            socket: /run/haproxy/admin.sock
            map: /etc/haproxy/bluegreen.map
            key: shop

        public:
          url: http://127.0.0.1:8080/version
          headers: {x-probe: 1}
          identity:
            header: X-Color

        release:
          artifact: registry.example.com/shop:${version}
          config: [deploy/*.env]

        deploy:
          - run: ["docker", "compose", "-p", "shop-${color}", "up", "-d", "--wait"]
            timeout: 5m
            env: {TAG: "${version}"}
            passEnv: [DOCKER_HOST]
            retries: {attempts: 3, delay: 2s}

        checks:
          - name: healthy
            http: /healthz
            interval: 2s
            consecutive: 3
            timeout: 60s
            expect:
              status: 200
              json: {"$.db": ok}
              maxLatency: 200ms
          - transaction:
              - post: /carts
                capture: {cart: "$.id"}
              - get: /carts/${capture.cart}
                expect: {status: 200}
          - run: ["npm", "run", "smoke", "--", "--base", "${url}"]
          - http: /ready

        switch:
          prove: {consecutive: 10, within: 3s}
          capacity: {ready: ">= 50% of live"}
          drain: {timeout: 45s}
          readyFor: 10m

        bake:
          for: 10m
          interval: 1s
          minSamples: 200
          noData: fail
          metrics:
            - name: errors
              router: errorRate
              pass: "< 1%"
              failWhen: 2 of 4
            - probe: p95
              pass: ["< 300ms", "<= 1.2x baseline"]

        rollback:
          auto: false

        retire:
          after: 2h
          steps:
            - run: ["docker", "compose", "-p", "shop-${color}", "stop"]

        """
}
