import FoundationEssentials
import Glibc
import Synchronization

/// A real proxy in front of two colours, with what `init` writes for it, in a folder of its own.
///
/// The process ends, and the folder is gone, with the rig at the latest.
package final class ProxyRig: StoppableRig {
    package let kind: ProxyKind
    package let port: Int
    private let adminPort: Int
    /// Others can read it, since workers may be other users; it is not in memory, as /tmp may be.
    package let folder: TemporaryFolder
    private let process: Mutex<ChildProcess>

    package var url: String { "http://127.0.0.1:\(port)" }
    package var adminURL: String { "http://127.0.0.1:\(adminPort)" }
    /// The folder of what decides.
    package var slot: String { folder.file("slot") }
    /// What decides, where it is a link.
    package var link: String { slot + "/current" }
    /// Its section in a pipeline file.
    package var settings: KeyValuePairs<String, String> { kind.settings(self) }

    /// Starts it on `files`, which `init` wrote for a proxy that listens on `port`: texts by their names.
    /// `change` sees the whole configuration and may change it.
    package init(
        _ kind: ProxyKind, port: Int, _ files: [String: String],
        change: (String) -> String = { $0 }
    ) async throws {
        self.kind = kind
        self.port = port
        adminPort = try FreePort.next()
        folder = try TemporaryFolder(in: "/var/tmp", mode: 0o755)
        do {
            try kind.lay(files, into: folder, adminPort, change)
            process = Mutex(try kind.launch(on: folder))
        } catch {
            folder.remove()
            throw error
        }
        try await waitUntilAnswering()
    }

    deinit {
        process.withLock(\.self).end()
        folder.remove()
    }

    /// Starts it in front of the two ports with what the built program writes, runs `body`, and ends it
    /// however that ends.
    package static func open<Result>(
        _ kind: ProxyKind, blue: Int, green: Int, change: (String) -> String = { $0 },
        _ body: (ProxyRig) async throws -> Result
    ) async throws -> Result {
        let port = try FreePort.next()
        let files = try await kind.initialFiles(port, blue, green)
        return try await ProxyRig(kind, port: port, files, change: change).thenStopped(body)
    }

    private func waitUntilAnswering() async throws {
        try await eventually("\(kind) to answer on \(url)", within: .seconds(60)) {
            let process = process.withLock(\.self)
            if let ending = process.endedAs {
                throw RigFailure("it ended as \(ending): \(process.errors)")
            }
            return try await FreshRequest("GET", url + kind.page).send().status == 200
        }
    }

    /// The pipeline that the built program writes for it, with the places of this rig.
    package func initialPipeline(blue: Int, green: Int) async throws -> String {
        let text = try await kind.withInitial(port, blue, green) { try $0.read("bluegreen.yaml") }
        return text.replacing(kind.home, with: slot)
            .replacing("/run/haproxy/bluegreen.sock", with: folder.file("admin.sock"))
            .replacing("/var/log/nginx", with: folder.path)
            .replacing("http://127.0.0.1:\(kind.admin?.port ?? "none")", with: adminURL)
    }

    /// What it is started with; whoever changes it reloads or restarts.
    package func configuration() throws -> String { try folder.read(kind.configuration) }

    package func configure(_ text: String) throws {
        try folder.publish(text, as: kind.configuration)
    }

    package func signal(_ number: Int32) { process.withLock(\.self).signal(number) }

    package func reload() async throws {
        guard let reload = kind.reload else { throw RigFailure("\(kind) cannot be reloaded") }
        try await reload(self)
    }

    /// Ends it and starts it again on the same port.
    package func restart() async throws {
        await stop()
        let next = try kind.launch(on: folder)
        process.withLock { $0 = next }
        try await waitUntilAnswering()
    }

    package func stop() async { await process.withLock(\.self).stop() }

    /// The names in the slot that decide, where a slot file does.
    package func slotFiles() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: slot)
            .filter { ["blue", "green"].contains($0) }.sorted()
    }
}

extension ProxyKind {
    /// What the built program writes for a service `shop`: texts by the names of their files.
    fileprivate func initialFiles(
        _ port: Int, _ blue: Int, _ green: Int
    ) async throws -> [String: String] {
        try await withInitial(port, blue, green) { folder in
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.file(name))
            return Dictionary(
                uniqueKeysWithValues: try names.map { ($0, try folder.read("\(name)/\($0)")) })
        }
    }

    fileprivate func withInitial<Result>(
        _ port: Int, _ blue: Int, _ green: Int, _ body: (TemporaryFolder) throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let done = try await ChildProcess.run(
                [
                    Products.bluegreen, "init", "--router", name, "--service", "shop",
                    "--listen", "127.0.0.1:\(port)", "--blue", "127.0.0.1:\(blue)",
                    "--green", "127.0.0.1:\(green)",
                ], directory: folder.path)
            guard done.status == 0 else { throw RigFailure("init: \(done)") }
            return try body(folder)
        }
    }

    /// Puts everything where it belongs, with the places and ports of this rig in it.
    fileprivate func lay(
        _ files: [String: String], into folder: TemporaryFolder, _ adminPort: Int,
        _ change: (String) -> String
    ) throws {
        guard files[configuration] != nil else { throw RigFailure("init wrote \(files.keys)") }
        try folder.makeFolder("slot")
        for (name, written) in files {
            var text = written.replacing(home, with: folder.file("slot"))
            if name == configuration { text = main(text, folder) }
            if let admin {
                text = text.replacing(
                    admin.before + admin.port, with: "\(admin.before)\(adminPort)")
            }
            if name == configuration {
                try folder.publish(change(text), as: name)
            } else {
                try folder.publish(text, as: "slot/\(places[name] ?? name)")
            }
        }
        try prepare(folder)
    }

    fileprivate func launch(on folder: TemporaryFolder) throws -> ChildProcess {
        guard let program else { throw RigFailure("\(self) is not installed") }
        return try ChildProcess(
            start(program, folder), logs: folder, name: "proxy-\(Monotonic.now())")
    }
}
