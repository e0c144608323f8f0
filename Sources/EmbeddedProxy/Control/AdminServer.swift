import Contracts
import NIOCore
import NIOPosix

/// The admin socket: one line in, one answer, close. Only for this user (0600).
struct AdminServer: Sendable {
    private struct Question: Sendable {
        let line: String
        let channel: any Channel
    }

    private let listener: any Channel
    private let questions: AsyncStream<Question>

    /// Listens at `path` once this returns; connections wait until `answer` is called.
    ///
    /// A socket file that nobody answers on is replaced; anything else at `path` is left alone.
    init(at path: String, on group: any EventLoopGroup, world: World) async throws(Failure) {
        try await Self.clear(path, world)
        let (questions, asking) = AsyncStream.makeStream(of: Question.self)
        self.questions = questions
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        AcceptBackoffHandler(), AcceptGate(Places(DescriptorShares.askers)))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = AdminLineHandler { line in
                        asking.yield(Question(line: line, channel: channel))
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            listener = try await PrivateSocket.bind(bootstrap, at: path)
        } catch {
            throw Failure(
                .proxyNotStarted, "The proxy cannot open its admin socket at \(path).",
                evidence: ["\(error)"],
                hint: "Check that the folder exists and belongs to this user.")
        }
        listener.closeFuture.whenComplete { _ in asking.finish() }
    }

    /// Answers until the task is cancelled; then the socket is gone.
    func answer(from desk: AdminDesk) async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for await question in questions {
                    group.addTask {
                        await desk.answer(question.line) { question.channel.close(saying: $0) }
                    }
                }
                group.cancelAll()
            }
        } onCancel: {
            listener.close(promise: nil)
        }
    }

    private static func clear(_ path: String, _ world: World) async throws(Failure) {
        do throws(FileFailure) {
            guard let status = try world.files.status(path) else { return }
            guard status.kind == .other else {
                throw FileFailure(.unsafe, "\(path) is there and is no socket")
            }
            guard await isSilent(path, world) else {
                throw FileFailure(.alreadyExists, "somebody else answers at \(path)")
            }
            try world.files.remove(path)
        } catch {
            throw Failure(
                .proxyNotStarted, "The proxy cannot open its admin socket: \(error.message).",
                hint: "Give this proxy a path of its own: 'router.embedded.admin'.")
        }
    }

    private static func isSilent(_ path: String, _ world: World) async -> Bool {
        let ping = StreamRequest(
            .unix(path: path), bytes: Array("ping\n".utf8), timeout: .milliseconds(500))
        do throws(StreamFailure) {
            _ = try await world.streams.exchange(ping)
            return false
        } catch {
            return !error.mayHaveActed
        }
    }
}

extension Channel {
    /// What the other side still sends is read and forgotten for a while: closing over it would take the
    /// answer away from who has not read it yet.
    fileprivate func close(saying answer: String) {
        writeAndFlush(ByteBuffer(string: answer)).whenComplete { _ in
            self.close(mode: .output, promise: nil)
        }
        eventLoop.scheduleTask(in: AdminLineHandler.patience) { self.close(promise: nil) }
    }
}

/// Collects one line of bounded length in bounded time.
private final class AdminLineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    static let limit = 4_096
    static let patience = TimeAmount.seconds(5)

    private let ask: @Sendable (String) -> Void
    private var received: [UInt8] = []
    private var hasAsked = false
    private var silence: Scheduled<Void>?

    init(ask: @escaping @Sendable (String) -> Void) { self.ask = ask }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        silence = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasAsked else { return }
        received += unwrapInboundIn(data).readableBytesView
        if let end = received.firstIndex(of: UInt8(ascii: "\n")), end <= Self.limit {
            return finish(received[..<end])
        }
        guard received.count > Self.limit else { return }
        stopListening()
        context.channel.close(saying: "error a line has \(Self.limit) bytes at most\n")
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed? = event as? ChannelEvent, !hasAsked else { return }
        // What is here may be the beginning of another command: half a number is a number.
        stopListening()
        context.channel.close(saying: "error the line is not whole\n")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func stopListening() {
        hasAsked = true
        silence?.cancel()
    }

    private func finish(_ line: ArraySlice<UInt8>) {
        stopListening()
        ask(
            String(
                decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self))
    }
}
