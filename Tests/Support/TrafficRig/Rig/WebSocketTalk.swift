import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// One WebSocket, over which a user speaks now and then.
package struct WebSocketTalk: Sendable {
    private typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// Who took the connection over.
    package let color: String?
    /// What came back, text by text.
    package let texts: [String]

    /// Opens a WebSocket at `url`, says `count` texts with `pause` before each, waits for every echo
    /// and closes it in order.
    package static func hold(
        _ url: String, texts count: Int, pause: Duration
    ) async throws -> WebSocketTalk {
        let (frames, color) = try await open(Address(url))
        return try await frames.executeThenClose { inbound, outbound in
            var texts: [String] = []
            var answers = inbound.makeAsyncIterator()
            for number in 0..<count {
                try await Task.sleep(for: pause)
                try await outbound.write(frame(.text, "\(number)"))
                guard let answer = try await answers.next(), answer.opcode == .text else { break }
                texts.append(String(buffer: answer.unmaskedData))
            }
            try await outbound.write(frame(.connectionClose, ""))
            guard try await answers.next()?.opcode == .connectionClose else {
                throw RigFailure("the WebSocket was not closed in order")
            }
            return WebSocketTalk(color: color, texts: texts)
        }
    }

    private static func open(_ address: Address) async throws -> (Frames, String?) {
        let opening = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: .init(upgradeConfiguration: upgrade(to: address)))
                }
            }
        return try await opening.get()
    }

    /// The client checks `Sec-WebSocket-Accept`; without it this is no upgrade.
    private static func upgrade(
        to address: Address
    ) -> NIOTypedHTTPClientUpgradeConfiguration<(Frames, String?)> {
        let request = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: address.path, headers: ["Host": address.host])
        let upgrader = NIOTypedWebSocketClientUpgrader<(Frames, String?)>(
            upgradePipelineHandler: { channel, answer in
                channel.eventLoop.makeCompletedFuture {
                    (
                        try Frames(wrappingChannelSynchronously: channel),
                        answer.headers.first(name: "x-color")
                    )
                }
            })
        return NIOTypedHTTPClientUpgradeConfiguration(
            upgradeRequestHead: request, upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeFailedFuture(RigFailure("no WebSocket there"))
            })
    }

    private static func frame(_ opcode: WebSocketOpcode, _ text: String) -> WebSocketFrame {
        WebSocketFrame(
            fin: true, opcode: opcode, maskKey: .random(), data: ByteBuffer(string: text))
    }
}
