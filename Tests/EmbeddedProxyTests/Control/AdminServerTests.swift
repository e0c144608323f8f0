import Contracts
import Foundation
import LiveWorld
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

    @Test func `a line that was cut off is not carried out`() async throws {
        try await AdminRig.run { rig async throws in
            #expect(try await rig.ask("write green free 41.1") == "error the line is not whole\n")
            #expect(try await rig.ask("write green free 1.1\n") == "applied\n")
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
    let world = World.live()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    static func run(
        _ body: (AdminRig) async throws -> Void, before: (String) throws -> Void = { _ in }
    ) async throws {
        let folder = "/tmp/bg-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // A folder that stays behind in /tmp is no reason to fail a test.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let rig = AdminRig(path: folder + "/admin.sock")
        defer { rig.group.shutdownGracefully { _ in } }
        try before(rig.path)
        let server = try await AdminServer(at: rig.path, on: rig.group, world: rig.world)
        let desk = try AdminDesk(
            register: Register(
                in: "/state", address: "/address", files: MemoryFiles().files, log: .silent),
            colors: [.blue, .green])
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { await server.answer(from: desk) }
            defer { tasks.cancelAll() }
            try await body(rig)
        }
    }

    func ask(_ text: String) async throws -> String {
        let request = StreamRequest(
            .unix(path: path), bytes: Array(text.utf8), timeout: .seconds(20))
        return String(decoding: try await world.streams.exchange(request), as: UTF8.self)
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
