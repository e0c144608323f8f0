import FoundationEssentials
import Testing
import TrafficRig

/// A proxy that serves blue by a configuration of its own, converted by `bluegreen init --from`.
struct ConvertedProxy: PublicAddress {
    let folder: TemporaryFolder
    let port: Int
    let configuration: String
    let process: ChildProcess
    let green: ExampleService

    var url: String { "http://127.0.0.1:\(port)" }
    var page: String { url + "/" }
    var identity: String { url + "/version" }
    var takesOrders: Bool { true }

    /// What stands in a configuration for what differs from run to run.
    static func filled(
        _ text: String, port: Int, blue: ExampleService, other: ExampleService,
        in folder: TemporaryFolder
    ) -> String {
        text.replacing("PORT", with: "\(port)").replacing("BLUE", with: "127.0.0.1:\(blue.port)")
            .replacing("OTHER", with: "127.0.0.1:\(other.port)")
            .replacing("FOLDER", with: folder.path)
    }

    /// Starts the proxy with `text`, sees blue, and runs `body`.
    static func open(
        _ text: String, named name: String,
        _ command: (String, TemporaryFolder) throws -> [String],
        _ body: (ConvertedProxy) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let blue = try await ExampleService.start(color: "blue", version: "1.0", logs: folder)
            defer { blue.process.killAtOnce() }
            let green = try await ExampleService.start(color: "green", version: "2.0", logs: folder)
            defer { green.process.killAtOnce() }
            let other = try await ExampleService.start(color: "other", version: "9", logs: folder)
            defer { other.process.killAtOnce() }
            let port = try FreePort.next()
            let path = try folder.write(
                filled(text, port: port, blue: blue, other: other, in: folder), to: name)
            let process = try ChildProcess(
                try command(path, folder), logs: folder, name: "proxy")
            let proxy = ConvertedProxy(
                folder: folder, port: port, configuration: path, process: process, green: green)
            do {
                try await proxy.sees("blue")
                try await body(proxy)
            } catch {
                await process.stop()
                throw error
            }
            await process.stop()
        }
    }

    func color(of path: String = "/version") async throws -> String? {
        try await FreshRequest("GET", url + path).send().color
    }

    func sees(_ color: String) async throws {
        try await eventually("\(color) to answer") { try await self.color() == color }
    }
}

extension ConvertedProxy {
    /// What one request is answered with.
    private struct Answered {
        let what: String
        let status: Int
        let headers: [String: String]
        let body: String
        let color: String
    }

    /// What users get for one request of each kind, the page of the load first.
    private func answers() async throws -> [Answered] {
        let requests = [
            FreshRequest("GET", page), FreshRequest("GET", identity),
            FreshRequest("GET", url + "/version?color=green", headers: [("X-Color", "green")]),
            FreshRequest("GET", url + "/healthz"), FreshRequest("GET", url + "/no/such/page"),
            FreshRequest("GET", url + "/big?bytes=200000"),
            FreshRequest("GET", url + "/stream?count=3&ms=1"),
            FreshRequest("GET", url + "/other/version"),
            FreshRequest("POST", url + "/orders", body: ["without an id"]),
            FreshRequest("POST", url + "/orders", headers: [("Idempotency-Key", "o-1")]),
            FreshRequest("PUT", url + "/upload", body: ["part one, ", "part two"]),
            FreshRequest("DELETE", url + "/carts/none"),
        ]
        var answers: [Answered] = []
        for request in requests {
            let answer = try await request.send()
            answers.append(
                Answered(
                    what: "\(request.method) \(request.url)", status: answer.status,
                    headers: answer.headers, body: answer.body, color: answer.color ?? "nobody"))
        }
        return answers
    }

    /// Proposes, installs, reloads; then blue must answer as before, and green after a switch.
    func convert(
        _ kind: String, backend: String, from proposals: [(String, String)],
        edit: (String) -> String = { $0 },
        reload signal: Int32
    ) async throws {
        let proposed = try await run(
            "init", "--from", configuration, "--router", kind, "--service", "shop",
            "--backend", backend, "--green", "127.0.0.1:\(green.port)")
        #expect(proposed.status == 0, "\(proposed.output)\(proposed.errors)")
        #expect(proposed.output.contains("accepts it"), "\(proposed.output)")
        for (proposal, place) in proposals {
            let parent = URL(filePath: folder.file(place)).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            try folder.write(edit(try folder.read("\(kind)/\(proposal)")), to: place)
        }
        try folder.write(edit(try folder.read("bluegreen.yaml")), to: "bluegreen.yaml")
        let before = try await answers()
        // Each asks once on a connection of its own: a reload closes those that are kept.
        let summary = try await underLoad(keepAlive: 0, close: 8, posts: 0) { client in
            process.signal(signal)
            // For a moment old and new workers answer.
            try await eventually("the proxy to read its configuration") {
                for _ in 1...10 {
                    guard try await run("status").status == 0 else { return false }
                }
                return true
            }
            try await client.wait(for: 50)
            return []
        }
        // A worker that ends may close what it has not read; whatever is answered is answered as before.
        #expect(summary.colors.keys.sorted() == [before[0].color], "\(summary)")
        #expect(
            Set(summary.errors.keys).isSubset(of: [.connectRefused, .resetOnFresh]), "\(summary)")
        for (old, new) in zip(before, try await answers()) {
            #expect(new.status == old.status, "\(old.what)")
            #expect(new.body == old.body, "\(old.what)")
            for (name, value) in old.headers where name != "date" {
                #expect(new.headers[name] == value, "\(old.what): \(name)")
            }
        }
        #expect(try await color() == "blue")
        let switched = try await run("switch", "--no-bake")
        #expect(switched.status == 0, "\(switched.errors)")
        #expect(try await color() == "green")
        #expect(try await run("rollback").status == 0)
        #expect(try await color() == "blue")
    }
}
