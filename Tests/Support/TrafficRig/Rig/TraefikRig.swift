import FoundationEssentials
import Synchronization

/// A real Traefik in front of two colours, with what `init` writes for it, in a folder of its own.
package final class TraefikRig: Sendable {
    package static var program: String? { installedProgram("traefik") }

    package let port: Int
    package let apiPort: Int
    package let folder: TemporaryFolder
    private let process: Mutex<ChildProcess>

    package var url: String { "http://127.0.0.1:\(port)" }
    /// The one that decides.
    package var file: String { folder.file("dynamic/shop-live.yml") }

    /// Starts it in front of the two ports, runs `body`, and ends it however that ends.
    ///
    /// `change` sees the static configuration that `init` wrote and may change it.
    package static func open<Result>(
        blue: Int, green: Int, change: (String) -> String = { $0 },
        _ body: (TraefikRig) async throws -> Result
    ) async throws -> Result {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let (port, apiPort) = (try FreePort.next(), try FreePort.next())
        let done = try await ChildProcess.run(
            [
                Products.bluegreen, "init", "--router", "traefik", "--service", "shop",
                "--listen", "127.0.0.1:\(port)", "--blue", "127.0.0.1:\(blue)",
                "--green", "127.0.0.1:\(green)",
            ], directory: folder.path)
        guard done.status == 0 else { throw RigFailure("init: \(done)") }
        try FileManager.default.createDirectory(
            atPath: folder.file("dynamic"), withIntermediateDirectories: false)
        for name in ["shop.yml", "shop-live.yml"] {
            try folder.write(try folder.read("traefik/\(name)"), to: "dynamic/\(name)")
        }
        let main = try folder.read("traefik/traefik.yml")
            .replacing("/etc/traefik/dynamic", with: folder.file("dynamic"))
            .replacing("127.0.0.1:8099", with: "127.0.0.1:\(apiPort)")
        try folder.write(change(main), to: "main.yml")
        let rig = TraefikRig(port, apiPort, folder, try launch(folder))
        do {
            try await rig.waitUntilAnswering()
            let result = try await body(rig)
            await rig.stop()
            return result
        } catch {
            await rig.stop()
            throw error
        }
    }

    private init(
        _ port: Int, _ apiPort: Int, _ folder: TemporaryFolder, _ process: ChildProcess
    ) {
        self.port = port
        self.apiPort = apiPort
        self.folder = folder
        self.process = Mutex(process)
    }

    private static func launch(_ folder: TemporaryFolder) throws -> ChildProcess {
        guard let program else { throw RigFailure("traefik is not installed") }
        return try ChildProcess(
            [program, "--configFile=\(folder.file("main.yml"))"], logs: folder,
            name: "traefik-\(Monotonic.now())")
    }

    private func waitUntilAnswering() async throws {
        try await eventually("traefik to answer on \(url)", within: .seconds(30)) {
            let process = process.withLock(\.self)
            if let ending = process.endedAs {
                throw RigFailure("it ended as \(ending): \(process.errors)")
            }
            return try await FreshRequest("GET", url + "/version").send().status == 200
        }
    }

    package func signal(_ number: Int32) { process.withLock(\.self).signal(number) }

    /// Ends it and starts it again on the same port.
    package func restart() async throws {
        await stop()
        let next = try Self.launch(folder)
        process.withLock { $0 = next }
        try await waitUntilAnswering()
    }

    package func stop() async { await process.withLock(\.self).stop() }
}
