package import PipelineModel

/// Everything that can happen in a run, in the words of the journal.
///
/// The journal is the list of these; what is known about a service is their replay. An `…Intended`
/// event is durable before the effect that it announces.
package enum RunEvent: Hashable, Codable, Sendable {
    case began(RunBeginning)
    /// The observed colour is accepted as the truth: a first run, or `adopt`.
    case adopted(Adoption)
    /// What the routers show is about to be written once more, to be durable. Traffic does not move.
    case adoptIntended(Intent)
    case stopRequested(Interruption)
    /// An action could not be carried out; production was not changed by it.
    case failed(Failure)

    case claimIntended(Intent)
    case claimed

    case stepBegan(StepMark)
    case stepSpawned(StepMark, ProcessIdentity)
    case stepEnded(StepMark, StepEnding)
    case sealed(Release)
    case checksPassed

    /// Everything that must hold right before a switch holds.
    case preflightPassed([RouterID: Observation])
    /// A share of the requests is about to go to the new colour; all the others stay.
    case canaryIntended(Intent)
    case canaryJudged(BakeVerdict)
    case switchIntended(Intent)
    case undoIntended(Intent)
    case rollbackIntended(Intent)
    /// Routers that an earlier move left out are about to get what the others show.
    case levelIntended(Intent)
    case written([RouterID: WriteResult])
    /// Every router was asked again and shows the datum of the last intent.
    case confirmed([RouterID: Observation])
    /// At least one router certainly shows something else.
    case contradicted(Failure)
    /// At least one router could not be read: nobody knows.
    case unreadable(Failure)
    case proved(ProofEvidence)
    case notProved(ProofEvidence, Failure)

    case switched(live: Color, previous: Color)
    case undone
    case rolledBack(live: Color)
    /// After traffic went back: the tunnels to the colour that was left are cut, or why they are not.
    case tunnelsClosed(Color, Failure?)
    /// Every router that was written shows the same again; traffic of the others did not move.
    case levelled
    /// What each router showed when the result could not be verified; evidence.
    case surveyed([RouterID: RouterSurvey])
    /// The intent stays open: what production shows could not be verified.
    case unsettled(Failure)

    case bakeBegan(Duration)
    case bakeJudged(BakeVerdict)
    /// Whether the old colour is healthier than the new one, asked before an automatic rollback.
    case wayBackProbed(WayBack)

    /// These routers kept, in a probe, what the pipeline declares of their class.
    case tested([Recipe])
    case retireIntended(Intent)
    case retired(Color)
    case ended(Outcome)
}

/// The first record of a run.
package struct RunBeginning: Hashable, Codable, Sendable {
    package var run: RunID
    package var epoch: Int
    package var service: String
    package var stage: String?
    package var plan: RunPlan
    package var owner: Owner
    package var reason: String?
    /// The run whose work this one takes over or ends. Where it is not given, the store names the newest
    /// one, if that is not known to have ended.
    package var supersedes: RunID?
    /// SHA-256 of the pipeline files as they were read, in order.
    package var pipelineDigest: String?
    /// Named deviations: `--skip-check NAME`, `--adopt`, `--break-glass`.
    package var overrides: [String]
    /// The run before it in the same record, by which a list finds it; set by the store.
    package var previous: RunID?

    package init(
        run: RunID, epoch: Int, service: String, stage: String?, plan: RunPlan, owner: Owner,
        reason: String? = nil, supersedes: RunID? = nil, pipelineDigest: String? = nil,
        overrides: [String] = []
    ) {
        self.run = run
        self.epoch = epoch
        self.service = service
        self.stage = stage
        self.plan = plan
        self.owner = owner
        self.reason = reason
        self.supersedes = supersedes
        self.pipelineDigest = pipelineDigest
        self.overrides = overrides
    }
}

/// `r-000041-7k3q9x`: sorts by epoch, never repeats.
package struct RunID: Hashable, Codable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension RunID: CustomStringConvertible {
    package var description: String { text }
}

package enum Verb: String, Codable, Sendable {
    case deploy
    case `switch`
    case rollback
    case resume
    case retire
    case adopt
    case abort
}

/// What a run sets out to do; nothing in it changes afterwards.
package struct RunPlan: Hashable, Codable, Sendable {
    /// Where the run enters the one way through.
    package enum Entry: String, Codable, Sendable {
        case deploying
        case checking
        case switching
        /// The routers already show the open intent: only confirm, prove and record it.
        case confirming
        case baking
        case rollingBack
        case retiring
        case adopting
        /// Routers that an earlier move left out get what the others show.
        case levelling
    }

    package enum Destination: String, Codable, Sendable {
        case ready
        case switched
        case committed
    }

    package var verb: Verb
    package var entry: Entry
    package var destination: Destination
    /// Live when the run began.
    package var from: Color
    /// Live when all went well. Retiring: the colour that stays live.
    package var to: Color
    package var release: Release?
    package var deploySteps: [String]
    package var checks: [String]
    package var retireSteps: [String]
    /// The percentages that go to the new colour first, one after the other; absent where it gets all
    /// requests at once.
    package var canary: [Int]?
    package var hasBake: Bool
    package var isProvenByProbes: Bool
    package var rollsBackAutomatically: Bool
    /// The record that is confirmed, for `.confirming`; absent where it must be written again
    /// because a router would forget it.
    package var openToken: Token?
    /// What a dead run found and did not act on any more, for `.baking`: acted on instead of watching.
    package var openVerdict: BakeVerdict?
    /// Whether the way back closes the tunnels to the colour that is left; absent where it does not.
    package var closesTunnels: Bool?
    /// Goes on when the record cannot be written: bringing traffic home matters more.
    package var isLenient: Bool
    /// For `.levelling`: whether the other routers say that idle is claimed.
    package var isIdleClaimed: Bool?
    /// For `.rollingBack` and `.adopting`: the routers did not agree, could not be asked, or showed another
    /// colour when the run was planned; `from` is a guess.
    package var isSplit: Bool?

    package init(
        verb: Verb, entry: Entry, destination: Destination = .committed, from: Color, to: Color,
        release: Release? = nil, deploySteps: [String] = [], checks: [String] = [],
        retireSteps: [String] = [], hasBake: Bool = false, isProvenByProbes: Bool = true,
        rollsBackAutomatically: Bool = true, openToken: Token? = nil,
        openVerdict: BakeVerdict? = nil, isLenient: Bool = false, isIdleClaimed: Bool? = nil,
        isSplit: Bool? = nil
    ) {
        self.verb = verb
        self.entry = entry
        self.destination = destination
        self.from = from
        self.to = to
        self.release = release
        self.deploySteps = deploySteps
        self.checks = checks
        self.retireSteps = retireSteps
        self.hasBake = hasBake
        self.isProvenByProbes = isProvenByProbes
        self.rollsBackAutomatically = rollsBackAutomatically
        self.openToken = openToken
        self.openVerdict = openVerdict
        self.isLenient = isLenient
        self.isIdleClaimed = isIdleClaimed
        self.isSplit = isSplit
    }
}

/// Who runs a run.
package struct Owner: Hashable, Codable, Sendable {
    package var process: ProcessIdentity
    package var host: String
    package var user: String
    /// The CI job's address, as the CI claims it.
    package var job: String?

    package init(process: ProcessIdentity, host: String, user: String, job: String? = nil) {
        self.process = process
        self.host = host
        self.user = user
        self.job = job
    }
}

package struct Adoption: Hashable, Codable, Sendable {
    package var live: Color
    package var token: Token?
    package var why: String
    /// Routers that could not be asked; absent where there are none.
    package var leftOut: [RouterID: String]?
    /// The environment that a router says is claimed, for a reason that this record does not know.
    package var claimed: Color?

    package init(
        live: Color, token: Token?, why: String, leftOut: [RouterID: String]? = nil,
        claimed: Color? = nil
    ) {
        self.live = live
        self.token = token
        self.why = why
        self.leftOut = leftOut
        self.claimed = claimed
    }
}

/// What is about to be written into the routers, and how to find them again.
package struct Intent: Hashable, Codable, Sendable {
    package var datum: Datum
    package var from: Color
    package var recipes: [Recipe]
    package var release: Release?
    /// How to prove it from outside without the pipeline file.
    package var entrance: Entrance?
    /// Routers that keep what they hold, and why; absent where there are none.
    package var leftOut: [RouterID: String]?
    /// Traffic of the others does not move; absent where it does.
    package var isLevelling: Bool?
    /// What the metrics measured on the old colour before any traffic left it; absent where nothing did.
    package var baseline: [String: Double]?
    /// What the hosts in it were resolved to, for a machine without a resolver; absent where none has a
    /// name.
    package var addresses: [String: [String]]?

    package init(
        datum: Datum, from: Color, recipes: [Recipe], release: Release? = nil,
        entrance: Entrance? = nil, leftOut: [RouterID: String]? = nil,
        isLevelling: Bool? = nil
    ) {
        self.datum = datum
        self.from = from
        self.recipes = recipes
        self.release = release
        self.entrance = entrance
        self.leftOut = leftOut
        self.isLevelling = isLevelling
    }
}

extension Intent {
    /// A switch leaves the other colour as a way back; an undo and a rollback claim it.
    package var isWayBack: Bool { datum.isIdleClaimed }

    /// It moves a share of the traffic, and decides nothing about the rest.
    package var isCanary: Bool { datum.idlePercent != nil }
}

/// The public address with everything needed to tell the colours apart. Holds no secret.
package struct Entrance: Hashable, Codable, Sendable {
    package enum Place: Hashable, Codable, Sendable {
        case header(String)
        case json(String)
        case body
    }

    package var url: String
    package var place: Place
    package var expected: [Color: String]
    /// A whole path: a way back may begin in another folder.
    package var caFile: String?
    package var connectTo: String?
    /// Header texts as written: `${env.X}` is filled in when a request is sent.
    package var headers: [String: String]
    package var consecutive: Int
    package var within: Duration
    /// Direct addresses, to see whether an environment is alive before traffic goes to it.
    package var direct: [Color: String]

    package init(
        url: String, place: Place, expected: [Color: String], caFile: String? = nil,
        connectTo: String? = nil, headers: [String: String] = [:], consecutive: Int,
        within: Duration, direct: [Color: String]
    ) {
        self.url = url
        self.place = place
        self.expected = expected
        self.caFile = caFile
        self.connectTo = connectTo
        self.headers = headers
        self.consecutive = consecutive
        self.within = within
        self.direct = direct
    }
}

package struct StepMark: Hashable, Codable, Sendable {
    package enum Phase: String, Codable, Sendable {
        case deploy
        case check
        case retire
    }

    package var phase: Phase
    /// 0-based, in the order of the pipeline.
    package var index: Int
    package var name: String

    package init(_ phase: Phase, _ index: Int, _ name: String) {
        self.phase = phase
        self.index = index
        self.name = name
    }
}

package enum StepEnding: Hashable, Codable, Sendable {
    case succeeded(evidence: String, elapsed: Duration)
    case failed(Failure, elapsed: Duration)
    case skipped(reason: String)
}

/// What the probes through the public address saw around one write.
package struct ProofEvidence: Hashable, Codable, Sendable {
    package var probes: Int
    package var errors: Int
    /// Probes that failed because nothing served there before the switch; absent: none.
    package var unserved: Int?
    /// From the write to the first answer of the new colour, and to the end of the last of the old.
    package var firstNew: Duration?
    package var lastOld: Duration?
    package var elapsed: Duration
    /// What the routers counted on each colour since the write.
    package var realRequests: [Color: Int]?
    /// The last answer that did not fit, in a few words.
    package var lastMismatch: String?

    package init(
        probes: Int, errors: Int, unserved: Int? = nil, firstNew: Duration?, lastOld: Duration?,
        elapsed: Duration,
        realRequests: [Color: Int]? = nil, lastMismatch: String? = nil
    ) {
        self.probes = probes
        self.errors = errors
        self.unserved = unserved
        self.firstNew = firstNew
        self.lastOld = lastOld
        self.elapsed = elapsed
        self.realRequests = realRequests
        self.lastMismatch = lastMismatch
    }
}

package struct BakeVerdict: Hashable, Codable, Sendable {
    package enum Judgement: String, Codable, Sendable {
        case passed
        case failed
        case inconclusive
    }

    package var judgement: Judgement
    /// One sentence with the figures: `errors 12.4% (< 1%) in 3 of 5 samples`.
    package var why: String
    /// Requests of users on the new colour since the switch.
    package var samples: Int
    /// `samples` are our own requests: no router counts those of users. Absent where one does.
    package var isOwn: Bool?
    /// A metric that was to be compared with a baseline, and there is none: it cannot pass, however long
    /// it is watched.
    package var uncompared: String?

    package init(
        _ judgement: Judgement, why: String, samples: Int, isOwn: Bool? = nil,
        uncompared: String? = nil
    ) {
        self.judgement = judgement
        self.why = why
        self.samples = samples
        self.isOwn = isOwn
        self.uncompared = uncompared
    }
}

extension BakeVerdict {
    /// Without which watching again would end no other way.
    package var remedy: String? {
        uncompared.map {
            "Give '\($0)' a bound without 'baseline': there is nothing to compare with."
        }
    }

    /// Of a bake, which can be taken up again.
    package var remedyOfBake: String? {
        remedy.map { $0 + " Then 'bluegreen resume' watches again." }
    }
}

package struct WayBack: Hashable, Codable, Sendable {
    package var isBetter: Bool
    package var evidence: String

    package init(isBetter: Bool, evidence: String) {
        self.isBetter = isBetter
        self.evidence = evidence
    }
}

/// Why a run was told to stop.
package enum Interruption: Hashable, Codable, Sendable {
    /// A signal by number.
    case signal(Int32)
    /// `bluegreen abort`
    case aborted
    /// A newer run owns the service.
    case superseded(by: Int)
    /// `--timeout`
    case timedOut
    /// The record could not be written, and this run may not go on without it.
    case unrecorded(Failure)
}

/// How a run ended and where production is.
package struct Outcome: Hashable, Codable, Sendable {
    package enum Ending: Hashable, Codable, Sendable {
        case succeeded
        /// Stopped where it was asked to: ready, or switched without a bake.
        case stoppedAsAsked
        case failedBeforeSwitch
        /// The switch was undone.
        case undone
        case rolledBackAutomatically
        /// Unhealthy, and the old environment is no better, or the rules forbid going back.
        case keptUnhealthy
        case inconclusive
        case interrupted(Interruption)
        case rollbackImpossible
        /// Mixed, unproven or unknown: a person is needed.
        case unsettled
    }

    package var ending: Ending
    package var production: Production
    package var failure: Failure?
    /// The record of some event was lost.
    package var isUnrecorded: Bool
    /// Routers that the last move of traffic did not write, and why; absent where there are none.
    package var leftOut: [RouterID: String]?
    /// For a run that failed before its switch: it had claimed idle, or given it up, so that what was
    /// there is no way back any more. Absent where nothing was changed.
    package var hasClaimedIdle: Bool?

    package init(
        _ ending: Ending, production: Production, failure: Failure? = nil,
        isUnrecorded: Bool = false, leftOut: [RouterID: String]? = nil
    ) {
        self.ending = ending
        self.production = production
        self.failure = failure
        self.isUnrecorded = isUnrecorded
        self.leftOut = leftOut
    }
}

/// Where production traffic is, and how surely that is known.
package enum Production: Hashable, Codable, Sendable {
    /// This run wrote nothing that moves traffic.
    case untouched(Color)
    /// Shown from outside by probes.
    case proven(Color)
    /// Every router says so; no public address was asked.
    case readBack(Color)
    case unknown

    package var color: Color? {
        switch self {
        case .untouched(let color), .proven(let color), .readBack(let color): color
        case .unknown: nil
        }
    }
}
