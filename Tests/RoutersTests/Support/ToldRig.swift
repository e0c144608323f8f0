import Contracts
import PipelineModel
import Synchronization
import Testing

@testable import Routers

/// A tool and an API of nobody, under the contract of all routers.
struct ToldRig: RouterRig {
    let told: FakeTold
    let router: any Router
    let routerWithoutGreen: any Router
    let isAtomic: Bool? = nil

    static let kinds = ["S", "T"].flatMap { word in
        [
            RouterRigKind(name: "fake exec, class \(word)") {
                let told = FakeTold(comparesTokens: word == "T")
                return ToldRig(
                    told: told, router: try told.tool(["class": .text(word)]),
                    routerWithoutGreen: try told.tool([
                        "target": ["tool", "target-but-green", "${color}"]
                    ]))
            },
            RouterRigKind(name: "fake http, class \(word)") {
                let told = FakeTold(comparesTokens: word == "T")
                return ToldRig(
                    told: told, router: try told.api(["class": .text(word)]),
                    routerWithoutGreen: try told.api([
                        "target": ["url": "http://lb:1/pools-but-green/${color}"]
                    ]))
            },
        ]
    }

    func liveInTraffic() throws -> Color? { told.live }
    func restart() async throws {}
}

/// What a tool or an API switches, and how it misbehaves.
final class FakeTold: Sendable {
    private struct State {
        var text = "blue:green:0:0"
        /// Replaces the answer to a question of that name, once each.
        var processes: [String: ProcessResult] = [:]
        var answers: [String: Result<HTTPAnswer, HTTPFailure>] = [:]
        var asked: [ProcessRequest] = []
        var sent: [HTTPRequest] = []
        var isDeaf = false
    }

    private let state = Mutex(State())
    private let comparesTokens: Bool

    init(comparesTokens: Bool = false) { self.comparesTokens = comparesTokens }

    var text: String {
        get { state.withLock(\.text) }
        set { state.withLock { $0.text = newValue } }
    }
    var live: Color? { KeptDatum(written: text).sighting.color }
    var asked: [ProcessRequest] { state.withLock(\.asked) }
    var sent: [HTTPRequest] { state.withLock(\.sent) }

    /// The next process whose second word is `word` ends so, and does nothing.
    func prepare(_ word: String, _ result: ProcessResult) {
        state.withLock { $0.processes[word] = result }
    }

    /// The next request of this method is answered so, and does nothing.
    func prepare(_ method: String, _ answer: Result<HTTPAnswer, HTTPFailure>) {
        state.withLock { $0.answers[method] = answer }
    }

    /// Says yes to every order, and follows none.
    func becomeDeaf() { state.withLock { $0.isDeaf = true } }

    var world: World {
        var world = RouterWorld.world()
        world.processes.run = { (request) throws(Failure) in self.run(request) }
        world.http = HTTP { (request) throws(HTTPFailure) in try self.answer(request).get() }
        return world
    }

    // MARK: Routers

    func tool(_ more: Settings = [:]) throws -> any Router {
        let report = Report()
        return try #require(tool(more, report), "\(report.diagnostics)")
    }

    func tool(in world: World) throws -> any Router {
        let settings: Settings = [
            "read": ["tool", "read"], "switch": ["tool", "switch", "${datum}"],
        ]
        return try #require(ExecRouter(settings.section(), world: world))
    }

    func api(_ more: Settings = [:]) throws -> any Router {
        let report = Report()
        return try #require(api(more, report), "\(report.diagnostics)")
    }

    func tool(_ more: Settings, _ report: Report) -> ExecRouter? {
        let settings: Settings = [
            "read": ["tool", "read"], "switch": ["tool", "switch", "${datum}"], "timeout": "2s",
        ]
        return ExecRouter(settings.merging(more).section(report), world: world)
    }

    func api(_ more: Settings, _ report: Report) -> HTTPRouter? {
        let settings: Settings = [
            "read": ["url": "http://lb:1/shop", "value": "$.datum"],
            "switch": ["url": "http://lb:1/shop", "json": ["datum": "${datum}"]],
            "timeout": "2s",
        ]
        return HTTPRouter(settings.merging(more).section(report), world: world)
    }

    // MARK: Behind them

    private func run(_ request: ProcessRequest) -> ProcessResult {
        state.withLock { state in
            state.asked.append(request)
            let words = request.arguments
            if let prepared = state.processes.removeValue(forKey: words[1]) { return prepared }
            switch words[1] {
            case "read": return ProcessResult(ending: .exited(0), output: state.text + "\n")
            case "switch":
                let isHeard = Self.tell(&state, words[2], comparesTokens)
                return ProcessResult(ending: .exited(isHeard ? 0 : 3), errors: "too old\n")
            case "target-but-green" where words[2] == "green":
                return ProcessResult(ending: .exited(1), errors: "no such pool\n")
            default: return ProcessResult(ending: .exited(0))
            }
        }
    }

    private func answer(_ request: HTTPRequest) -> Result<HTTPAnswer, HTTPFailure> {
        state.withLock { state in
            state.sent.append(request)
            if let prepared = state.answers.removeValue(forKey: request.method) { return prepared }
            guard request.method == "PUT" else {
                if request.url.hasSuffix("-but-green/green") {
                    return .success(HTTPAnswer(status: 404))
                }
                return .success(
                    HTTPAnswer(status: 200, body: Array(#"{"datum":"\#(state.text)"}"#.utf8)))
            }
            // What it cannot read, it refuses.
            guard case .object(let members)? = try? JSON(parsing: request.body),
                case .text(let datum)? = members["datum"]
            else { return .success(HTTPAnswer(status: 400)) }
            let isHeard = Self.tell(&state, datum, comparesTokens)
            return .success(HTTPAnswer(status: isHeard ? 204 : 409))
        }
    }

    private static func tell(_ state: inout State, _ text: String, _ comparesTokens: Bool) -> Bool {
        let (held, new) = (KeptDatum(written: state.text), KeptDatum(written: text))
        if comparesTokens, let held = held.token, let new = new.token, held > new { return false }
        if !state.isDeaf { state.text = text }
        return true
    }
}

extension Observation.Sighting {
    fileprivate var color: Color? {
        if case .color(let color) = self { color } else { nil }
    }
}
