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
        process.signal(signal)
        // For a moment old and new workers answer.
        try await eventually("the proxy to read its configuration") {
            for _ in 1...10 {
                guard try await run("status").status == 0 else { return false }
            }
            return true
        }
        #expect(try await color() == "blue")
        let switched = try await run("switch", "--no-bake")
        #expect(switched.status == 0, "\(switched.errors)")
        #expect(try await color() == "green")
        #expect(try await run("rollback").status == 0)
        #expect(try await color() == "blue")
    }
}
