package import PipelineModel

/// Runs one deploy or retire step.
package protocol Deployer: Sendable {
    static var description: AdapterDescription { get }

    /// Reads the step's own mapping and reports its own mistakes; touches nothing.
    init?(_ step: Section, world: World)

    /// Performs the step. Stops soon after the task is cancelled, leaving no process behind.
    /// Returns evidence for the record in a few words (`exit 0 in 1.2 s`).
    func perform(_ context: StepContext) async throws(Failure) -> String
}

/// A deployer, check or metric that starts a program of the pipeline.
package protocol ProgramStarting {
    var call: CommandCall { get }
}

/// Asks one question about an environment.
package protocol Check: Sendable {
    static var description: AdapterDescription { get }

    init?(_ step: Section, world: World)

    /// Asks once; repeating, counting and giving up is the engine's work. Must not change the service
    /// in a way that asking again would harm.
    func ask(_ context: StepContext) async -> CheckAnswer
}

package struct CheckAnswer: Hashable, Codable, Sendable {
    package var isGood: Bool
    /// The value and what was expected: `GET http://127.0.0.1:8082/healthz: status 503, expected 200`.
    package var evidence: String

    package init(isGood: Bool, evidence: String) {
        self.isGood = isGood
        self.evidence = evidence
    }
}

/// Measures one number about a colour that receives traffic.
package protocol MetricSource: Sendable {
    static var description: AdapterDescription { get }

    init?(_ metric: Section, world: World)

    /// Which running counts the engine must keep for this metric.
    var needs: Set<TrafficNeed> { get }

    /// What kind of number it is, where that is known.
    var unit: MetricUnit? { get }

    /// One sample. Absent data is `.noData`, never zero.
    func measure(_ context: MetricContext) async -> Measurement
}

extension MetricSource {
    package var unit: MetricUnit? { nil }
}

package enum MetricUnit: Sendable {
    /// In seconds.
    case length
    /// As a fraction of 1.
    case share
}

package enum TrafficNeed: Hashable, Sendable {
    case routerCounters
    /// Own requests through the public address, so many a second.
    case probes(perSecond: Double)
}

package enum Measurement: Hashable, Codable, Sendable {
    /// In base units: shares as fractions of 1, durations in seconds.
    case value(Double)
    case noData(String)
}

package struct MetricContext: Sendable {
    /// What the routers counted on this colour during the last interval; `nil` where none counts.
    package var traffic: TrafficWindow?
    /// Why there is no `traffic`, where a router said so.
    package var silence: String?
    /// The engine's own requests through the public address during the last interval.
    package var probes: ProbeWindow?
    package var step: StepContext

    package init(traffic: TrafficWindow?, probes: ProbeWindow?, step: StepContext) {
        self.traffic = traffic
        self.probes = probes
        self.step = step
    }
}

/// What the routers counted on one colour: everybody's requests, the engine's own among them.
package struct TrafficWindow: Hashable, Codable, Sendable {
    package var requests: Int
    package var errors: Int
    /// Of both, as far as is known, what the engine itself asked through the public address.
    package var ownRequests = 0
    package var ownErrors = 0
    package var averageResponseTime: Duration?
    package var responseTimes = ResponseTimes()
    package var length: Duration

    package init(
        requests: Int, errors: Int, averageResponseTime: Duration?, length: Duration
    ) {
        self.requests = requests
        self.errors = errors
        self.averageResponseTime = averageResponseTime
        self.length = length
    }

    /// Requests that somebody else made, and those of them that failed. Counted at two places, so that
    /// one that is under way may be on either side.
    package var foreign: (requests: Int, errors: Int) {
        let requests = max(0, requests - ownRequests)
        return (requests, min(requests, max(0, errors - ownErrors)))
    }
}

package struct ProbeWindow: Hashable, Codable, Sendable {
    package var count: Int
    package var errors: Int
    /// Of every request that was answered, or has waited for that since before the window; shortest first.
    package var latencies: [Duration]
    /// How the last one failed; absent where none did.
    package var trouble: String?

    package init(count: Int, errors: Int, latencies: [Duration], trouble: String? = nil) {
        self.trouble = trouble
        self.count = count
        self.errors = errors
        self.latencies = latencies.sorted()
    }

    /// The smallest latency that `share` (0 to 1) of the answers did not exceed.
    package func percentile(_ share: Double) -> Duration? {
        guard !latencies.isEmpty else { return nil }
        let rank = (share * Double(latencies.count)).rounded(.up)
        return latencies[max(0, min(latencies.count - 1, Int(rank) - 1))]
    }
}

/// Everything a step may know about the moment in which it runs.
package struct StepContext: Sendable {
    package var color: Color
    /// The direct address of that colour, without a trailing slash.
    package var url: String
    package var substitutes: Substitutes
    /// `BLUEGREEN_…`, the allowed part of our own environment, and the step's `env`; all a child gets.
    package var environment: [String: String]
    /// Where relative paths start: the folder of the pipeline file or the step's `directory`.
    package var directory: String?
    /// Where the record of this service lies; a step may keep what it must remember in a folder of its
    /// own there. `nil` where nothing is kept.
    package var stateFolder: String?
    package var timeout: Duration
    /// Between SIGTERM and SIGKILL.
    package var grace: Duration
    /// As in `ProcessRequest`.
    package var mark: String?
    /// For a single request inside a check.
    package var requestTimeout: Duration
    /// Lines that a person may want to see while it runs.
    package var line: @Sendable (OutputLine) -> Void
    package var spawned: @Sendable (ProcessIdentity) async -> Void

    package init(
        color: Color, url: String, substitutes: Substitutes, environment: [String: String],
        directory: String? = nil, timeout: Duration = .seconds(600),
        grace: Duration = .seconds(5), mark: String? = nil, requestTimeout: Duration = .seconds(5),
        line: @escaping @Sendable (OutputLine) -> Void = { _ in },
        spawned: @escaping @Sendable (ProcessIdentity) async -> Void = { _ in }
    ) {
        self.color = color
        self.url = url
        self.substitutes = substitutes
        self.environment = environment
        self.directory = directory
        self.timeout = timeout
        self.grace = grace
        self.mark = mark
        self.requestTimeout = requestTimeout
        self.line = line
        self.spawned = spawned
    }
}
