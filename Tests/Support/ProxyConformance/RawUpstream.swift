import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A server that answers what it is told to, right or wrong, and keeps what it was sent.
package final class RawUpstream: Sendable {
    package enum Step: Sendable {
        case send([UInt8])
        /// Many zeros, only as fast as they are taken.
        case sendZeros(Int)
        /// No more is read.
        case stopReading
        /// No more is sent.
        case endOutput
        case close
        case reset
        /// Every byte that comes from now on is sent back.
        case echo
    }

    /// What is done when a request has arrived.
    package struct Script: Sendable {
        /// The head is enough, the body may be missing.
        package var beginsAtHead: Bool
        package var steps: [Step]

        package init(beginsAtHead: Bool = false, _ steps: [Step]) {
            self.beginsAtHead = beginsAtHead
            self.steps = steps
        }

        package static func answer(_ text: String) -> Script { Script([.send(text.octets)]) }

        package static let ok = answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    }

    fileprivate struct State {
        /// Used one after the other; the last one stays.
        var scripts: [Script]
        var connections = 0
        var open: [ObjectIdentifier: any Channel] = [:]
        var received: [UInt8] = []
        var zerosSent = 0
    }

    package let port: Int
    private let listener: any Channel
    private let state: Shared

    fileprivate final class Shared: Sendable {
        let state: Mutex<State>
        init(_ scripts: [Script]) { state = Mutex(State(scripts: scripts)) }
    }

    package struct NoPort: Error {}

    /// Port 0 asks for a free one.
    package static func start(port: Int = 0, _ scripts: Script...) async throws -> RawUpstream {
        let shared = Shared(scripts.isEmpty ? [.ok] : scripts)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Conversation(shared))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        guard let port = listener.localAddress?.port else { throw NoPort() }
        return RawUpstream(listener, port, shared)
    }

    private init(_ listener: any Channel, _ port: Int, _ state: Shared) {
        self.listener = listener
        self.port = port
        self.state = state
    }

    /// Everything that came, on all connections.
    package var received: [UInt8] { state.state.withLock(\.received) }
    package var text: String { String(decoding: received, as: UTF8.self) }
    package var connections: Int { state.state.withLock(\.connections) }
    package var openConnections: Int { state.state.withLock(\.open.count) }
    package var zerosSent: Int { state.state.withLock(\.zerosSent) }

    package func follow(_ scripts: Script...) {
        state.state.withLock { $0.scripts = scripts }
    }

    /// Sends this on every connection that is open now.
    package func say(_ text: String) {
        for channel in state.state.withLock({ Array($0.open.values) }) {
            channel.writeAndFlush(ByteBuffer(bytes: text.octets), promise: nil)
        }
    }

    /// Ends its direction of the connections that are open now, and waits until the other side has let
    /// go of them, so that it keeps none for later. One that is held longer than a second is closed.
    package func endConnections() async {
        for channel in state.state.withLock({ Array($0.open.values) }) {
            channel.close(mode: .output, promise: nil)
            let limit = channel.eventLoop.scheduleTask(in: .seconds(1)) {
                channel.close(promise: nil)
            }
            // It never fails: nothing closes it with an error.
            try? await channel.closeFuture.get()
            limit.cancel()
        }
    }

    /// Closes the connections that are open now.
    package func closeConnections() async {
        for channel in state.state.withLock({ Array($0.open.values) }) {
            // One that was closed by the other side is closed, too.
            try? await channel.close()
        }
    }

    /// Resets the connections that are open now.
    package func resetConnections() async {
        for channel in state.state.withLock({ Array($0.open.values) }) {
            let now = linger(l_onoff: 1, l_linger: 0)
            // Without it the close is an orderly one, and the test that wanted a reset fails.
            try? await (channel as? any SocketOptionProvider)?.setSoLinger(now).get()
        }
        await closeConnections()
    }

    package func stop() async {
        // It fails only where it was closed before.
        try? await listener.close()
        await closeConnections()
    }
}

/// One connection: waits for a request, follows the script, waits for the next.
private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let shared: RawUpstream.Shared
    private var pending: [UInt8] = []
    private var answersHead = false
    private var echoes = false
    private var zeros = 0

    init(_ shared: RawUpstream.Shared) {
        self.shared = shared
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        shared.state.withLock { state in
            state.connections += 1
            state.open[ObjectIdentifier(channel)] = channel
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let key = ObjectIdentifier(context.channel)
        shared.state.withLock { $0.open[key] = nil }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        shared.state.withLock { $0.received += bytes.readableBytesView }
        if echoes {
            context.writeAndFlush(data, promise: nil)
            return
        }
        pending += bytes.readableBytesView
        while !echoes, let script = nextScript() {
            for step in script.steps { perform(step, on: context) }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { sendZeros(context) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event as? ChannelEvent == .inputClosed else { return }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// The script for the request at the front of what came, once it is whole enough.
    private func nextScript() -> RawUpstream.Script? {
        guard let script = shared.state.withLock({ $0.scripts.first }) else { return nil }
        let end = MessageEnd.first(in: pending)
        if let end { pending = Array(pending[end...]) }
        let wasAnswered = answersHead
        if end != nil { answersHead = false }
        guard end != nil || (script.beginsAtHead && hasHead && !wasAnswered) else { return nil }
        guard !wasAnswered else { return nextScript() }
        answersHead = end == nil
        shared.state.withLock { if $0.scripts.count > 1 { $0.scripts.removeFirst() } }
        return script
    }

    private var hasHead: Bool { pending.contains("\r\n\r\n".octets) }

    private func perform(_ step: RawUpstream.Step, on context: ChannelHandlerContext) {
        switch step {
        case .send(let bytes):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        case .sendZeros(let count):
            zeros += count
            sendZeros(context)
        case .stopReading:
            // It fails only on a closed channel, which reads nothing either.
            try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        case .endOutput: context.close(mode: .output, promise: nil)
        case .close: context.close(promise: nil)
        case .reset:
            let now = linger(l_onoff: 1, l_linger: 0)
            let options = context.channel as? any SocketOptionProvider
            options?.setSoLinger(now).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        case .echo: echoes = true
        }
    }

    private func sendZeros(_ context: ChannelHandlerContext) {
        while zeros > 0, context.channel.isWritable {
            let count = min(zeros, 16_384)
            zeros -= count
            shared.state.withLock { $0.zerosSent += count }
            let bytes = ByteBuffer(repeating: 0, count: count)
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        }
    }
}
