import NIOCore
import NIOPosix

/// A server that breaks off in one particular way, to show that the load client notices.
struct RudeServer {
    /// What it does with the nth request of a connection, counted from 1.
    enum Manner: Sendable {
        case answer(String)
        case hangUp
        case answerThenHangUp(String)
        case saySomethingElse
        case silence
    }

    private let listener: any Channel

    var port: Int { listener.localAddress?.port ?? 0 }
    var url: String { "http://127.0.0.1:\(port)/" }

    static func open<Result>(
        _ manner: @escaping @Sendable (Int) -> Manner, _ body: (RudeServer) async throws -> Result
    ) async throws -> Result {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RudeConnection(manner))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(RudeServer(listener: listener))
            try await listener.close()
            return result
        } catch {
            try await listener.close()
            throw error
        }
    }
}

private final class RudeConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let manner: @Sendable (Int) -> RudeServer.Manner
    private var requests = 0

    init(_ manner: @escaping @Sendable (Int) -> RudeServer.Manner) {
        self.manner = manner
    }

    /// The client's requests are small and one at a time: one read is one request.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        requests += 1
        switch manner(requests) {
        case .answer(let text): write(text, on: context)
        case .hangUp: context.close(promise: nil)
        case .answerThenHangUp(let text):
            write(text, on: context)
            context.close(promise: nil)
        case .saySomethingElse: write("hello, who is there?\r\n\r\n", on: context)
        case .silence: break
        }
    }

    private func write(_ text: String, on context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
