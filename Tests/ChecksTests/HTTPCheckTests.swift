import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Checks

private func ask(
    _ step: Written, _ wire: Wire, _ context: StepContext = moment()
) async throws -> CheckAnswer {
    let check = try #require(CheckCatalog.make("http", step.section(), world: wire.world))
    return await check.ask(context)
}

private func mistakes(_ step: Written) -> [String] {
    let report = Report()
    #expect(HTTPCheck(step.section(report), world: .offLimits) == nil)
    return report.messages
}

@Suite struct HTTPCheckTests {
    @Test func `a path is asked of the environment on a fresh connection`() async throws {
        let wire = Wire(200)
        let answer = try await ask(["http": "/healthz?v=${version}"], wire)
        #expect(
            wire.requests == [
                HTTPRequest(
                    "GET", "http://127.0.0.1:8082/healthz?v=2.8",
                    headers: [HTTPField("User-Agent", "bluegreen")], timeout: .seconds(5),
                    isOnFreshConnection: true)
            ])
        #expect(
            answer
                == CheckAnswer(
                    isGood: true,
                    evidence: "GET http://127.0.0.1:8082/healthz?v=2.8: status 200; took 12 ms"))
    }

    @Test func `a whole address is asked as it is`() async throws {
        let wire = Wire(200)
        _ = try await ask(["http": "https://shop-${color}.example.com/up"], wire)
        #expect(wire.requests.map(\.url) == ["https://shop-green.example.com/up"])
    }

    @Test func `a bad answer shows value, expectation and the body's beginning`() async throws {
        let body = "{\"db\":\"down\"}" + String(repeating: " ", count: 400)
        let answer = try await ask(
            ["http": "/healthz", "expect": ["json": ["$.db": "ok"]]], Wire(503, body))
        #expect(
            answer
                == CheckAnswer(
                    isGood: false,
                    evidence: """
                        GET http://127.0.0.1:8082/healthz: status 503, expected 200; \
                        $.db is "down", expected "ok"; took 12 ms; \
                        body: {"db":"down"}\(String(repeating: " ", count: 243))…
                        """))
    }

    @Test func `a bad answer without a body says so`() async throws {
        let answer = try await ask(["http": "/"], Wire(404))
        #expect(
            answer.evidence
                == "GET http://127.0.0.1:8082/: status 404, expected 200; took 12 ms; no body")
    }

    @Test func `a redirect is an answer like any other`() async throws {
        let wire = Wire(302, headers: [HTTPField("Location", "http://169.254.169.254/")])
        #expect(try await !ask(["http": "/"], wire).isGood)
        #expect(wire.requests.count == 1)
    }

    @Test func `no answer at all is a bad one that says why`() async throws {
        let wire = Wire { _ throws(HTTPFailure) in
            throw HTTPFailure(.refused, "connection refused by 127.0.0.1:8082")
        }
        #expect(
            try await ask(["http": "/healthz"], wire)
                == CheckAnswer(
                    isGood: false,
                    evidence: "GET http://127.0.0.1:8082/healthz: "
                        + "connection refused by 127.0.0.1:8082"))
    }

    @Test func `method, headers and a text are sent as written`() async throws {
        let wire = Wire(200)
        _ = try await ask(
            [
                "http": "/carts", "method": "PUT", "body": "v=${version}",
                "headers": [
                    "Authorization": "Bearer ${env.TOKEN}", "user-agent": "probe/${version}",
                ],
            ], wire)
        let request = try #require(wire.requests.first)
        #expect(request.method == "PUT")
        #expect(String(decoding: request.body, as: UTF8.self) == "v=2.8")
        #expect(
            request.headers == [
                HTTPField("Authorization", "Bearer s3cret"), HTTPField("user-agent", "probe/2.8"),
            ])
    }

    @Test func `a JSON body keeps the kinds of its values`() async throws {
        let wire = Wire(200)
        _ = try await ask(
            [
                "http": "/carts", "method": "POST",
                "json": [
                    "n": 8, "t": .quoted("8"), "up": true, "none": "null", "zip": "012",
                    "v": "${version}", "list": [1, ["a": "b\"${color}"]], "price": "$$5",
                ],
            ], wire)
        let request = try #require(wire.requests.first)
        #expect(
            String(decoding: request.body, as: UTF8.self) == """
                {"list":[1,{"a":"b\\"green"}],"n":8,"none":null,"price":"$5","t":"8","up":true,\
                "v":"2.8","zip":"012"}
                """)
        #expect(request.header("Content-Type") == "application/json")
    }

    @Test func `a written content type is kept`() async throws {
        let wire = Wire(200)
        _ = try await ask(
            ["http": "/", "json": [1], "headers": ["content-type": "application/x+json"]], wire)
        #expect(wire.requests.first?.header("Content-Type") == "application/x+json")
    }

    @Test func `one request never gets more time than the whole check`() async throws {
        let wire = Wire(200)
        _ = try await ask(["http": "/"], wire, moment(timeout: .seconds(2)))
        #expect(wire.requests.map(\.timeout) == [.seconds(2)])
    }

    @Test(arguments: [
        (
            "http://${version}/", "169.254.169.254",
            "link-local and metadata addresses are not asked"
        ),
        ("http://shop/${version}", "a b", "the address contains a blank"),
        ("${version}", "file:///etc/passwd", "a request needs a path or an http address"),
        ("http://${version}/", "ana:pw@shop", "credentials do not belong into an address"),
    ])
    func `an address that a value makes dangerous is not asked`(
        address: String, version: String, words: String
    ) async throws {
        let wire = Wire(200)
        let answer = try await ask(["http": .plain(address)], wire, moment(["version": version]))
        #expect(!answer.isGood)
        #expect(answer.evidence.hasPrefix("A request was not sent: \(words)"))
        #expect(wire.requests.isEmpty)
    }

    @Test func `a header that a value would split is not sent`() async throws {
        let wire = Wire(200)
        let answer = try await ask(
            ["http": "/", "headers": ["X-Version": "${version}"]], wire,
            moment(["version": "1\r\nX-Admin: yes"]))
        #expect(
            answer
                == CheckAnswer(
                    isGood: false,
                    evidence: "The header X-Version would contain a control character."))
        #expect(wire.requests.isEmpty)
    }

    @Test func `a name without a value is a bad answer that says which`() async throws {
        let answer = try await ask(["http": "/${live.version}"], Wire(200))
        #expect(!answer.isGood)
        #expect(answer.evidence.hasPrefix("'live.version' at bluegreen.yaml:"))
    }
}

@Suite struct HTTPCheckReadingTests {
    @Test func `every mistake of a step is reported at once`() {
        let found = mistakes([
            "http": "ftp://shop/", "headers": ["X Y": "1", "Content-Length": "5"],
            "body": "a", "json": [1], "expect": ["status": "ok", "json": ["db": 1]],
        ])
        #expect(
            found == [
                "a request needs a path or an http address",
                "'X Y' cannot be the name of a header",
                "'Content-Length' is no header that a request may set",
                "'body' and 'json' exclude each other", "'ok' is no HTTP status",
                "'db' is no JSON path: it must begin with '$'",
            ])
    }

    @Test func `a captured value is unknown outside a transaction`() {
        let report = Report()
        let step: Written = ["http": "/carts/${capture.cart}"]
        let section = step.section(report)
        _ = HTTPCheck(section, world: .offLimits)
        #expect(
            report.diagnostics == [
                Diagnostic(
                    at: section.position(of: "http"), "nothing before this captures 'cart'",
                    hint: "only an earlier request of the same transaction can capture a value")
            ])
    }

    @Test func `a step without the key is left to the reader`() {
        #expect(mistakes(["expect": ["status": 200]]) == [])
    }
}

extension HTTPRequest {
    fileprivate func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
