import Contracts
import Foundation
import PipelineModel
import Testing

@testable import Routers

/// A real Traefik with the configuration that `init` writes, in a temporary folder, ended with the test.
final class RealTraefik {
    let folder: TemporaryFolder
    private let blue: ColorServer
    private let green: ColorServer
    private let port: Int
    private let apiPort: Int
    private var process = Process()

    static let program = ["/usr/local/bin/traefik", "/usr/bin/traefik"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Where it is missing, tests against it are skipped aloud; in CI they fail instead.
    static let isWanted: Bool = {
        if program != nil { return true }
        if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
        print("skipped: traefik is not installed")
        return false
    }()

    init() async throws {
        folder = try TemporaryFolder()
        blue = try ColorServer("blue")
        green = try ColorServer("green")
        port = try FreePort.find()
        apiPort = try FreePort.find()
        let start = TraefikRouter.startingPoint(
            StartingPlan(
                service: "shop", listen: "127.0.0.1:\(port)", blue: "127.0.0.1:\(blue.port)",
                green: "127.0.0.1:\(green.port)"))
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/dynamic", withIntermediateDirectories: true)
        for file in start.files {
            let text = file.text.replacing("/etc/traefik", with: folder.path)
                .replacing("127.0.0.1:8099", with: "127.0.0.1:\(apiPort)")
            try folder.write(String(file.path.dropFirst("/etc/traefik/".count)), text)
        }
        try await self.start()
    }

    deinit { stop() }

    func router(_ name: String = "shop") throws -> TraefikRouter {
        let settings: Settings = [
            "file": .text("\(folder.path)/dynamic/shop-live.yml"),
            "api": .text("http://127.0.0.1:\(apiPort)"), "name": .text(name),
        ]
        return try #require(TraefikRouter(settings.section(), world: Self.world))
    }

    /// Real sockets, files and time.
    private static var world: World {
        var world = RouterWorld.world(
            streams: Streams { (request) throws(StreamFailure) in
                try BlockingExchange.exchange(request, isClosing: false)
            })
        // A test that is cancelled has nothing to wait for.
        world.time.sleep = { try? await Task.sleep(for: $0) }
        return world
    }

    /// What the body of one request through the public address says.
    func live() throws -> Color? {
        let request = StreamRequest(
            .tcp(host: "127.0.0.1", port: port),
            bytes: Array("GET / HTTP/1.0\r\nhost: x\r\n\r\n".utf8), timeout: .seconds(2))
        let answer = String(
            decoding: try BlockingExchange.exchange(request, isClosing: false), as: UTF8.self)
        return answer.components(separatedBy: "\r\n\r\n").last.flatMap(Color.init(rawValue:))
    }

    func restart() async throws {
        stop()
        process = Process()
        try await start()
    }

    private func start() async throws {
        process.executableURL = URL(filePath: try #require(Self.program, "traefik is missing"))
        process.arguments = ["--configFile=\(folder.path)/traefik.yml"]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(300)
        while ContinuousClock.now < deadline {
            // Not reachable is the ordinary case while it starts; the deadline decides.
            if (try? live()) != nil { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("traefik did not get ready")
    }

    private func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
