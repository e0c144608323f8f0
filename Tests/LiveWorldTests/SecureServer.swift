import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A TLS server on loopback that speaks as much HTTP/1.1 and HTTP/2 as a question needs: it answers
/// with the protocol, the client's port and the name that the client asked for in its first message.
final class SecureServer: Sendable {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }
    var address: String { "127.0.0.1:\(port)" }

    init(_ certificates: Certificates, protocols: [String]) async throws {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificates.certificate)
                .map { .certificate($0) },
            privateKey: .privateKey(try .init(file: certificates.key, format: .pem)))
        configuration.applicationProtocols = protocols
        let context = try NIOSSLContext(configuration: configuration)
        channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    let hello = ClientHello()
                    try child.pipeline.syncOperations.addHandlers([
                        hello, NIOSSLServerHandler(context: context), Answerer(hello),
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func close() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }
}

/// Reads the name that the client sends before anything is encrypted.
private final class ClientHello: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var namesShop = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = String(decoding: unwrapInboundIn(data).readableBytesView, as: UTF8.self)
        if bytes.contains("shop.test") { namesShop = true }
        context.fireChannelRead(data)
    }
}

private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private let hello: ClientHello
    private var received: [UInt8] = []
    private var isHTTP2 = false

    init(_ hello: ClientHello) { self.hello = hello }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
        if received.starts(with: Self.preface) {
            isHTTP2 = true
            received.removeFirst(Self.preface.count)
            send(frame(type: 4, flags: 0, stream: 0, []), context)
        }
        if isHTTP2 {
            while let (type, flags, stream) = nextFrame() {
                answerFrame(type, flags, stream, context)
            }
        } else if String(decoding: received, as: UTF8.self).hasSuffix("\r\n\r\n") {
            received = []
            let body = text("http/1.1", context)
            send(
                Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n\(body)".utf8),
                context)
        }
    }

    private func text(_ name: String, _ context: ChannelHandlerContext) -> String {
        let port = context.channel.remoteAddress?.port ?? 0
        return "\(name) \(port) \(hello.namesShop ? "shop.test" : "-")"
    }

    private func nextFrame() -> (type: UInt8, flags: UInt8, stream: UInt8)? {
        guard received.count >= 9 else { return nil }
        let length = Int(received[0]) << 16 | Int(received[1]) << 8 | Int(received[2])
        guard received.count >= 9 + length else { return nil }
        defer { received.removeFirst(9 + length) }
        return (received[3], received[4], received[8])
    }

    /// Settings are acknowledged; headers that end a request are answered.
    private func answerFrame(
        _ type: UInt8, _ flags: UInt8, _ stream: UInt8, _ context: ChannelHandlerContext
    ) {
        if type == 4, flags & 1 == 0 { send(frame(type: 4, flags: 1, stream: 0, []), context) }
        guard type == 1 else { return }
        let status200: [UInt8] = [0x88]
        send(frame(type: 1, flags: 4, stream: stream, status200), context)
        send(frame(type: 0, flags: 1, stream: stream, Array(text("h2", context).utf8)), context)
    }

    private func frame(
        type: UInt8, flags: UInt8, stream: UInt8, _ content: [UInt8]
    ) -> [UInt8] {
        [0, 0, UInt8(content.count), type, flags, 0, 0, 0, stream] + content
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}
