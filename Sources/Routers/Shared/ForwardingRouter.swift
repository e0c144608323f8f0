import Contracts
import PipelineModel

/// A router that says in a pipeline which way traffic is moved, and leaves the moving to that way.
///
/// It states itself only what differs.
protocol ForwardingRouter: Router {
    var way: any RouterWay { get }
}

/// One way to move traffic, as several routers may choose it; the promises are those of `Router`.
protocol RouterWay: Sendable {
    var fencing: Fencing { get }
    var abilities: RouterAbilities { get }
    var address: String { get }
    var firstValue: String { get }
    var usualDelay: Duration { get }
    var cold: (any ColdStart)? { get }

    func observe() async throws(Failure) -> Observation
    func write(_ datum: Datum, expecting: Observation) async -> WriteResult
}

extension RouterWay {
    var usualDelay: Duration { .zero }
    /// What the proxy starts with is its own file.
    var cold: (any ColdStart)? { nil }
}

extension ForwardingRouter {
    package var fencing: Fencing { way.fencing }
    package var abilities: RouterAbilities { way.abilities }
    package var address: String { way.address }
    package var firstValue: String { way.firstValue }
    package var usualDelay: Duration { way.usualDelay }
    package var cold: (any ColdStart)? { way.cold }

    package func observe() async throws(Failure) -> Observation { try await way.observe() }

    package func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        await way.write(datum, expecting: expecting)
    }
}

/// A router that is its way and nothing else.
protocol PlainRouter: ForwardingRouter {
    init(way: any RouterWay)

    /// Reads its own settings; reports its own mistakes and touches nothing.
    static func way(_ settings: Section, _ world: World) -> (any RouterWay)?
}

extension PlainRouter {
    package init?(_ settings: Section, world: World) {
        let way = settings.readingAlone { Self.way($0, world) }
        guard let way else { return nil }
        self.init(way: way)
    }
}
