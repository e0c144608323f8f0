import Glibc
import NIOCore

/// Keeps a listener from taking more connections than it has places for. Who comes then waits in the
/// system's queue until somebody leaves.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = any Channel

    /// How often a full house looks again.
    private static let pause = TimeAmount.milliseconds(10)

    private let places: Places
    private let whenFull: (() -> Void)?
    private var waiting: Scheduled<Void>?

    /// `whenFull` is called again and again while somebody has to wait, and where the whole system has
    /// no descriptor.
    init(_ places: Places, whenFull: (() -> Void)? = nil) {
        self.places = places
        self.whenFull = whenFull
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        places.take()
        unwrapInboundIn(data).closeFuture.whenComplete { [places] _ in places.giveBack() }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        guard waiting == nil else { return }
        guard places.areTaken else { return context.read() }
        whenFull?()
        waiting = context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.waiting = nil
            self.read(context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, error.saysNoDescriptors { whenFull?() }
        context.fireErrorCaught(error)
    }

    func handlerRemoved(context: ChannelHandlerContext) { waiting?.cancel() }
}

extension IOError {
    var saysNoDescriptors: Bool { [EMFILE, ENFILE].contains(errnoCode) }
}
