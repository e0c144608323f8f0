import NIOCore
import NIOHTTP1

/// Tells a lane what happens on one of its connections.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let lane: LoadLane

    init(_ lane: LoadLane) {
        self.lane = lane
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): lane.began(head, on: context.channel)
        case .body(let piece): lane.received(piece, on: context.channel)
        case .end: lane.completed(on: context.channel)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        lane.closed(context.channel)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // An answer that is cut off also ends the connection, which is what says so.
        if let error = error as? HTTPParserError, error != .invalidEOFState {
            lane.spokeNonsense(on: context.channel)
        }
        context.close(promise: nil)
    }
}
