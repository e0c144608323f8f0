import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// A shop behind the proxy that `bluegreen proxy --detach` starts.
struct EmbeddedScene: Production {
    let folder: TemporaryFolder
    let blue: ExampleService
    let green: ExampleService
    let port: Int
    let preview: Int
    let metrics: Int
    /// More lines of the section `embedded`.
    let settings: [String]

    var url: String { "http://127.0.0.1:\(port)" }
    private var state: String { ".bluegreen/proxy-\(port)" }
    var admin: String { folder.file("\(state)/admin.sock") }
    var register: String { ".bluegreen/shop+proxy/register" }

    /// Opens a shop on blue with its proxy, runs `body`, ends every process.
    static func open(
        descriptors: Int? = nil, settings: [String] = [],
        _ body: (EmbeddedScene) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let blue = try await ExampleService.start(
                color: "blue", version: "1.0.0", logs: folder)
            defer { blue.process.killAtOnce() }
            let green = try await ExampleService.start(
                color: "green", version: "2.0.0", logs: folder)
            defer { green.process.killAtOnce() }
            let scene = EmbeddedScene(
                folder: folder, blue: blue, green: green, port: try FreePort.next(),
                preview: try FreePort.next(), metrics: try FreePort.next(), settings: settings)
            try folder.write(scene.pipeline, to: "bluegreen.yaml")
            try await scene.withProxy(descriptors) { try await body(scene) }
        }
    }

    private func withProxy(
        _ descriptors: Int?, _ body: () async throws -> Void
    ) async throws {
        let started = try await start(descriptors: descriptors)
        guard started.status == 0 else { throw RigFailure("\(started)\n\(try log)") }
        do {
            try await body()
        } catch {
            _ = try await run("proxy", "--stop")
            throw error
        }
        let done = try await patiently { try await run("proxy", "--stop") }
        #expect(done.status == 0, "\(done)")
    }

    /// Starts the proxy in the background.
    @discardableResult
    func start(descriptors: Int? = nil) async throws -> FinishedProcess {
        let limit = descriptors.map { "ulimit -n \($0); " } ?? ""
        return try await ChildProcess.run(
            ["/bin/sh", "-c", limit + #"exec "$0" proxy --detach"#, Products.bluegreen],
            directory: folder.path)
    }

    /// Starts the proxy anew with another address for blue.
    func restart(withBlueAt port: Int) async throws {
        _ = try await run("proxy", "--stop")
        let pipeline = try folder.read("bluegreen.yaml")
        try folder.write(
            pipeline.replacing(blue.url, with: "http://127.0.0.1:\(port)"), to: "bluegreen.yaml")
        let started = try await start()
        guard started.status == 0 else { throw RigFailure("\(started)\n\(try log)") }
    }

    var log: String {
        get throws { try folder.read("\(state)/log") }
    }

    /// Waits until the log says this: lines are written after what they tell of.
    func logs(_ words: String) async throws {
        try await eventually("'\(words)' in the log") { try log.contains(words) }
    }

    func pid() throws -> Int32 {
        let answer = try UnixSocket.ask(admin, "ping\n")
        let words = answer.split { !$0.isNumber && !$0.isLetter }
        let index = try #require(words.firstIndex(of: "pid"))
        return try #require(Int32(words[index + 1]))
    }

    /// How many files and connections a process has open.
    static func descriptors(of pid: Int32) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
    }

    /// `kill -9`; the proxy is gone when this returns.
    func kill() async throws {
        let pid = try pid()
        Glibc.kill(pid, SIGKILL)
        try await eventually("the end of the proxy") { Glibc.kill(pid, 0) != 0 }
    }

    private var pipeline: String {
        """
        apiVersion: bluegreen/v1
        service: shop
        colors:
          blue:
            url: \(blue.url)
          green:
            url: \(green.url)
        router:
          embedded:
            listen: 127.0.0.1:\(port)
            preview: 127.0.0.1:\(preview)
            metrics: 127.0.0.1:\(metrics)
        \(settings.map { "    \($0)\n" }.joined())
        public:
          url: \(url)/version
          identity:
            header: X-Color
        \(PipelineText.release())
        \(PipelineText.check)
        \(PipelineText.bake("1s", interval: "200ms", minimum: 1))

        """
    }
}
