import Contracts
import PipelineModel
import Synchronization
import TestWorld

/// The other end of every request of a test: answers it and remembers it.
final class Wire: Sendable {
    private let sent = Mutex<[HTTPRequest]>([])
    private let answer: @Sendable (HTTPRequest) throws(HTTPFailure) -> HTTPAnswer

    init(_ answer: @escaping @Sendable (HTTPRequest) throws(HTTPFailure) -> HTTPAnswer) {
        self.answer = answer
    }

    /// The same answer to everything.
    convenience init(
        _ status: Int = 200, _ body: String = "", headers: [HTTPField] = [],
        elapsed: Duration = .milliseconds(12)
    ) {
        self.init { _ throws(HTTPFailure) in
            HTTPAnswer(
                status: status, headers: headers, body: Array(body.utf8), elapsed: elapsed)
        }
    }

    var requests: [HTTPRequest] { sent.withLock { $0 } }

    var world: World {
        var world = World.offLimits
        world.http.send = { request throws(HTTPFailure) in
            self.sent.withLock { $0.append(request) }
            return try self.answer(request)
        }
        return world
    }
}

extension World {
    /// Every program ends the same way.
    static func programs(_ result: ProcessResult) -> World {
        var world = World.offLimits
        world.processes.run = { _ throws(Failure) in result }
        return world
    }
}

/// The moment at which a check of green is asked.
func moment(
    _ values: [String: String] = ["color": "green", "version": "2.8"],
    timeout: Duration = .seconds(60)
) -> StepContext {
    StepContext(
        color: .green, url: "http://127.0.0.1:8082",
        substitutes: Substitutes(
            values, constants: Constants(environment: { ["TOKEN": "s3cret"][$0] })),
        environment: ["PATH": "/bin"], timeout: timeout)
}
