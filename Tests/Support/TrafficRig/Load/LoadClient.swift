import NIOCore
import NIOPosix

/// Users that ask a service at a steady rate and write down what they saw of every request.
///
/// Nothing is ever sent twice: a request that is lost is recorded as lost.
package final class LoadClient: Sendable {
    private let recorder: LoadRecorder
    private let lanes: NIOLoopBound<[LoadLane]>

    /// Begins to send; the first requests are spread over one interval.
    package static func start(_ plan: LoadPlan) async throws -> LoadClient {
        let recorder = LoadRecorder()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let lanes = try await loop.submit {
            let lanes = Self.lanes(plan, recorder, on: loop)
            let start = Monotonic.now()
            for (number, lane) in lanes.enumerated() {
                lane.start(at: start + Int64(number) * 1_000_000_000 / Int64(plan.rate))
            }
            return NIOLoopBound(lanes, eventLoop: loop)
        }.get()
        return LoadClient(recorder, lanes)
    }

    private static func lanes(
        _ plan: LoadPlan, _ recorder: LoadRecorder, on loop: any EventLoop
    ) -> [LoadLane] {
        let kinds: [(LoadLane.Kind, Int)] = [
            (.keepAlive, plan.keepAlive), (.close, plan.close), (.posts, plan.posts),
        ]
        return kinds.flatMap { kind, count in
            (0..<count).map { _ in LoadLane(kind, plan, recorder, on: loop) }
        }
    }

    private init(_ recorder: LoadRecorder, _ lanes: NIOLoopBound<[LoadLane]>) {
        self.recorder = recorder
        self.lanes = lanes
    }

    /// Every request that is over so far.
    package var records: [LoadRecord] { recorder.records }

    /// Waits until so many more requests are over.
    package func wait(for count: Int) async throws {
        let enough = recorder.count + count
        try await eventually("\(count) more requests") { recorder.count >= enough }
    }

    /// Waits for an answer by `color` to a request that was sent after `moment`.
    package func wait(for color: String, after moment: Int64) async throws {
        try await eventually("an answer by \(color)") {
            recorder.last { $0.sent <= moment || $0.color == color }.map { $0.sent > moment }
                ?? false
        }
    }

    /// Waits for the answers under way, at most as long as a request may take.
    package func stop(switches: [Switch] = []) async throws -> LoadSummary {
        let lanes = lanes
        try await lanes.eventLoop.flatSubmit {
            EventLoopFuture.andAllComplete(
                lanes.value.map { $0.stop() }, on: lanes.eventLoop)
        }.get()
        return LoadSummary(records, switches: switches)
    }
}
