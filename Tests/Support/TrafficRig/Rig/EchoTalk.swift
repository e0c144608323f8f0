import NIOCore
import NIOPosix

/// One upgraded connection, on which a user speaks now and then.
package struct EchoTalk: Sendable {
    /// Who took the connection over.
    package let color: String?
    /// What came back, line by line.
    package let lines: [String]

    /// Upgrades a connection at `url`, says `count` lines with `pause` before each, and waits for
    /// every echo.
    package static func hold(
        _ url: String, lines count: Int, pause: Duration
    ) async throws -> EchoTalk {
        let address = try Address(url)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let request =
                "GET \(address.path) HTTP/1.1\r\nHost: \(address.host)\r\n"
                + "Connection: Upgrade\r\nUpgrade: echo\r\n\r\n"
            try await outbound.write(ByteBuffer(string: request))
            var head = ""
            var lines: [String] = []
            var text = ""
            for try await piece in inbound {
                text += String(buffer: piece)
                guard text.hasSuffix(head.isEmpty ? "\r\n\r\n" : "\n") else { continue }
                if head.isEmpty {
                    head = text.lowercased()
                    guard head.hasPrefix("http/1.1 101") else { throw RigFailure(text) }
                } else {
                    lines.append(String(text.dropLast()))
                }
                text = ""
                guard lines.count < count else { break }
                try await Task.sleep(for: pause)
                try await outbound.write(ByteBuffer(string: "\(lines.count)\n"))
            }
            return EchoTalk(color: value(of: "x-color", in: head), lines: lines)
        }
    }

    private static func value(of name: String, in head: String) -> String? {
        head.split(separator: "\r\n").first { $0.hasPrefix(name + ": ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }
}
