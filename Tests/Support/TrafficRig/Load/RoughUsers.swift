import NIOCore
import NIOPosix
import Synchronization

/// Users who are hard on a proxy: they read slowly, write slowly, send much, hold connections, or leave.
package final class RoughUsers: Sendable {
    package struct Tally: Sendable {
        /// Visits that went as they should, by kind.
        package var visits: [String: Int] = [:]
        /// What went wrong, in a few words each.
        package var failures: [String] = []

        package init() {}
    }

    private let url: String
    private let tally = Mutex(Tally())
    private let isOver = Atomic(false)

    private init(_ url: String) {
        self.url = url
    }

    /// Runs `body` while one user of each kind visits `url`, the root of an example backend, again and
    /// again; returns when the last visit is over.
    package static func visiting(
        _ url: String, while body: () async throws -> Void
    ) async throws -> Tally {
        let users = RoughUsers(url)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for (kind, visit) in users.kinds {
                group.addTask { await users.repeating(kind, visit) }
            }
            do {
                try await body()
            } catch {
                users.isOver.store(true, ordering: .relaxed)
                throw error
            }
            users.isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
            return users.tally.withLock { $0 }
        }
    }

    private typealias Visit = @Sendable () async throws -> Void

    private var kinds: [(String, Visit)] {
        [
            ("slow reader", readSlowly), ("slow writer", writeSlowly), ("big body", sendMuch),
            ("websocket", talk), ("gone before the answer", leave),
        ]
    }

    private func repeating(_ kind: String, _ visit: Visit) async {
        while !isOver.load(ordering: .relaxed) {
            do {
                try await visit()
                tally.withLock { $0.visits[kind, default: 0] += 1 }
            } catch {
                tally.withLock { $0.failures.append("\(kind): \(error)") }
            }
        }
    }

    // MARK: - Visits

    /// 4 MiB in at least 20 pieces, with a pause after each.
    private func readSlowly() async throws {
        let size = 4 << 20
        try await onConnection("GET /big?bytes=\(size) HTTP/1.1") { inbound, _ in
            var received = 0
            var pauseAt = size / 20
            for try await piece in inbound {
                received += piece.readableBytes
                guard received >= pauseAt else { continue }
                pauseAt += size / 20
                try await Task.sleep(for: .milliseconds(50))
            }
            guard received > size else { throw RigFailure("\(received) of \(size) bytes") }
        }
    }

    private func writeSlowly() async throws {
        let parts = Array(repeating: "part", count: 20)
        let answer = try await FreshRequest(
            "PUT", url + "/upload", body: parts, pause: .milliseconds(50)
        ).send()
        guard answer.status == 200, answer.body.contains("80") else {
            throw RigFailure("\(answer)")
        }
    }

    private func sendMuch() async throws {
        let size = 4 << 20
        let answer = try await FreshRequest(
            "PUT", url + "/upload", body: [String(repeating: "x", count: size)]
        ).send()
        guard answer.status == 200, answer.body.contains("\(size)") else {
            throw RigFailure("\(answer)")
        }
    }

    private func talk() async throws {
        let talk = try await WebSocketTalk.hold(url + "/talk", texts: 20, pause: .milliseconds(50))
        let color = talk.color ?? "nobody"
        guard talk.texts == (0..<20).map({ "\(color) \($0)" }) else { throw RigFailure("\(talk)") }
    }

    private func leave() async throws {
        try await onConnection("GET /slow?ms=500 HTTP/1.1") { _, _ in
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func onConnection(
        _ line: String,
        _ body: (
            NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>
        ) async throws -> Void
    ) async throws {
        let address = try Address(url)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(
                ByteBuffer(
                    string: "\(line)\r\nHost: \(address.host)\r\nConnection: close\r\n\r\n"))
            try await body(inbound, outbound)
        }
    }
}
