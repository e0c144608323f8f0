import Contracts
import Foundation
import NIOCore
import NIOPosix
import PipelineModel
import TestWorld
import Testing

@testable import EmbeddedProxy

/// The socket itself: who may use it, how long, and what happens to one that is left behind.
struct AdminServerTests {
    @Test func `one line gets one answer, and the connection ends`() async throws {
        try await AdminRig.run { rig async throws in
            #expect(try await rig.ask("write green free 1.1\n") == "applied\n")
            #expect(try await rig.ask("write blue free 1.2\nobserve\n") == "applied\n")
            #expect(try await rig.ask("write green free 1.3\r\n") == "applied\n")
        }
    }

    @Test func `a last line needs no end`() async throws {
        try await AdminRig.run { rig async throws in
            #expect(try await rig.ask("write green free 1.1") == "applied\n")
        }
    }

    @Test func `a line without end is cut short`() async throws {
        try await AdminRig.run { rig async throws in
            let answer = try await rig.ask(String(repeating: "x", count: 100_000))
            #expect(answer.hasPrefix("error "))
            #expect(answer.utf8.count < 200)
            #expect(try await rig.ask("ping\n").contains("pid"))
        }
    }

    @Test func `the socket is for this user alone`() async throws {
        try await AdminRig.run { rig async throws in
            let attributes = try FileManager.default.attributesOfItem(atPath: rig.path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
    }

    @Test func `a socket that a dead proxy left behind is replaced`() async throws {
        try await AdminRig.run { rig async throws in
            #expect(try await rig.ask("ping\n").contains("pid"))
        } before: {
            try leaveDeadSocket(at: $0)
        }
    }

    @Test func `a file that is no socket is left alone`() async throws {
        await #expect(throws: Failure.self) {
            try await AdminRig.run { _ in
            } before: {
                try "precious".write(toFile: $0, atomically: true, encoding: .utf8)
            }
        }
    }

    @Test func `a socket on which another proxy answers is left alone`() async throws {
        try await AdminRig.run { rig async throws in
            await #expect(throws: Failure.self) {
                _ = try await AdminServer(at: rig.path, on: rig.group, world: rig.world)
            }
            #expect(try await rig.ask("ping\n").contains("pid"))
        }
    }
}

/// An admin server with a register of its own, in a folder that is removed afterwards.
private struct AdminRig {
    let path: String
    let group: any EventLoopGroup
    let world: World

    static func run(
        _ body: (AdminRig) async throws -> Void, before: (String) throws -> Void = { _ in }
    ) async throws {
        let folder =
            FileManager.default.temporaryDirectory.path + "/bg\(UInt32.random(in: 0...9_999_999))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/a.sock"
        try before(path)
        let group = MultiThreadedEventLoopGroup.singleton
        let rig = AdminRig(path: path, group: group, world: world(group))
        let server = try await AdminServer(at: path, on: group, world: rig.world)
        let meter = TrafficMeter(shards: 1)
        let register = try Register(in: "/state", files: MemoryFiles().files, log: .silent)
        let desk = AdminDesk(
            register: register, meter: meter, recent: RecentLatency(meter),
            proxy: AdminDesk.Proxy(
                process: rig.world.host.process, listen: "127.0.0.1:1",
                colors: [.blue, .green], isUp: { _ in true }, closeTunnels: { _ in },
                sleep: { _ in }))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { await server.answer(from: desk) }
            defer { tasks.cancelAll() }
            try await body(rig)
        }
    }

    func ask(_ text: String) async throws -> String {
        try await Self.ask(path, text, group)
    }

    private static func ask(
        _ path: String, _ text: String, _ group: any EventLoopGroup
    ) async throws -> String {
        let client = try await ClientBootstrap(group: group)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await client.executeThenClose { inbound, outbound in
            // The other side may have heard enough before everything is sent.
            try? await outbound.write(ByteBuffer(string: text))
            outbound.finish()
            var answer = ""
            for try await part in inbound { answer += String(buffer: part) }
            return answer
        }
    }

    private static func world(_ group: any EventLoopGroup) -> World {
        var world = World.offLimits
        world.files.status = { (path) throws(FileFailure) in
            var entry = stat()
            guard lstat(path, &entry) == 0 else { return nil }
            return FileStatus(
                kind: entry.st_mode & S_IFMT == S_IFSOCK ? .other : .file, size: 0, mode: 0,
                userID: 0, modified: WallTime(milliseconds: 0))
        }
        world.files.remove = { (path) throws(FileFailure) in unlink(path) }
        world.streams.exchange = { (request) throws(StreamFailure) in
            guard case .unix(let path) = request.endpoint else { return [] }
            do {
                return Array(try await ask(path, "ping\n", group).utf8)
            } catch {
                throw StreamFailure(mayHaveActed: false, "\(error)")
            }
        }
        return world
    }
}

/// What `kill -9` leaves: a socket's file that nobody listens on.
private func leaveDeadSocket(at path: String) throws {
    let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(dead) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let outcome = withUnsafeBytes(of: address) { bytes in
        bytes.withMemoryRebound(to: sockaddr.self) {
            bind(dead, $0.baseAddress, socklen_t(bytes.count))
        }
    }
    try #require(outcome == 0)
}
