import Contracts
import LiveWorld
import Logging
import NIOCore
import NIOPosix
import PipelineModel
import Synchronization
import TestWorld

@testable import EmbeddedProxy
@testable import Routers

/// The register and the admin socket of the embedded proxy, in this process; without its traffic.
final class RealEmbeddedProxy: Sendable {
    private struct Running {
        let routing: Routing
        let task: Task<Void, Never>
    }

    let path: String
    private let folder: TemporaryFolder
    private let disk = MemoryFiles()
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let colors: Set<Color>
    private let running: Mutex<Running?> = Mutex(nil)

    init(colors: Set<Color> = [.blue, .green]) async throws {
        folder = try TemporaryFolder()
        path = folder.path + "/admin.sock"
        self.colors = colors
        try await start()
    }

    deinit {
        running.withLock { $0?.task.cancel() }
        group.shutdownGracefully { _ in }
    }

    var live: Color? { running.withLock { $0?.routing.current.datum.live } }

    /// Like `kill -9`: what was only in memory is gone.
    func restart() async throws {
        let former = running.withLock { running in
            defer { running = nil }
            return running?.task
        }
        former?.cancel()
        await former?.value
        disk.cutPower()
        try await start()
    }

    private func start() async throws {
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let register = try Register(
            in: "/state", address: "/address", files: disk.files, log: log)
        let server = try await AdminServer(
            at: path, on: group, world: .live())
        let meter = TrafficMeter(shards: 1)
        let desk = AdminDesk(
            register: register, meter: meter, recent: RecentLatency(meter),
            proxy: AdminDesk.Proxy(
                process: ProcessIdentity(pid: 1, startTime: 1, bootID: "b"),
                listen: "127.0.0.1:8080", colors: colors, isUp: { _ in true },
                closeTunnels: { _ in }, sleep: { _ in }))
        let task = Task { await server.answer(from: desk) }
        running.withLock { $0 = Running(routing: register.routing, task: task) }
    }
}
