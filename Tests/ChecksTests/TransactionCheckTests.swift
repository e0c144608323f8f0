import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Checks

private func ask(_ requests: Written, _ wire: Wire) async throws -> CheckAnswer {
    let step: Written = ["transaction": requests]
    let check = try #require(CheckCatalog.make("transaction", step.section(), world: wire.world))
    return await check.ask(moment())
}

private func mistakes(_ requests: Written) -> [String] {
    let report = Report()
    let step: Written = ["transaction": requests]
    #expect(TransactionCheck(step.section(report), world: .offLimits) == nil || report.hasErrors)
    return report.messages
}

/// A shop that gives out cart 7 and knows no other.
private func shop() -> Wire {
    Wire { request throws(HTTPFailure) in
        switch (request.method, request.url) {
        case ("POST", "http://127.0.0.1:8082/carts"):
            json(201, "{\"id\": 7, \"key\": \"k\"}")
        case ("GET", "http://127.0.0.1:8082/carts/7"): json(200, "{\"id\": 7}")
        default: json(404, "no such cart")
        }
    }
}

private func json(_ status: Int, _ body: String) -> HTTPAnswer {
    HTTPAnswer(status: status, body: Array(body.utf8), elapsed: .milliseconds(10))
}

private let carts: Written = [
    ["post": "/carts", "json": ["sku": "a"], "capture": ["cart": "$.id", "key": "$['key']"]],
    [
        "get": "/carts/${capture.cart}", "headers": ["X-Key": "${capture.key}"],
        "expect": ["status": 200, "json": ["$.id": "${capture.cart}"]],
    ],
]

@Suite struct TransactionCheckTests {
    @Test func `requests are sent in order with captured values`() async throws {
        let shop = shop()
        let answer = try await ask(carts, shop)
        #expect(answer == CheckAnswer(isGood: true, evidence: "2 requests good in 20 ms"))
        let sent = shop.requests
        #expect(sent.map(\.method) == ["POST", "GET"])
        #expect(sent.last?.url == "http://127.0.0.1:8082/carts/7")
        #expect(sent.last?.headers.contains(HTTPField("X-Key", "k")) == true)
        #expect(sent.map(\.isOnFreshConnection) == [true, true])
    }

    @Test func `the first bad answer ends it and says which request it was`() async throws {
        let shop = shop()
        let answer = try await ask(
            [["post": "/carts"], ["get": "/carts/8"], ["get": "/never"]], shop)
        #expect(
            answer
                == CheckAnswer(
                    isGood: false,
                    evidence: """
                        request 2 of 3: GET http://127.0.0.1:8082/carts/8: \
                        status 404, expected 2xx; took 10 ms; body: no such cart
                        """))
        #expect(!shop.requests.contains { $0.url.hasSuffix("/never") })
    }

    @Test func `an answer without the value to capture is bad`() async throws {
        let answer = try await ask([["post": "/carts", "capture": ["cart": "$.uuid"]]], shop())
        #expect(
            answer
                == CheckAnswer(
                    isGood: false,
                    evidence: """
                        request 1 of 1: POST http://127.0.0.1:8082/carts: status 201; took 10 ms; \
                        nothing at $.uuid that could be captured as 'cart'
                        """))
    }

    @Test(arguments: ["null", "[1]", "{\"a\": 1}"])
    func `only text, numbers and Booleans can be captured`(value: String) async throws {
        let wire = Wire(200, "{\"id\": \(value)}")
        let answer = try await ask([["get": "/", "capture": ["id": "$.id"]]], wire)
        #expect(answer.evidence.hasSuffix("nothing at $.id that could be captured as 'id'"))
    }

    @Test func `a body that is no JSON cannot be captured from`() async throws {
        let answer = try await ask(
            [["get": "/", "capture": ["id": "$.id"]]], Wire(200, "<html>"))
        #expect(answer.evidence.hasSuffix("took 12 ms; the body is no JSON"))
        #expect(!answer.isGood)
    }

    @Test func `a long number is captured to its last digit`() async throws {
        let wire = Wire(200, "{\"id\": 9007199254740993}")
        _ = try await ask(
            [["get": "/", "capture": ["id": "$.id"]], ["get": "/${capture.id}"]], wire)
        #expect(wire.requests.last?.url == "http://127.0.0.1:8082/9007199254740993")
    }

    @Test func `a captured value cannot lead to a forbidden address`() async throws {
        let wire = Wire(200, "{\"next\": \"http://169.254.169.254/\"}")
        let answer = try await ask(
            [["get": "/", "capture": ["next": "$.next"]], ["get": "${capture.next}"]], wire)
        #expect(answer.evidence.hasPrefix("request 2 of 2: A request was not sent: link-local"))
        #expect(wire.requests.count == 1)
    }

    @Test func `a captured value is not searched for names`() async throws {
        let wire = Wire(200, "{\"id\": \"$${version}\"}")
        _ = try await ask(
            [["get": "/", "capture": ["id": "$.id"]], ["post": "/", "body": "${capture.id}"]], wire)
        #expect(
            wire.requests.last.map { String(decoding: $0.body, as: UTF8.self) } == "$${version}")
    }

    @Test func `captures do not outlive one asking`() async throws {
        let step: Written = ["transaction": carts]
        let check = try #require(
            CheckCatalog.make("transaction", step.section(), world: shop().world))
        let answers = [await check.ask(moment()), await check.ask(moment())]
        #expect(answers.map(\.isGood) == [true, true])
    }

    @Test func `cookies are kept from request to request`() async throws {
        let wire = Wire(200, headers: [HTTPField("Set-Cookie", "sid=1; Path=/; HttpOnly")])
        _ = try await ask([["post": "/login"], ["get": "/me"]], wire)
        let cookies = wire.requests.map { $0.headers.filter { $0.name == "Cookie" }.map(\.value) }
        #expect(cookies == [[], ["sid=1"]])
    }
}

@Suite struct TransactionCheckReadingTests {
    @Test func `a transaction needs a request`() {
        #expect(mistakes([]) == ["'transaction' has no request"])
    }

    @Test func `a request has exactly one method`() {
        #expect(
            mistakes([["expect": ["status": 200]], ["get": "/", "post": "/"]]) == [
                "this request has no method", "this request has more than one method",
            ])
    }

    @Test func `a value is known only after the request that captures it`() {
        let found = mistakes([
            ["get": "/${capture.cart}", "capture": ["cart": "$.id"]],
            ["post": "/", "json": ["a": ["${capture.cart}", "${capture.card}"]]],
            ["get": "/", "expect": ["header": ["X-A": "${capture.user}"]]],
        ])
        #expect(
            found == [
                "nothing before this captures 'cart'", "nothing before this captures 'card'",
                "nothing before this captures 'user'",
            ])
    }

    @Test(arguments: ["", "a b", "a.b", "${x}", "é"])
    func `a captured value needs a plain name`(name: String) {
        #expect(
            mistakes([["get": "/", "capture": .mapping([(name, .plain("$.id"))])]]) == [
                "'\(name)' is no name for a captured value"
            ])
    }

    @Test func `a capture needs a path`() {
        #expect(
            mistakes([["get": "/", "capture": ["id": "id"]]]) == [
                "'id' is no JSON path: it must begin with '$'"
            ])
    }
}

@Suite struct CookieJarTests {
    private func cookies(_ lines: [String], to url: String) -> String? {
        var jar = CookieJar()
        for line in lines {
            let answer = HTTPAnswer(status: 200, headers: [HTTPField("set-cookie", line)])
            jar.take(from: answer, url: "http://shop:80/login")
        }
        return jar.header(for: url)?.value
    }

    @Test(
        arguments: [
            (["a=1", "b=2"], "a=1; b=2"), (["a=1", "a=2"], "a=2"), (["a=b=c"], "a=b=c"),
            ([" a = 1 ; Secure"], "a=1"), (["a=1", "a=; Max-Age=0"], nil),
            (["a=1; max-age=-1"], nil),
            (["a=1; Max-Age=60"], "a=1"), (["=1"], nil), ([""], nil), ([";"], nil), (["a"], "a="),
        ] as [([String], String?)])
    func `what is set is sent back`(lines: [String], sent: String?) {
        #expect(cookies(lines, to: "http://shop:80/cart?x") == sent)
    }

    @Test(arguments: ["https://shop:80/", "http://shop/", "http://shop:81/", "http://evil/"])
    func `another origin gets none`(url: String) {
        #expect(cookies(["a=1"], to: url) == nil)
    }

    @Test func `a query does not belong to the origin`() {
        #expect(cookies(["a=1"], to: "http://shop:80?x=1") == "a=1")
    }
}
