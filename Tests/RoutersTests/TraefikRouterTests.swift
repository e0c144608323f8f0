import Contracts
import Foundation
import PipelineModel
import TestWorld
import Testing

@testable import Routers

@Suite struct TraefikRouterTests {
    private let traefik = FakeTraefik()
    private let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    private func written(_ router: TraefikRouter) async throws -> WriteResult {
        await router.write(green, expecting: try await router.observe())
    }

    @Test func `what Traefik has not taken up is not known, and shows as what comes later`()
        async throws
    {
        let router = try traefik.router()
        traefik.watches(false)
        let result = try await written(router)
        #expect(result.isUnknown)
        #expect(result.failure?.message.contains("providersThrottleDuration") == true)
        #expect(router.slowedBy?.contains("providersThrottleDuration") == true)
        let before = try await router.observe()
        #expect(before.color == .blue)
        #expect(before.durable == .differs(.color(.green)))
        traefik.watches(true)
        let after = try await router.observe()
        #expect(after.color == .green)
        #expect(after.token == green.token)
        #expect(after.durable == .same)
    }

    @Test func `a file from before there were testers is still ours`() async throws {
        let old = TraefikFile.text(
            Datum(live: .blue, token: Token(number: 70)), "shop", hasIdle: false)
        #expect(!old.contains("shop-idle"))
        traefik.disk[FakeTraefik.path] = Array(old.utf8)
        let router = try traefik.router()
        let seen = try await router.observe()
        #expect(seen.color == .blue && seen.durable == .same)
        #expect(seen.token == Token(number: 70))
        #expect(await router.write(green, expecting: seen) == .refusedStale(Token(number: 70)))
    }

    @Test(arguments: [(Color.blue, 95, 5), (.green, 5, 95)])
    func `a share is two weights, and testers go to idle`(
        live: Color, blue: Int, green: Int
    ) async throws {
        let share = Datum(live: live, idlePercent: 5, token: Token(number: 70))
        let router = try traefik.router()
        let before = try await router.observe()
        #expect(await router.write(share, expecting: before) == .applied)
        let bytes = try #require(traefik.disk[FakeTraefik.path])
        let text = String(decoding: bytes, as: UTF8.self)
        for (color, weight) in [("blue", blue), ("green", green)] {
            let lines = "- name: shop-\(color)\n            weight: \(weight)\n"
            #expect(text.contains(lines), "\(text)")
        }
        let idle = try #require(text.components(separatedBy: "shop-idle:").last)
        #expect(idle.contains("- name: shop-\(live.other)\n            weight: 1\n"))
        #expect(!idle.contains("- name: shop-\(live)\n"))
    }

    @Test func `a token in the file counts before Traefik has it`() async throws {
        let router = try traefik.router()
        let before = try await router.observe()
        traefik.watches(false)
        _ = await router.write(green, expecting: before)
        let stale = Datum(live: .blue, token: Token(number: 1))
        #expect(await router.write(stale, expecting: before) == .refusedStale(green.token))
    }

    @Test(arguments: [
        "", "nonsense", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{}",
        "HTTP/1.1 404 Not Found\r\n\r\n404 page not found\n",
        "HTTP/1.1 500 Oh\r\n\r\n{\"message\":\"x\"}",
    ])
    func `garbage is never a colour`(answer: String) async throws {
        let router = try traefik.router()
        let before = try await router.observe()
        traefik.answer("/api/http/services/shop-live@file", with: answer)
        let failure = await #expect(throws: Failure.self) { try await router.observe() }
        #expect(failure?.code == .routerGarbled)
        #expect(await router.write(green, expecting: before) != .applied)
    }

    @Test(arguments: [
        #"{"weighted":{"services":[{"name":"shop-blue","weight":9},{"name":"shop-green","weight":1}]},"status":"enabled"}"#,
        #"{"weighted":{"services":[{"name":"shop-red","weight":1}]},"status":"enabled"}"#,
        #"{"weighted":{"services":[{"name":"shop-blue","weight":0}]},"status":"enabled"}"#,
        #"{"weighted":{"services":[{"name":"shop-blue","weight":1}]},"status":"disabled"}"#,
        #"{"loadBalancer":{}}"#,
    ])
    func `what is not one whole colour is foreign`(service: String) async throws {
        traefik.answer("/api/http/services/shop-live@file", with: FakeTraefik.json(service))
        let effective = try await traefik.router().observe().effective
        guard case .foreign = effective else {
            Issue.record("\(service) was read as \(effective)")
            return
        }
    }

    @Test func `a file that was edited by hand is what comes later`() async throws {
        traefik.watches(false)
        traefik.disk[FakeTraefik.path]?.append(UInt8(ascii: "#"))
        #expect(
            try await traefik.router().observe().durable
                == .differs(.foreign("a file that bluegreen did not write")))
    }

    /// The command of `docs/guides/incident.md`, run on a file.
    private static func byHand(_ text: String) throws -> String {
        let top = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let guide = try String(
            contentsOf: top.appending(path: "docs/guides/incident.md"), encoding: .utf8)
        let command = try #require(
            guide.split(separator: "\n").first {
                $0.hasPrefix("sed ") && $0.contains("shop-live.yml")
            })
        let folder = try TemporaryFolder()
        try folder.write("shop-live.yml", text)
        let path = try #require(command.split(separator: " ").last)
        let shell = try Process.run(
            URL(filePath: "/bin/sh"),
            arguments: [
                "-c", String(command.replacing(path, with: folder.path + "/shop-live.yml")),
            ])
        shell.waitUntilExit()
        return try folder.read("shop-live.yml")
    }

    @Test(arguments: ["shop", "blue-shop", "green.shop", "shop-blue", "green", "blue-green"])
    func `what an incident guide says to type swaps the colours and no names`(
        service: String
    ) throws {
        let blue = Datum(live: .blue, token: green.token)
        let text = TraefikFile.text(green, service)
        #expect(try Self.byHand(text) == TraefikFile.text(blue, service))
        #expect(try Self.byHand(Self.byHand(text)) == text)
    }

    @Test func `a file in which a person swaps the two words is a switch by hand`() async throws {
        let swapped = try Self.byHand(TraefikFile.text(green, "shop"))
        traefik.disk[FakeTraefik.path] = Array(swapped.utf8)
        let seen = try await traefik.router().observe()
        #expect(seen.color == .blue)
        #expect(seen.token == green.token)
        #expect(seen.durable == .same)
    }

    @Test func `a file that cannot be changed leaves everything as it was`() async throws {
        let router = try traefik.router()
        let before = try await router.observe()
        for operation in 1...12 {
            traefik.disk.prepare(.failure(.noSpace), at: operation)
            let result = await router.write(green, expecting: before)
            let failed = traefik.disk.restart()
            let seen = try await router.observe()
            switch result {
            case .applied: #expect(!failed)
            case .appliedNotDurable: #expect(seen.color == .green)
            case .notApplied(let failure):
                #expect(seen == before)
                #expect(failure.message.contains(FakeTraefik.path))
            case .refusedStale, .unknown: Issue.record("\(operation): \(result)")
            }
            traefik.disk[FakeTraefik.path] = Array(
                TraefikFile.text(Datum(live: .blue, token: Token(number: 0)), "shop").utf8)
        }
    }

    @Test func `requests are counted per colour, and 5xx are errors`() async throws {
        let page = """
            # TYPE traefik_service_requests_total counter
            traefik_service_requests_total{code="200",method="GET",protocol="http",service="shop-blue@file"} 7
            traefik_service_requests_total{code="502",method="GET",protocol="http",service="shop-blue@file"} 2
            traefik_service_requests_total{code="503",method="PUT",protocol="http",service="shop-blue@file"} 1
            traefik_service_requests_total{code="200",method="GET",protocol="http",service="my-shop-green@file"} 9
            traefik_service_requests_total_other{code="200"} what
            """
        traefik.answer("/metrics", with: "HTTP/1.0 200 OK\r\n\r\n\(page)\n")
        let counters = try await traefik.router().counters()
        #expect(counters[.blue] == TrafficCounters(requests: 10, errors: 3))
        #expect(counters[.green] == TrafficCounters(requests: 0, errors: 0))
    }

    @Test func `metrics that are not switched on are named`() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await traefik.router().counters()
        }
        #expect(failure?.hint?.contains("prometheus") == true)
    }

    @Test(arguments: [
        ("file", "shop-live.yml", "absolute path"), ("file", "/srv/shop-live", ".yaml"),
        ("api", "https://127.0.0.1", "https"), ("api", "127.0.0.1:8099", "'api'"),
        ("name", "a b", "cannot be used"),
    ])
    func `a setting that cannot be meant is reported`(key: String, value: String, says: String) {
        let values = [
            ("file", FakeTraefik.path), ("api", "http://127.0.0.1:8099"), ("name", "shop"),
        ]
        let settings = Settings.mapping(values.map { ($0.0, .text($0.0 == key ? value : $0.1)) })
        let report = Report()
        #expect(TraefikRouter(settings.section(report), world: traefik.world) == nil)
        #expect(report.diagnostics.contains { $0.message.contains(says) })
    }

    @Test(arguments: [
        "{a=\"1\"", "{a=1} 2", "{a=\"1\"} x", "{a=\"1\"}", "{a=\"1\"} 1 2 3", "{a=\"\\", " ",
    ])
    func `a line that Prometheus would not read is not read`(line: String) {
        #expect(PrometheusSample.all(of: "m", in: "m\(line)\n") == nil)
    }

    @Test func `a label may hold quotes, braces and commas`() throws {
        let samples = PrometheusSample.all(
            of: "m", in: #"m{a="x\"},y",b="\\\n"} 4e1 1700000000000"#)
        #expect(samples?.first?.labels == ["a": #"x"},y"#, "b": "\\\n"])
        #expect(samples?.first?.value == 40)
    }
}
