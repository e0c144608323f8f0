import Glibc
import Synchronization

/// A real HAProxy, master and worker, in a folder of its own.
package final class HAProxyRig: StoppableRig {
    package static let mapName = "bluegreen.map"
    package static let registerName = "bluegreen-register.cfg"
    static let controlName = "control.sock"

    package let port: Int
    package let folder: TemporaryFolder
    private let process: Mutex<ChildProcess>

    package var url: String { "http://127.0.0.1:\(port)" }
    /// The runtime API, level admin.
    package var socket: String { folder.file("admin.sock") }
    package var masterSocket: String { folder.file("master.sock") }
    package var mapFile: String { folder.file(Self.mapName) }
    /// The file that keeps the register over a reload.
    package var registerFile: String { folder.file(Self.registerName) }
    /// Where the register is written and read, one HTTP request each.
    package var controlSocket: String { folder.file(Self.controlName) }
    package var configurationFile: String { folder.file("haproxy.cfg") }

    /// The beginning of the command that makes the map hold what begins with `value`.
    package func mapping(_ value: String) -> String {
        "set map \(mapFile) \(HAProxyConfiguration.key) \(value):"
    }

    /// The program, or nil where it is not installed.
    package static var program: String? { installedProgram("haproxy") }

    /// Writes the configuration into `folder`, starts HAProxy and waits until it answers.
    package static func start(
        _ configuration: HAProxyConfiguration, in folder: TemporaryFolder
    ) async throws -> HAProxyRig {
        let port = try FreePort.next()
        try folder.write(configuration.text(port: port, folder: folder), to: "haproxy.cfg")
        if let map = configuration.map { try folder.write(map, to: mapName) }
        if let register = configuration.register { try folder.write(register, to: registerName) }
        let rig = HAProxyRig(port, folder, try launch(in: folder))
        do {
            try await rig.waitUntilAnswering()
        } catch {
            rig.master.killAtOnce()
            throw error
        }
        return rig
    }

    /// The same, and ends HAProxy after `body`, however that ends.
    package static func open<Result>(
        _ configuration: HAProxyConfiguration, in folder: TemporaryFolder,
        _ body: (HAProxyRig) async throws -> Result
    ) async throws -> Result {
        try await start(configuration, in: folder).thenStopped(body)
    }

    private init(_ port: Int, _ folder: TemporaryFolder, _ process: ChildProcess) {
        self.port = port
        self.folder = folder
        self.process = Mutex(process)
    }

    private static func launch(in folder: TemporaryFolder) throws -> ChildProcess {
        guard let program else {
            throw RigFailure("haproxy is not installed: apt-get install haproxy")
        }
        var arguments = [
            program, "-W", "-S", "\(folder.file("master.sock")),mode,600,level,admin",
            "-p", folder.file("haproxy.pid"), "-f", folder.file("haproxy.cfg"),
        ]
        if access(folder.file(registerName), F_OK) == 0 {
            arguments += ["-f", folder.file(registerName)]
        }
        return try ChildProcess(arguments, logs: folder, name: "haproxy")
    }

    private func waitUntilAnswering() async throws {
        try await eventually("HAProxy to answer on \(socket)") {
            if let ending = master.endedAs {
                throw RigFailure("it ended as \(ending): \(master.errors)")
            }
            return try workers().current != nil && runtime("show info").contains("Pid:")
        }
    }

    private var master: ChildProcess { process.withLock(\.self) }

    /// Sends one command, or several joined by `;`, to the worker; returns the bare answer.
    @discardableResult
    package func runtime(_ command: String) throws -> String {
        try UnixSocket.ask(socket, command + "\n")
    }

    /// What HAProxy thinks of each server: `["shop_blue/s1": "UP", ...]`.
    package func serverStates() throws -> [String: String] {
        var states: [String: String] = [:]
        for line in try runtime("show stat").split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count > 17, fields[1] != "FRONTEND", fields[1] != "BACKEND" else {
                continue
            }
            states["\(fields[0])/\(fields[1])"] = String(fields[17])
        }
        return states
    }

    /// Makes HAProxy read its files again, and waits until the new worker answers.
    package func reload() async throws {
        let before = try workers()
        master.signal(SIGUSR2)
        try await eventually("a new worker of HAProxy") {
            let now = try workers()
            guard now.failedReloads == before.failedReloads else {
                throw RigFailure("HAProxy refused its configuration: \(master.errors)")
            }
            guard let new = now.current, new != before.current else { return false }
            return try runtime("show info").contains("\nPid: \(new)\n")
        }
    }

    /// Ends HAProxy and starts it again on the same port, with what its files say then.
    package func restart() async throws {
        await stop()
        let next = try Self.launch(in: folder)
        process.withLock { $0 = next }
        try await waitUntilAnswering()
    }

    /// The worker neither answers nor forwards until `thaw`.
    package func freeze() throws {
        try signalWorker(SIGSTOP)
    }

    package func thaw() throws {
        try signalWorker(SIGCONT)
    }

    private func signalWorker(_ number: Int32) throws {
        guard let worker = try workers().current else { throw RigFailure("HAProxy has no worker") }
        kill(Int32(worker), number)
    }

    package func stop() async {
        await master.stop()
    }

    private func workers() throws -> HAProxyWorkers {
        HAProxyWorkers(try UnixSocket.ask(masterSocket, "show proc\n"))
    }
}

/// What the master says in `show proc`.
struct HAProxyWorkers {
    /// The worker that takes new connections.
    private(set) var current: Int?
    private(set) var failedReloads = 0

    init(_ text: String) {
        var isCurrent = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") { isCurrent = line == "# workers" }
            let words = line.split(separator: " ")
            if let failed = words.firstIndex(of: "[failed:"), failed + 1 < words.count {
                failedReloads = Int(words[failed + 1].dropLast()) ?? 0
            }
            if isCurrent, words.count > 1, words[1] == "worker", let pid = words.first {
                current = Int(pid)
            }
        }
    }
}
