package import Contracts
package import PipelineModel
import Synchronization

/// A router in memory that misbehaves on demand.
package final class FakeRouter: MeteredRouter, ClosingRouter {
    /// What one write comes to.
    package enum Mood: Sendable {
        case ok
        case notDurable
        case notApplied
        case unknownButApplied
        case unknownAndLost
        /// Applied when the router is asked for the second time after the write.
        case unknownAndLate
    }

    /// What reading comes to.
    package enum Voice: Sendable {
        case clear
        case unreachable
        case garbled
    }

    private struct State: Sendable {
        var observation: Observation
        var voice = Voice.clear
        var moods: [Mood] = []
        var writes: [Datum] = []
        var late: (datum: Datum, looksLeft: Int)?
        var counters = FakeRouter.noCounts
        var silence: Failure?
        var isCounting = true
        var stall: @Sendable () async -> Void = {}
        var closed: [Color] = []
        var refusesToClose = false
        var inspection: Inspection?
    }

    package static let kind = "fake"
    package static let summary = "Keeps its colour in memory."
    package static let settings = SettingsDescription()
    package static let metrics = RouterMetricName.allCases

    package let fencing: Fencing
    package let address = "memory"
    package let usualDelay: Duration
    package let abilities = RouterAbilities.valuePerRequest(
        showsDrain: true, isDurable: true, routesTesters: true, sharesTraffic: true)
    private let diary: Diary
    private let state: Mutex<State>

    package init(
        live: Color, token: Token? = nil, fencing: Fencing = .synchronous,
        usualDelay: Duration = .zero,
        diary: Diary = Diary()
    ) {
        self.fencing = fencing
        self.usualDelay = usualDelay
        self.diary = diary
        state = Mutex(State(observation: Observation(effective: .color(live), token: token)))
    }

    package convenience init?(_ settings: Section, world: World) {
        self.init(live: .blue)
    }

    // MARK: - For the test

    package var live: Color? { state.withLock { $0.observation.color } }
    package var writes: [Datum] { state.withLock { $0.writes } }
    package var closed: [Color] { state.withLock { $0.closed } }

    /// What its proxy's own configuration would do.
    package func configure(_ inspection: Inspection) {
        state.withLock { $0.inspection = inspection }
    }

    package func inspect(isBeforeSwitch: Bool) async -> Inspection? {
        state.withLock(\.inspection)
    }

    package func refuseToClose() {
        state.withLock { $0.refusesToClose = true }
    }

    package func closeTunnels(to color: Color) async throws(Failure) {
        let refuses = state.withLock { state in
            if !state.refusesToClose { state.closed.append(color) }
            return state.refusesToClose
        }
        if refuses { throw Failure(.routerUnreachable, "It did not answer.") }
    }

    /// The next writes come to this, in order; after that all is well.
    package func expect(_ moods: Mood...) {
        state.withLock { $0.moods = moods }
    }

    package func speak(_ voice: Voice) {
        state.withLock { $0.voice = voice }
    }

    /// Somebody else changes what it shows.
    package func show(_ change: @Sendable (inout Observation) -> Void) {
        state.withLock { change(&$0.observation) }
    }

    package func count(
        requests: Int = 1, errors: Int = 0, time: Duration? = nil, times: [Int] = [],
        on color: Color
    ) {
        state.withLock { state in
            for time in times { state.counters[color]?.responseTimes.note(milliseconds: time) }
            state.counters[color]?.averageResponseTime = time
            state.counters[color]?.requests += requests
            state.counters[color]?.errors += errors
        }
    }

    /// It does not say what it counted; `nil`: it does again.
    package func hush(_ failure: Failure?) {
        state.withLock { $0.silence = failure }
    }

    /// It is one that counts nobody.
    package func countNobody() {
        state.withLock { $0.isCounting = false }
    }

    package var meter: (any MeteredRouter)? { state.withLock(\.isCounting) ? self : nil }

    /// Whoever asks for what it counted waits as long as this.
    package func stallCounts(_ stall: @escaping @Sendable () async -> Void) {
        state.withLock { $0.stall = stall }
    }

    /// As after a restart.
    package func forgetCounts() {
        state.withLock { $0.counters = Self.noCounts }
    }

    // MARK: - Router

    package func observe() async throws(Failure) -> Observation {
        let result = state.withLock { state -> Result<Observation, Failure> in
            if let late = state.late {
                state.late = late.looksLeft > 1 ? (late.datum, late.looksLeft - 1) : nil
                if late.looksLeft <= 1 { Self.apply(late.datum, to: &state) }
            }
            return switch state.voice {
            case .clear: .success(state.observation)
            case .unreachable: .failure(Failure(.routerUnreachable, "The router is silent."))
            case .garbled: .failure(Failure(.routerGarbled, "The router answered nonsense."))
            }
        }
        return try result.get()
    }

    package func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        diary.note("router \(datum.live) \(datum.token)")
        return state.withLock { state in
            state.writes.append(datum)
            if let token = state.observation.token, token > datum.token {
                return .refusedStale(token)
            }
            let mood = state.moods.isEmpty ? .ok : state.moods.removeFirst()
            let silence = Failure(.routerUnreachable, "No answer to the write.")
            switch mood {
            case .ok:
                Self.apply(datum, to: &state)
                return .applied
            case .notDurable:
                Self.apply(datum, to: &state)
                return .appliedNotDurable(silence)
            case .notApplied:
                return .notApplied(Failure(.routerRefused, "The router refused the write."))
            case .unknownButApplied:
                Self.apply(datum, to: &state)
                return .unknown(silence)
            case .unknownAndLost:
                return .unknown(silence)
            case .unknownAndLate:
                state.late = (datum, 2)
                return .unknown(silence)
            }
        }
    }

    package func counters() async throws(Failure) -> [Color: TrafficCounters] {
        let stall = state.withLock(\.stall)
        await stall()
        let (counters, silence) = state.withLock { ($0.counters, $0.silence) }
        if let silence { throw silence }
        return counters
    }

    private static let noCounts = [
        Color.blue: TrafficCounters(requests: 0, errors: 0),
        .green: TrafficCounters(requests: 0, errors: 0),
    ]

    private static func apply(_ datum: Datum, to state: inout State) {
        if let token = state.observation.token, token > datum.token { return }
        state.observation.effective = datum.sighting
        state.observation.token = datum.token
        state.observation.isIdleClaimed = datum.isIdleClaimed
    }
}
