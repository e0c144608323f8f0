import FoundationEssentials
import Glibc
import Synchronization

/// A real proxy in front of two colours, with what `init` writes for it, in a folder of its own.
package final class SlotProxyRig: Sendable {
    static let mainName = "main.conf"

    package let proxy: SlotProxy
    package let port: Int
    /// Others can read it, since workers may be other users; it is not in memory, as /tmp may be.
    package let folder: TemporaryFolder
    private let process: Mutex<ChildProcess>

    package var url: String { "http://127.0.0.1:\(port)" }
    package var slot: String { folder.file("slot") }

    /// Starts it in front of the two ports, runs `body`, and ends it however that ends.
    ///
    /// `change` sees what `init` wrote and may change it.
    package static func open<Result>(
        _ proxy: SlotProxy, blue: Int, green: Int, change: (String) -> String = { $0 },
        _ body: (SlotProxyRig) async throws -> Result
    ) async throws -> Result {
        let folder = try TemporaryFolder(in: "/var/tmp", mode: 0o755)
        defer { folder.remove() }
        let port = try FreePort.next()
        let site = try await initialConfiguration(of: proxy, port, blue, green, folder)
        try folder.write(proxy.main(change(site), folder), to: mainName)
        let rig = SlotProxyRig(proxy, port, folder, try launch(proxy, folder))
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
        _ proxy: SlotProxy, _ port: Int, _ folder: TemporaryFolder, _ process: ChildProcess
    ) {
        self.proxy = proxy
        self.port = port
        self.folder = folder
        self.process = Mutex(process)
    }

    /// What `bluegreen init` writes, with the slot folder, and the first slot file, in `folder`.
    private static func initialConfiguration(
        of proxy: SlotProxy, _ port: Int, _ blue: Int, _ green: Int, _ folder: TemporaryFolder
    ) async throws -> String {
        let done = try await ChildProcess.run(
            [
                Products.bluegreen, "init", "--router", proxy.name, "--service", "shop",
                "--listen", "127.0.0.1:\(port)", "--blue", "127.0.0.1:\(blue)",
                "--green", "127.0.0.1:\(green)",
            ], directory: folder.path)
        guard done.status == 0 else { throw RigFailure("init: \(done)") }
        try FileManager.default.createDirectory(
            atPath: folder.file("slot"), withIntermediateDirectories: false)
        chmod(folder.file("slot"), 0o755)
        try folder.write(try folder.read("\(proxy.name)/blue"), to: "slot/blue")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file(proxy.name))
        guard let name = names.first(where: { $0 != "blue" }) else {
            throw RigFailure("init wrote no configuration: \(names)")
        }
        return try folder.read("\(proxy.name)/\(name)")
            .replacing("/var/lib/bluegreen/shop", with: folder.file("slot"))
    }

    private static func launch(
        _ proxy: SlotProxy, _ folder: TemporaryFolder
    ) throws -> ChildProcess {
        guard let program = proxy.program else { throw RigFailure("\(proxy) is not installed") }
        return try ChildProcess(
            proxy.start(program, folder), logs: folder, name: "proxy-\(Monotonic.now())")
    }

    private func waitUntilAnswering() async throws {
        try await eventually("\(proxy) to answer on \(url)", within: .seconds(30)) {
            let process = process.withLock(\.self)
            if let ending = process.endedAs {
                throw RigFailure("it ended as \(ending): \(process.errors)")
            }
            return try await FreshRequest("GET", url + "/.bluegreen").send().status == 200
        }
    }

    /// Sends the signal of a reload, and waits for nothing.
    package func requestReload() { signal(SIGHUP) }

    func signal(_ number: Int32) { process.withLock(\.self).signal(number) }

    package func reload() async throws { try await proxy.reload(self) }

    /// Ends it and starts it again on the same port.
    package func restart() async throws {
        await stop()
        let next = try Self.launch(proxy, folder)
        process.withLock { $0 = next }
        try await waitUntilAnswering()
    }

    package func stop() async { await process.withLock(\.self).stop() }

    /// The names in the slot folder that decide.
    package func slotFiles() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: slot)
            .filter { ["blue", "green"].contains($0) }.sorted()
    }
}
