/// The pipeline file as values: everything decided that the file alone can decide.
package struct Pipeline: Sendable {
    package var service: String
    package var stage: String?
    /// Those that could have been chosen.
    package var stages: [String]
    package var colors: [Color: ColorSettings]
    /// A single `router:` is a fleet of one, named after its kind.
    package var routers: [RouterSettings]
    package var fleet: FleetRequirement
    package var entrance: PublicEntrance?
    package var release: ReleaseSettings
    package var deploy: [Step]
    package var checks: [CheckStep]
    package var switching: SwitchSettings
    package var bake: BakeSettings?
    package var rollsBackAutomatically: Bool
    package var retire: RetireSettings
    /// Values for `${env.X}` and `${var.X}`, shared with every section.
    package var constants: Constants

    package init(
        service: String, stage: String? = nil, colors: [Color: ColorSettings],
        routers: [RouterSettings], constants: Constants
    ) {
        self.service = service
        self.stage = stage
        self.colors = colors
        self.routers = routers
        self.constants = constants
        stages = []
        fleet = .all
        entrance = nil
        release = ReleaseSettings()
        deploy = []
        checks = []
        switching = SwitchSettings()
        bake = nil
        rollsBackAutomatically = true
        retire = RetireSettings()
    }
}

package struct ColorSettings: Sendable, Hashable {
    /// The direct address of this environment, without a trailing slash.
    package var url: String

    package init(url: String) { self.url = url }
}

/// One router of the file: which adapter, and the settings it will read itself.
package struct RouterSettings: Sendable {
    package var name: String
    package var kind: String
    package var section: Section

    package init(name: String, kind: String, section: Section) {
        self.name = name
        self.kind = kind
        self.section = section
    }
}

/// The public address through which a switch is proven.
package struct PublicEntrance: Sendable, Hashable {
    package var url: String
    package var identity: Identity
    /// A PEM file with the authorities to trust instead of the system's, as the program opens it.
    package var caFile: String?
    /// `host:port` to connect to instead of the address in `url`; name and certificate stay those of `url`.
    package var connectTo: String?
    /// Texts as written: `${env.X}` is filled in when a request is sent.
    package var headers: [String: String]

    package init(
        url: String, identity: Identity, caFile: String? = nil, connectTo: String? = nil,
        headers: [String: String] = [:]
    ) {
        self.url = url
        self.identity = identity
        self.caFile = caFile
        self.connectTo = connectTo
        self.headers = headers
    }
}

/// How an answer says which environment, or which release, gave it.
package struct Identity: Sendable, Hashable {
    package enum Place: Sendable, Hashable {
        case header(String)
        /// A path such as `$.color`.
        case json(String)
        /// The whole body, which must contain the expected text.
        case body
    }

    package var place: Place
    /// What the place must hold; `${color}` where nothing else is said.
    package var expected: Template

    package init(place: Place, expected: Template) {
        self.place = place
        self.expected = expected
    }
}

package struct ReleaseSettings: Sendable {
    package var version: String?
    package var artifact: Template?
    /// Globs, relative to the first pipeline file, of files whose digest belongs to the release.
    package var config: [String]

    package init(version: String? = nil, artifact: Template? = nil, config: [String] = []) {
        self.version = version
        self.artifact = artifact
        self.config = config
    }
}

/// One action of a run: an adapter and how patient to be with it.
package struct Step: Sendable {
    package var name: String
    package var kind: String
    /// The step's own mapping: the adapter's key and what stands beside it.
    package var section: Section
    package var environment: [(name: String, value: Template)]
    package var passEnvironment: [String]
    package var directory: String?
    package var timeout: Duration
    package var retries: Retries
    package var isIdempotent: Bool

    package init(name: String, kind: String, section: Section) {
        self.name = name
        self.kind = kind
        self.section = section
        environment = []
        passEnvironment = []
        directory = nil
        timeout = .seconds(600)
        retries = Retries()
        isIdempotent = true
    }
}

package struct Retries: Sendable, Hashable {
    /// How often the step may be tried in all; 1 means no retry.
    package var attempts: Int
    package var delay: Duration

    package init(attempts: Int = 1, delay: Duration = .seconds(1)) {
        self.attempts = attempts
        self.delay = delay
    }
}

/// A question about the idle environment, asked until it is answered well or the time is up.
package struct CheckStep: Sendable {
    package var step: Step
    package var interval: Duration
    /// Good answers in a row that make a pass.
    package var consecutive: Int
    package var requestTimeout: Duration

    package init(
        step: Step, interval: Duration = .seconds(1), consecutive: Int = 1,
        requestTimeout: Duration = .seconds(5)
    ) {
        self.step = step
        self.interval = interval
        self.consecutive = consecutive
        self.requestTimeout = requestTimeout
    }
}

package struct SwitchSettings: Sendable, Hashable {
    /// How a switch is believed.
    package enum Proof: Sendable, Hashable {
        /// Through the public address: this many fresh-connection answers in a row, in this time.
        case probes(consecutive: Int, within: Duration)
        /// Only by asking the router again.
        case readBack
    }

    package var proof: Proof
    /// Servers up on idle, as a share of those up on live.
    package var readyShare: Percent
    package var drainTimeout: Duration
    /// Where it says that a rollback closes the tunnels to the colour that is left; else they stay.
    package var closesOnRollback: Position?
    /// How long the checks of a release stay good for `switch`.
    package var readyFor: Duration
    package var preview: Preview?
    /// Empty: a switch is one step.
    package var canary: [CanaryStep]

    package init(
        proof: Proof = .probes(consecutive: 20, within: .seconds(5)),
        readyShare: Percent = Percent(100), drainTimeout: Duration = .seconds(30),
        readyFor: Duration = .seconds(30 * 60)
    ) {
        self.proof = proof
        self.readyShare = readyShare
        self.drainTimeout = drainTimeout
        self.readyFor = readyFor
        canary = []
    }
}

package struct BakeSettings: Sendable {
    package enum NoData: String, Sendable {
        /// The clock stops; at twice the time the bake ends inconclusive.
        case hold
        case fail
    }

    /// Where it is written.
    package var position: Position?
    package var duration: Duration
    package var interval: Duration
    /// Requests on the new colour since the switch before a pass is possible.
    package var minimumSamples: Int
    package var noData: NoData
    package var metrics: [MetricSettings]

    package init(
        duration: Duration, interval: Duration = .seconds(1), minimumSamples: Int = 0,
        noData: NoData = .hold, metrics: [MetricSettings] = []
    ) {
        self.duration = duration
        self.interval = interval
        self.minimumSamples = minimumSamples
        self.noData = noData
        self.metrics = metrics
    }
}

package struct MetricSettings: Sendable {
    package var name: String
    package var kind: String
    /// The metric's own mapping.
    package var section: Section
    package var pass: [Threshold]
    package var failWhen: CountOf
    package var timeout: Duration

    package init(
        name: String, kind: String, section: Section, pass: [Threshold],
        failWhen: CountOf = CountOf(3, of: 5), timeout: Duration = .seconds(5)
    ) {
        self.name = name
        self.kind = kind
        self.section = section
        self.pass = pass
        self.failWhen = failWhen
        self.timeout = timeout
    }

    /// What an adapter is asked with.
    package var step: Step { Step(name: name, kind: kind, section: section) }
}

package struct RetireSettings: Sendable {
    package var after: Duration
    package var steps: [Step]

    package init(after: Duration = .seconds(3600), steps: [Step] = []) {
        self.after = after
        self.steps = steps
    }
}
