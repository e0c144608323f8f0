import Contracts
import Foundation
import PipelineModel
import Testing

@testable import Routers

/// A real `nginx` with the configuration that `init` writes, in a temporary folder, ended with the test.
///
/// Both colours are servers of the same nginx that answer with their name.
final class RealNginx {
    let folder: TemporaryFolder
    let port: Int
    private var process = Process()

    var slot: String { "\(folder.path)/slot" }

    static let program = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Where nginx is missing, tests against it are skipped aloud; in CI they fail instead.
    static let isWanted: Bool = {
        if program != nil { return true }
        if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
        print("skipped: nginx is not installed")
        return false
    }()

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
    init(_ change: (String) -> String = { $0 }) async throws {
        folder = try TemporaryFolder()
        port = try FreePort.find()
        // Workers are another user where the tests run as root.
        for path in [folder.path, slot] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            #expect(chmod(path, 0o755) == 0)
        }
        try folder.write("slot/blue", snippet.slotFile)
        try folder.write("nginx.conf", main(change(snippet.configuration)))
        try await start()
    }

    deinit { stop() }

    var snippet: NginxSnippet {
        NginxSnippet(
            plan: StartingPlan(
                service: "shop", listen: "127.0.0.1:\(port)", blue: "unix:\(folder.path)/b.sock",
                green: "unix:\(folder.path)/g.sock"), slotFolder: slot)
    }

    var settings: Settings {
        ["slot": .text(slot), "readBack": .text("http://127.0.0.1:\(port)/.bluegreen")]
    }

    func router() throws -> NginxRouter { try SlotRig.nginx(settings, Self.world) }

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
        process.executableURL = URL(filePath: try #require(Self.program, "nginx is missing"))
        process.arguments = [
            "-p", folder.path, "-e", "\(folder.path)/error.log", "-c", "\(folder.path)/nginx.conf",
        ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            // Not reachable is the ordinary case while nginx starts; the deadline decides.
            if (try? live()).map({ !$0.isEmpty }) == true { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("nginx did not get ready: \((try? folder.read("error.log")) ?? "")")
    }

    private func stop() {
        process.terminate()
        process.waitUntilExit()
        // It leaves its sockets behind when it is ended in a hurry.
        for name in ["b.sock", "g.sock"] { unlink("\(folder.path)/\(name)") }
    }

    private func main(_ site: String) -> String {
        """
        daemon off;
        worker_processes 1;
        pid \(folder.path)/nginx.pid;
        error_log \(folder.path)/error.log;
        events { worker_connections 256; }
        http {
            access_log off;
            client_body_temp_path \(folder.path)/body;
            proxy_temp_path \(folder.path)/proxy;
            fastcgi_temp_path \(folder.path)/fastcgi;
            uwsgi_temp_path \(folder.path)/uwsgi;
            scgi_temp_path \(folder.path)/scgi;
            server { listen unix:\(folder.path)/b.sock; return 200 blue; }
            server { listen unix:\(folder.path)/g.sock; return 200 green; }
        \(site)
        }
        """
    }
}
