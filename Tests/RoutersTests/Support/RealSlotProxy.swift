import Contracts
import Foundation
import PipelineModel
import Testing

@testable import Routers

/// A real proxy with the configuration that `init` writes, in a temporary folder, ended with the test.
///
/// Both colours are sites of the same proxy that answer with their name.
final class RealSlotProxy {
    let kind: SlotProxyKind
    let folder: TemporaryFolder
    let port: Int
    private var process = Process()

    var slot: String { "\(folder.path)/slot" }

    /// Real files, on what counts as a disk: /tmp may be in memory.
    static var world: World {
        var files = RouterWorld.realFiles
        files.read = { (path, limit) throws(FileFailure) in
            path == MountTable.path ? [] : try RouterWorld.realFiles.read(path, limit)
        }
        return RouterWorld.world(
            streams: Streams { (request) throws(StreamFailure) in
                try BlockingExchange.exchange(request)
            }, files: files)
    }

    /// `change` may spoil the configuration.
    init(_ kind: SlotProxyKind, _ change: (String) -> String = { $0 }) async throws {
        self.kind = kind
        folder = try TemporaryFolder()
        port = try FreePort.find()
        let blue = try FreePort.find()
        let green = try FreePort.find()
        // Workers are another user where the tests run as root.
        for path in [folder.path, "\(folder.path)/slot"] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            #expect(chmod(path, 0o755) == 0)
        }
        let start = kind.router.startingPoint(
            StartingPlan(
                service: "shop", listen: "127.0.0.1:\(port)", blue: "127.0.0.1:\(blue)",
                green: "127.0.0.1:\(green)"))
        let site = try #require(start.files.first).text
            .replacing("/var/lib/bluegreen/shop", with: "\(folder.path)/slot")
        try folder.write("slot/blue", try #require(start.files.last).text)
        #expect(chmod("\(slot)/blue", 0o644) == 0)
        try folder.write("main.conf", kind.main(change(site), blue, green, folder.path))
        try await self.start()
    }

    deinit { stop() }

    var settings: Settings {
        ["slot": .text(slot), "readBack": .text("http://127.0.0.1:\(port)/.bluegreen")]
    }

    func router(_ settings: Settings? = nil) throws -> any Router {
        try kind.make(settings ?? self.settings, Self.world)
    }

    /// What the body of one request through the public address says.
    func live(_ headers: String = "") throws -> String {
        let request = StreamRequest(
            .tcp(host: "127.0.0.1", port: port),
            bytes: Array("GET / HTTP/1.0\r\nhost: x\r\n\(headers)\r\n".utf8), timeout: .seconds(2))
        let answer = String(
            decoding: try BlockingExchange.exchange(request, isClosing: false), as: UTF8.self)
        return answer.components(separatedBy: "\r\n\r\n").last ?? ""
    }

    func restart() async throws {
        stop()
        process = Process()
        try await start()
    }

    private func start() async throws {
        process.executableURL = URL(filePath: try #require(kind.program, "it is missing"))
        process.arguments = kind.arguments(folder.path)
        process.environment = ["HOME": folder.path]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(300)
        while ContinuousClock.now < deadline {
            // Not reachable is the ordinary case while it starts; the deadline decides.
            if (try? live()).map({ Color(rawValue: $0) != nil }) == true { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("\(kind.router.kind) did not get ready")
    }

    private func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
