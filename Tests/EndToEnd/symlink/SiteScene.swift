import FoundationEssentials
import Glibc
import Synchronization
import Testing
import TrafficRig

/// A site of files behind a real nginx, with what `init` writes, and the built program to switch it.
final class SiteScene: Place {
    /// Others can read it, since workers may be other users; it is not in memory, as /tmp may be.
    let folder: TemporaryFolder
    let url: String
    private let process: Mutex<ChildProcess>

    var link: String { folder.file("site/current") }
    /// What the link says.
    var target: String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: link)
    }

    /// Opens a site on blue, runs `body`, ends nginx. `change` sees what `init` wrote for nginx, and
    /// `more` stands in the section of the router.
    static func open(
        change: (String) -> String = { $0 }, more: String = "",
        _ body: (SiteScene) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder(in: "/var/tmp", mode: 0o755)
        defer { folder.remove() }
        let ports = [try FreePort.next(), try FreePort.next(), try FreePort.next()]
        try await initialize(folder, ports)
        let site = try folder.read("symlink/bluegreen.conf")
            .replacing("/var/www/shop", with: folder.file("site"))
        try folder.write(SlotProxy.nginx.main(change(site), folder), to: SlotProxyRig.mainName)
        try folder.write(pipeline(folder, ports, more), to: "bluegreen.yaml")
        let scene = SiteScene(folder, "http://127.0.0.1:\(ports[0])", try launch(folder))
        do {
            try await eventually("nginx to answer", within: .seconds(30)) {
                try await scene.live() == "blue"
            }
            try await body(scene)
        } catch {
            await scene.stop()
            throw error
        }
        await scene.stop()
    }

    private init(_ folder: TemporaryFolder, _ url: String, _ process: ChildProcess) {
        self.folder = folder
        self.url = url
        self.process = Mutex(process)
    }

    private static func initialize(_ folder: TemporaryFolder, _ ports: [Int]) async throws {
        let addresses = ports.map { "127.0.0.1:\($0)" }
        let done = try await ChildProcess.run(
            [
                Products.bluegreen, "init", "--router", "symlink", "--service", "shop",
                "--listen", addresses[0], "--blue", addresses[1], "--green", addresses[2],
            ], directory: folder.path)
        guard done.status == 0 else { throw RigFailure("init: \(done)") }
        for color in ["blue", "green"] {
            try FileManager.default.createDirectory(
                atPath: folder.file("site/\(color)"), withIntermediateDirectories: true)
            try folder.write(color + "\n", to: "site/\(color)/color.txt")
            let letter = String(color.prefix(1))
            try folder.write(String(repeating: letter, count: 400_000), to: "site/\(color)/big.txt")
            for name in ["color.txt", "big.txt"] {
                chmod(folder.file("site/\(color)/\(name)"), 0o644)
            }
            chmod(folder.file("site/\(color)"), 0o755)
        }
        chmod(folder.file("site"), 0o755)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("site/current"), withDestinationPath: "blue")
    }

    /// What `init` wrote, without what copies a release.
    private static func pipeline(
        _ folder: TemporaryFolder, _ ports: [Int], _ more: String
    ) -> String {
        """
        apiVersion: bluegreen/v1
        service: shop
        colors:
          blue:
            url: http://127.0.0.1:\(ports[1])
          green:
            url: http://127.0.0.1:\(ports[2])
        router:
          symlink:
            link: \(folder.file("site/current"))
            readBack: http://127.0.0.1:\(ports[0])/color.txt
        \(more)
        public:
          url: http://127.0.0.1:\(ports[0])/color.txt
          identity:
            body: ${color}

        """
    }

    private static func launch(_ folder: TemporaryFolder) throws -> ChildProcess {
        guard let program = SlotProxy.nginx.program else {
            throw RigFailure("nginx is not installed")
        }
        return try ChildProcess(
            SlotProxy.nginx.start(program, folder), logs: folder, name: "nginx-\(Monotonic.now())")
    }

    /// Whether a process that we may look at has the file open.
    func isOpen(_ name: String) -> Bool {
        let (files, path) = (FileManager.default, folder.file(name))
        // Processes come and go while they are looked at.
        let folders = ((try? files.contentsOfDirectory(atPath: "/proc")) ?? [])
            .filter { Int($0) != nil }.map { "/proc/\($0)/fd" }
        return folders.contains { folder in
            ((try? files.contentsOfDirectory(atPath: folder)) ?? []).contains {
                (try? files.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) == path
            }
        }
    }

    func stop() async { await process.withLock(\.self).stop() }

    func restart() async throws {
        await stop()
        let next = try Self.launch(folder)
        process.withLock { $0 = next }
        try await eventually("nginx to answer again") { try await self.live() != nil }
    }

    func run(_ words: String...) async throws -> FinishedProcess {
        try await ChildProcess.run([Products.bluegreen] + words, directory: folder.path)
    }

    /// Turns the link as `ln -sfn` does.
    func turn(to target: String) async throws {
        let done = try await ChildProcess.run(["ln", "-sfn", target, link])
        guard done.status == 0 else { throw RigFailure("ln: \(done)") }
    }

    /// The folder that a user is served from.
    func live() async throws -> String? {
        let body = try await FreshRequest("GET", url + "/color.txt").send().body
        return ["blue", "green"].first { body == $0 + "\n" }
    }

    func underLoad(_ body: (LoadClient) async throws -> [Switch]) async throws -> LoadSummary {
        let client = try await LoadClient.start(
            LoadPlan(url: url + "/color.txt", rate: 300, keepAlive: 32, close: 8, posts: 0))
        do {
            try await client.wait(for: 50)
            return try await client.stop(switches: try await body(client))
        } catch {
            _ = try await client.stop()
            throw error
        }
    }

    /// Runs `bluegreen WORDS` while users ask who must notice nothing, and judges how it ended.
    func expectUntouched(by words: String..., status: Int32, says: String) async throws {
        let live = try await live()
        let summary = try await underLoad { client in
            let done = try await ChildProcess.run(
                [Products.bluegreen] + words, directory: folder.path)
            #expect(done.status == status, "\(done)")
            #expect(done.errors.contains(says), "\(done)")
            try await client.wait(for: 50)
            return []
        }
        #expect(summary.errorCount == 0, "\(summary)")
        #expect(summary.colors.keys.sorted() == [live].compactMap(\.self), "\(summary)")
    }
}
