import Testing
import TrafficRig

/// The example backend behaves as tests and demo expect of a shop.
@Suite(.serialized)
struct ExampleBackendTests {
    private func withBackend<Result>(
        faults: Faults = Faults(), brokenWhen: String? = nil,
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        let backend = try await ExampleBackend.start(
            BackendSettings(
                color: "green", version: "2.8.0", faults: faults, brokenWhen: brokenWhen))
        do {
            let result = try await body("http://127.0.0.1:\(backend.port)")
            await backend.stop()
            return result
        } catch {
            await backend.stop()
            throw error
        }
    }

    @Test func `it speaks over a WebSocket and closes it in order`() async throws {
        let talk = try await withBackend { url in
            try await WebSocketTalk.hold(url + "/talk", texts: 3, pause: .zero)
        }
        #expect(talk.color == "green")
        #expect(talk.texts == ["green 0", "green 1", "green 2"])
    }

    @Test func `it says its colour, its version and whose request it answers`() async throws {
        let answer = try await withBackend { url in
            try await FreshRequest("GET", url + "/version", headers: [("X-Request-Id", "r1")])
                .send()
        }
        #expect(answer.body.contains(#""color":"green""#))
        #expect(answer.body.contains(#""version":"2.8.0""#))
        #expect(answer.color == "green")
        #expect(answer.headers["x-version"] == "2.8.0")
        #expect(answer.headers["x-request-id"] == "r1")
    }

    @Test func `a percentage of errors is met exactly`() async throws {
        let statuses = try await withBackend(faults: Faults(errors: 20)) { url in
            var statuses: [Int] = []
            for _ in 1...10 {
                statuses.append(try await FreshRequest("GET", url + "/").send().status)
            }
            return statuses
        }
        #expect(statuses.filter { $0 == 500 }.count == 2)
    }

    @Test func `a running release can be made bad`() async throws {
        let status = try await withBackend { url in
            _ = try await FreshRequest("POST", url + "/control", body: [#"{"errors":100}"#]).send()
            return try await FreshRequest("GET", url + "/").send().status
        }
        #expect(status == 500)
    }

    @Test func `another version can take its place without a new process`() async throws {
        let answer = try await withBackend { url in
            _ = try await FreshRequest("POST", url + "/control", body: [#"{"version":"3"}"#]).send()
            return try await FreshRequest("GET", url + "/version").send()
        }
        #expect(answer.headers["x-version"] == "3")
        #expect(answer.body.contains(#""version":"3""#))
    }

    @Test func `a lost database breaks health and application but not the identity`() async throws {
        try await withTemporaryFolder { folder in
            let file = try folder.write("", to: "down")
            let statuses = try await withBackend(brokenWhen: file) { url in
                var statuses: [Int] = []
                for path in ["/healthz", "/", "/version"] {
                    statuses.append(try await FreshRequest("GET", url + path).send().status)
                }
                return statuses
            }
            #expect(statuses == [503, 503, 200])
        }
    }

    @Test func `an order that arrives twice is a duplicate`() async throws {
        let orders = try await withBackend { url in
            for id in ["a", "b", "a"] {
                _ = try await FreshRequest(
                    "POST", url + "/orders", headers: [("Idempotency-Key", id)], body: ["{}"]
                ).send()
            }
            return try await FreshRequest("GET", url + "/orders").send().body
        }
        #expect(orders == #"{"duplicates":["a"],"ids":["a","b"]}"#)
    }

    @Test func `a cart can be fetched by the id that opening it answered`() async throws {
        let answers = try await withBackend { url in
            let opened = try await FreshRequest("POST", url + "/carts", body: ["{}"]).send()
            let fetched = try await FreshRequest("GET", url + "/carts/c1").send()
            let unknown = try await FreshRequest("GET", url + "/carts/c2").send()
            return [opened.body, fetched.body, "\(unknown.status)"]
        }
        #expect(answers == [#"{"id":"c1"}"#, #"{"id":"c1"}"#, "404"])
    }

    @Test func `a slow upload is read whole`() async throws {
        let answer = try await withBackend { url in
            try await FreshRequest(
                "PUT", url + "/upload", body: ["one", "two", "three"], pause: .milliseconds(20)
            ).send()
        }
        #expect(answer.body == #"{"bytes":11,"color":"green"}"#)
    }

    @Test func `a stream sends every event`() async throws {
        let answer = try await withBackend { url in
            try await FreshRequest("GET", url + "/stream?count=3&ms=5").send()
        }
        #expect(answer.headers["content-type"] == "text/event-stream")
        #expect(answer.body.split(separator: "\n\n").count == 3)
    }

    @Test func `load, probes and others are counted apart`() async throws {
        let statistics = try await withBackend { url in
            _ = try await FreshRequest("GET", url + "/", headers: [("X-Load", "1")]).send()
            _ = try await FreshRequest("GET", url + "/", headers: [("X-Probe", "1")]).send()
            _ = try await FreshRequest("GET", url + "/carts/c1").send()
            return try await FreshRequest("GET", url + "/stats").send().body
        }
        #expect(statistics.contains(#""all":{"load":1,"probe":1,"total":4}"#))
        #expect(statistics.contains(#""/":{"load":1,"probe":1,"total":2}"#))
        #expect(statistics.contains(#""/carts":{"load":0,"probe":0,"total":1}"#))
    }

    @Test func `a stop lets the request under way finish`() async throws {
        try await withTemporaryFolder { folder in
            let service = try await ExampleService.start(
                color: "blue", version: "1", logs: folder)
            defer { service.process.killAtOnce() }
            async let slow = FreshRequest("GET", service.url + "/slow?ms=300").send()
            try await eventually("the slow request to arrive") {
                try await service.statistics().paths["/slow"] != nil
            }
            service.process.signal(15)
            #expect(try await slow.status == 200)
            #expect(try await service.process.waitUntilEnded() == .exited(0))
        }
    }
}
