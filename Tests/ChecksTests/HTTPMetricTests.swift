import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Checks

private let orders: Written = ["http": "http://metrics:9000/${color}", "json": "$.orders"]
private let asked = "GET http://metrics:9000/green"

@Suite struct HTTPMetricTests {
    @Test(arguments: [
        ("8", Measurement.value(8)), ("0", .value(0)), ("-1.5", .value(-1.5)),
        ("2.5e3", .value(2500)), ("\"0.25\"", .value(0.25)), ("\"1e-3\"", .value(0.001)),
        ("null", .noData("\(asked): $.orders is null, not a number")),
        ("true", .noData("\(asked): $.orders is true, not a number")),
        ("\"NaN\"", .noData("\(asked): $.orders is \"NaN\", not a number")),
        ("\"\"", .noData("\(asked): $.orders is \"\", not a number")),
        ("\"inf\"", .noData("\(asked): $.orders is \"inf\", not a number")),
        ("\"0x10\"", .noData("\(asked): $.orders is \"0x10\", not a number")),
        ("\"1,5\"", .noData("\(asked): $.orders is \"1,5\", not a number")),
        ("\" 1\"", .noData("\(asked): $.orders is \" 1\", not a number")),
        ("[1]", .noData("\(asked): $.orders is [1], not a number")),
        ("NaN", .noData("\(asked); the body is no JSON")),
        ("1e999", .noData("\(asked); the body is no JSON")),
    ])
    func `a number is measured and anything else is no data`(
        value: String, expected: Measurement
    ) async throws {
        let wire = Wire(200, "{\"orders\": \(value)}")
        #expect(try await measure("http", orders, world: wire.world) == expected)
    }

    @Test func `a missing number is no data`() async throws {
        let measured = try await measure("http", orders, world: Wire(200, "{}").world)
        #expect(measured == .noData("\(asked): nothing at $.orders"))
    }

    @Test func `a bad status is no data, whatever the body says`() async throws {
        let wire = Wire(503, "{\"orders\": 0}")
        let measured = try await measure("http", orders, world: wire.world)
        #expect(measured == .noData("\(asked): status 503, expected 2xx"))
    }

    @Test func `no answer is no data and says why`() async throws {
        let wire = Wire { _ throws(HTTPFailure) in throw HTTPFailure(.timedOut, "no answer in 5 s")
        }
        let measured = try await measure("http", orders, world: wire.world)
        #expect(measured == .noData("\(asked): no answer in 5 s"))
    }

    @Test func `the request may use a pooled connection and carries its headers`() async throws {
        let wire = Wire(200, "7")
        let metric: Written = [
            "http": "/stats", "json": "$", "headers": ["Authorization": "Bearer ${env.TOKEN}"],
        ]
        #expect(try await measure("http", metric, world: wire.world) == .value(7))
        #expect(
            wire.requests == [
                HTTPRequest(
                    "GET", "http://127.0.0.1:8082/stats",
                    headers: [
                        HTTPField("Authorization", "Bearer s3cret"),
                        HTTPField("User-Agent", "bluegreen"),
                    ])
            ])
    }

    @Test func `its mistakes are reported together`() {
        let report = Report()
        let metric: Written = ["http": "metrics:9000", "json": "orders"]
        #expect(HTTPMetric(metric.section(report), world: .offLimits) == nil)
        #expect(
            report.messages == [
                "a request needs a path or an http address",
                "'orders' is no JSON path: it must begin with '$'",
            ])
    }

    @Test func `it needs nothing counted`() {
        #expect(HTTPMetric(orders.section(), world: .offLimits)?.needs == [])
    }
}
