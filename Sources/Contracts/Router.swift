package import PipelineModel

/// Decides where production traffic goes: the truth about which colour is live.
///
/// A router does what it is told and says what it sees. It decides nothing, remembers nothing and never
/// talks to the engine.
package protocol Router: Sendable {
    /// The word in the pipeline file.
    static var kind: String { get }
    /// One sentence for the reference.
    static var summary: String { get }
    /// The keys it takes; decoder, schema and reference come from this.
    static var settings: SettingsDescription { get }
    /// Whether one of its ways can send a share of the traffic to idle; which of them, `abilities` says.
    static var mayShareTraffic: Bool { get }

    /// Reads its own settings and reports its own mistakes into `settings.report`; touches nothing.
    init?(_ settings: Section, world: World)

    /// What its writes promise.
    var fencing: Fencing { get }
    /// What a switch through it does to traffic.
    var abilities: RouterAbilities { get }
    /// Where it is, for people: `/run/haproxy/admin.sock`.
    var address: String { get }
    /// What a person does to give a service its first value, where it has none: a sentence.
    var firstValue: String { get }

    /// How long a write usually takes beyond a few questions. Nothing waits for it or ends by it: people
    /// are told how long a rollback would take.
    var usualDelay: Duration { get }

    /// What a person compares where a write takes a second or more to show; `nil` where no setting of
    /// the proxy is known to delay it.
    var slowedBy: String? { get }

    /// This router, where it counts requests. Answered by the protocol itself, unless that depends on
    /// the settings.
    var meter: (any MeteredRouter)? { get }
    /// This router, where it can close tunnels. To be answered by the protocols themselves.
    var closer: (any ClosingRouter)? { get }
    /// Where its proxy finds the datum when it starts; `nil` where there is no such place, or where it
    /// is read and written in the same way whether the proxy runs or not.
    var cold: (any ColdStart)? { get }

    /// Looks in the proxy's own configuration for what would spoil a switch; `nil` where nothing is known
    /// of it. Before a switch it looks only where the settings say how, because that takes time.
    func inspect(isBeforeSwitch: Bool) async -> Inspection?

    /// Which of its abilities its proxy has only by lines of its configuration that were not found. Asks
    /// where that shows them, and changes nothing.
    func believed() async -> Set<RouterAbilities.Believed>

    /// Asks the router. Has no side effect and may be repeated at will.
    ///
    /// Takes at most half a second, or as long as its settings allow; a router that cannot be read is a
    /// failure, never a guess.
    func observe() async throws(Failure) -> Observation

    /// Writes the datum, first where it takes effect, then where it survives a restart.
    ///
    /// The target must exist; a router that accepts dead names checks that before it writes. `expecting`
    /// is what was seen before: a higher token than `datum.token` is refused as stale. Sending the same
    /// datum again is harmless.
    func write(_ datum: Datum, expecting: Observation) async -> WriteResult
}

extension Router {
    package static var mayShareTraffic: Bool { false }
    package func believed() async -> Set<RouterAbilities.Believed> { [] }
    package var firstValue: String {
        "Compare its settings in the pipeline with what it holds, or add the first value by hand:"
            + " docs/routers shows how."
    }
    package var usualDelay: Duration { .zero }
    package var slowedBy: String? { nil }
    package func inspect(isBeforeSwitch: Bool) async -> Inspection? { nil }
    package var meter: (any MeteredRouter)? { nil }
    package var closer: (any ClosingRouter)? { nil }
    package var cold: (any ColdStart)? { nil }

    /// `observe()` as a value, for asking several routers at once.
    ///
    /// A function of its own on purpose: inside the closure of a task group, `do throws(Failure)` loses
    /// its result in optimised builds of Swift 6.3.1.
    package func look() async -> Result<Observation, Failure> {
        do throws(Failure) {
            return .success(try await observe())
        } catch {
            return .failure(error)
        }
    }
}

/// What was found in a proxy's own configuration; `mend` is what a person does.
package enum Inspection: Hashable, Sendable {
    case sound(String)
    /// It may spoil a switch.
    case doubtful(String, mend: String)
    case harmful(String, mend: String)
}

/// What is written into a router: one value, in one step.
package struct Datum: Hashable, Codable, Sendable {
    package var live: Color
    /// Says to every machine that the idle environment is no way back.
    package var isIdleClaimed: Bool
    /// Of 100 requests, so many go to the other colour: 1 to 99; absent where none does.
    package var idlePercent: Int?
    package var token: Token

    package init(
        live: Color, isIdleClaimed: Bool = false, idlePercent: Int? = nil, token: Token
    ) {
        self.live = live
        self.isIdleClaimed = isIdleClaimed
        self.idlePercent = idlePercent
        self.token = token
    }
}

extension Datum {
    /// What a router shows that holds it.
    package var sighting: Observation.Sighting {
        idlePercent.map { .shared(live, idlePercent: $0) } ?? .color(live)
    }
}

package enum WriteResult: Hashable, Codable, Sendable {
    /// In effect and durable.
    case applied
    /// In effect, but a restart would return to the old value; the failure says why.
    case appliedNotDurable(Failure)
    /// The router holds this higher token; nothing was changed.
    case refusedStale(Token)
    /// Certainly not applied.
    case notApplied(Failure)
    /// It may have been applied, or may be later. It is read back until known, never written again blindly.
    case unknown(Failure)
}

extension WriteResult {
    /// Certainly not in effect.
    package var isRefusal: Bool {
        switch self {
        case .notApplied, .refusedStale: true
        case .applied, .appliedNotDurable, .unknown: false
        }
    }
}

/// What a router's writes promise; shown by `status -v`.
package enum Fencing: String, Codable, Sendable {
    /// The router itself compares tokens: a stale writer cannot win.
    case token = "T"
    /// When the call returns it is applied or it is not; a stale writer must be dead first.
    case synchronous = "S"
    /// A write may take effect late.
    case asynchronous = "A"
}

/// What a switch through a router does to traffic; `nil` is what nobody has said.
package struct RouterAbilities: Hashable, Codable, Sendable {
    package enum Believed: Hashable, Sendable {
        case shares
        case testers
    }

    /// Every request that is sent after a write is served by the new colour.
    package var isAtomic: Bool?
    /// Requests under way, tunnels and idle connections stay where they are.
    package var keepsConnections: Bool?
    /// It says how many requests are under way on each colour.
    package var showsDrain: Bool
    /// What was written survives a restart of the router.
    package var isDurable: Bool?
    /// It sends requests with a certain header or cookie to idle.
    package var routesTesters: Bool
    /// It sends a share of the requests to idle, and counts what each colour gets.
    package var sharesTraffic: Bool
    /// This, and the class, is what the pipeline says; nobody has tested it.
    package var isDeclared: Bool

    package init(
        isAtomic: Bool?, keepsConnections: Bool?, showsDrain: Bool, isDurable: Bool?,
        routesTesters: Bool = false, sharesTraffic: Bool = false, isDeclared: Bool = false
    ) {
        self.isAtomic = isAtomic
        self.keepsConnections = keepsConnections
        self.showsDrain = showsDrain
        self.isDurable = isDurable
        self.routesTesters = routesTesters
        self.sharesTraffic = sharesTraffic
        self.isDeclared = isDeclared
    }

    /// A value that the proxy reads once for each request.
    package static func valuePerRequest(
        showsDrain: Bool, isDurable: Bool, routesTesters: Bool = false,
        sharesTraffic: Bool = false
    ) -> RouterAbilities {
        RouterAbilities(
            isAtomic: true, keepsConnections: true, showsDrain: showsDrain, isDurable: isDurable,
            routesTesters: routesTesters, sharesTraffic: sharesTraffic)
    }
}

/// A router that counts real requests per colour.
package protocol MeteredRouter: Router {
    /// The names that `router:` may ask for in a bake, where `meter` is there.
    static var metrics: [RouterMetricName] { get }

    /// Counters since the router started, or since they were asked for first. Repeating is safe.
    func counters() async throws(Failure) -> [Color: TrafficCounters]
}

extension MeteredRouter {
    package var meter: (any MeteredRouter)? { self }

    /// `counters()` as a value; a function of its own for the same reason as `look()`.
    package func countersOrWhy() async -> Result<[Color: TrafficCounters], Failure> {
        do throws(Failure) {
            return .success(try await counters())
        } catch {
            return .failure(error)
        }
    }
}

/// A router that can end the long-lived connections of one colour alone.
package protocol ClosingRouter: Router {
    /// Closes the WebSockets and other tunnels to `color`; ordinary requests under way finish.
    /// Repeating is safe.
    func closeTunnels(to color: Color) async throws(Failure)
}

extension ClosingRouter {
    package var closer: (any ClosingRouter)? { self }
}

package enum RouterMetricName: String, CaseIterable, Codable, Sendable {
    case errorRate
    case requestRate
    case averageResponseTime
    case p50
    case p95
    case p99
}

/// Counts that only grow; a smaller number than before means that the router was restarted.
package struct TrafficCounters: Hashable, Codable, Sendable {
    package var requests: Int
    /// Answers with a status of 500 or more, and requests that got no answer.
    package var errors: Int
    /// Over the router's own recent window; `nil` where nothing was served.
    package var averageResponseTime: Duration?
    /// Empty where the router does not tell them one by one; they are worth more than the average.
    package var responseTimes = ResponseTimes()
    package var inFlight: Int

    package init(
        requests: Int, errors: Int, averageResponseTime: Duration? = nil, inFlight: Int = 0
    ) {
        self.requests = requests
        self.errors = errors
        self.averageResponseTime = averageResponseTime
        self.inFlight = inFlight
    }
}

/// The name of a router inside one pipeline.
package struct RouterID: Hashable, Codable, Sendable, Comparable, CodingKeyRepresentable {
    package let name: String

    package init(_ name: String) { self.name = name }

    package init(from decoder: any Decoder) throws {
        name = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    package var codingKey: any CodingKey { Key(stringValue: name) }

    package init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }

    package static func < (left: RouterID, right: RouterID) -> Bool { left.name < right.name }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension RouterID: CustomStringConvertible {
    package var description: String { name }
}

/// Everything that is needed to reach one router again without the pipeline file.
///
/// Holds no secret: `settings` keeps `${env.X}` as it was written.
package struct Recipe: Hashable, Codable, Sendable {
    package var router: RouterID
    package var kind: String
    /// The router's section as JSON text (`Section.recipe()`).
    package var settings: String
    /// Where its relative paths start: an absolute path. Absent: where those of the reader start.
    package var folder: String?

    package init(router: RouterID, kind: String, settings: String, folder: String? = nil) {
        self.router = router
        self.kind = kind
        self.settings = settings
        self.folder = folder
    }
}
