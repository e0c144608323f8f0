import Contracts
import Foundation
import PipelineModel
import Testing
import TrafficRig

@testable import Routers

/// A real proxy with the configuration that `init` writes, in front of two servers that answer with
/// their colour, ended with the test.
final class RealProxy {
    let rig: ProxyRig
    private let servers: [ColorServer]

    /// `change` may spoil the configuration.
    init(_ kind: ProxyKind, _ change: (String) -> String = { $0 }) async throws {
        let port = try FreePort.next()
        // Who serves files listens itself for both colours.
        servers = kind.servesFiles ? [] : [try ColorServer("blue"), try ColorServer("green")]
        let ports =
            servers.isEmpty
            ? [try FreePort.next(), try FreePort.next()] : servers.map(\.port)
        let start = kind.type.startingPoint(
            StartingPlan(
                service: "shop", listen: "127.0.0.1:\(port)", blue: "127.0.0.1:\(ports[0])",
                green: "127.0.0.1:\(ports[1])"))
        let files = start.files.map { (URL(filePath: $0.path).lastPathComponent, $0.text) }
        rig = try await ProxyRig(
            kind, port: port, Dictionary(uniqueKeysWithValues: files), change: change)
    }

    /// Real sockets, time, programs and files, on what counts as a disk.
    static var world: World {
        var files = RouterWorld.realFiles
        files.read = { (path, limit) throws(FileFailure) in
            path == MountTable.path ? [] : try RouterWorld.realFiles.read(path, limit)
        }
        var world = RouterWorld.world(
            streams: Streams { (request) throws(StreamFailure) in
                try BlockingExchange.exchange(request)
            }, files: files)
        // A test that is cancelled has nothing to wait for.
        world.time.sleep = { try? await Task.sleep(for: $0) }
        world.time.now = { .nanoseconds(Monotonic.now()) }
        world.processes.run = { (request) throws(Failure) in try await run(request) }
        return world
    }

    private static func run(_ request: ProcessRequest) async throws(Failure) -> ProcessResult {
        do {
            let done = try await ChildProcess.run(request.arguments, within: request.timeout)
            return ProcessResult(
                ending: .exited(done.status ?? -1), output: done.output, errors: done.errors)
        } catch {
            throw Failure(.commandNotFound, "\(error)")
        }
    }

    var settings: Settings { .mapping(rig.settings.map { ($0.key, .written($0.value)) }) }

    func router(_ settings: Settings? = nil) throws -> any Router {
        try rig.kind.router(settings ?? self.settings, Self.world)
    }

    /// The first line of every request that reached a colour.
    var requests: [String] { servers.flatMap(\.requests) }

    /// What the body of one request through the public address says.
    func live(_ headers: String = "", target: String? = nil) throws -> Color? {
        let line = "GET \(target ?? rig.kind.page) HTTP/1.1\r\n"
        let head = line + "host: x\r\nconnection: close\r\n\(headers)\r\n"
        let answer = try BlockingExchange.exchange(
            StreamRequest(
                .tcp(host: "127.0.0.1", port: rig.port), bytes: Array(head.utf8),
                timeout: .seconds(2), keepsOpen: true))
        let body = AdminPage.answer(answer)?.body ?? []
        return Color(
            rawValue: String(decoding: body, as: UTF8.self).trimmingCharacters(in: .newlines))
    }
}

extension ProxyKind {
    var type: any ConfigurableRouter.Type {
        guard let type = RouterCatalog.type(of: name) as? any ConfigurableRouter.Type else {
            preconditionFailure("init cannot write anything for \(name).")
        }
        return type
    }

    func router(_ settings: Settings, _ world: World) throws -> any Router {
        let made = type.init(settings.section(), world: world)
        return try #require(made)
    }
}
