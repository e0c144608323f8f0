import Contracts
import Synchronization

/// Stands between a router and its proxy, real or not, and spoils what passes.
final class FaultyStreams: Sendable {
    enum Mode: Sendable {
        case fine
        /// Nobody listens.
        case refuse
        /// The request leaves, nothing happens, nothing comes back.
        case hang
        /// The request has its effect, but the answer is lost.
        case dropAfterApply
        /// The request has its effect only when `deliverLate` is called.
        case late
        /// Somebody else answers.
        case answer([UInt8])
        /// The answer is cut after so many bytes.
        case cut(Int)
    }

    private struct State {
        var mode = Mode.fine
        var isOnlyWrites = false
        var late: [StreamRequest] = []
        var requests: [StreamRequest] = []
    }

    private let state = Mutex(State())
    private let inner: @Sendable (StreamRequest) async throws(StreamFailure) -> [UInt8]

    init(_ inner: @escaping @Sendable (StreamRequest) async throws(StreamFailure) -> [UInt8]) {
        self.inner = inner
    }

    var streams: Streams {
        Streams { (request) throws(StreamFailure) in try await self.exchange(request) }
    }

    /// Everything that was asked, oldest first.
    var requests: [StreamRequest] { state.withLock { $0.requests } }

    /// Spoils everything from now on, or `onlyWrites`.
    func become(_ mode: Mode, onlyWrites: Bool = false) {
        state.withLock {
            $0.mode = mode
            $0.isOnlyWrites = onlyWrites
        }
    }

    func deliverLate() async throws(StreamFailure) {
        let waiting = state.withLock { state in
            defer { state.late = [] }
            return state.late
        }
        for request in waiting { _ = try await inner(request) }
    }

    private func exchange(_ request: StreamRequest) async throws(StreamFailure) -> [UInt8] {
        let mode = state.withLock { state in
            state.requests.append(request)
            return state.isOnlyWrites && !Self.isWrite(request) ? .fine : state.mode
        }
        switch mode {
        case .fine:
            return try await inner(request)
        case .refuse:
            throw StreamFailure(mayHaveActed: false, "connection refused")
        case .hang:
            throw StreamFailure(mayHaveActed: true, "no answer within \(request.timeout)")
        case .dropAfterApply:
            _ = try await inner(request)
            throw StreamFailure(mayHaveActed: true, "connection reset")
        case .late:
            state.withLock { $0.late.append(request) }
            throw StreamFailure(mayHaveActed: true, "no answer within \(request.timeout)")
        case .answer(let bytes):
            return bytes
        case .cut(let count):
            return Array(try await inner(request).prefix(count))
        }
    }

    private static func isWrite(_ request: StreamRequest) -> Bool {
        let text = String(decoding: request.bytes, as: UTF8.self)
        return ["set ", "write ", "PATCH "].contains { text.hasPrefix($0) }
            || text.contains("x-bluegreen-raise")
    }
}
