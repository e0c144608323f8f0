package import PipelineModel

/// What the journal says about a service: the replay of every event, and nothing else.
///
/// It is a claim. Which colour is live is always asked of the routers; where they differ from this, that
/// is drift.
package struct Record: Hashable, Codable, Sendable {
    package var epoch = 0
    package var live: LiveRecord?
    /// What was last sealed on, or observed serving from, each colour.
    package var releases: [Color: Release] = [:]
    /// The environment that rollback would return to; `nil` once it was claimed or retired.
    package var wayBack: Color?
    /// Half deployed: between a claim and the seal of that release.
    package var spoiled: Color?
    package var retired: Color?
    /// Where a release failed its bake, and no other was deployed since.
    package var failedBake: Color?
    /// Passed its checks and waits for the switch.
    package var ready: ReadyRecord?
    /// The newest run, ended or not.
    package var run: RunRecord?
    /// Steps of runs that were replaced before they saw them ending; absent where there are none.
    package var strays: [ProcessIdentity]?
    /// Announced and neither completed nor taken back.
    package var openIntent: Intent?
    /// Routers that the last move of traffic left out, and why. They may show another colour; absent
    /// where there are none.
    package var behind: [RouterID: String]?
    /// The newest way to reach the routers.
    package var recipes: [Recipe] = []
    /// The routers that the last probe found as they were declared.
    package var tested: [Recipe]?
    package var entrance: Entrance?
    /// What the hosts in both were last resolved to; absent where none has a name.
    package var addresses: [String: [String]]?
    package var bake: BakeRecord?
    /// What the newest claim took from the record, while no router may hold it.
    package var beforeClaim: BeforeClaim?
    /// What the metrics measured on the old colour before the switch to the live one.
    package var baseline: [String: Double]?

    package init() {}

    /// Where traffic goes in a hurry: on with a way back that was begun, else back from a switch that
    /// was begun, else to what was live before.
    package var wayHome: Color? {
        guard let intent = openIntent, intent.isLevelling != true else { return wayBack }
        return intent.isWayBack ? intent.datum.live : intent.from
    }

    /// Whether the last probe found the router as this recipe declares it, in whatever folder.
    package func hasTested(_ recipe: Recipe?) -> Bool {
        guard let recipe, let tested else { return false }
        return tested.contains {
            ($0.router, $0.kind, $0.settings) == (recipe.router, recipe.kind, recipe.settings)
        }
    }
}

/// What a claim changes in the record, or giving idle up does.
package struct BeforeClaim: Hashable, Codable, Sendable {
    var releases: [Color: Release]
    var wayBack: Color?
    var spoiled: Color?
    var retired: Color?
    var failedBake: Color?
    var ready: ReadyRecord?
    var recipes: [Recipe]
    var entrance: Entrance?
    var addresses: [String: [String]]?

    init(_ record: Record) {
        releases = record.releases
        (wayBack, spoiled, retired) = (record.wayBack, record.spoiled, record.retired)
        (failedBake, ready) = (record.failedBake, record.ready)
        (recipes, entrance, addresses) = (record.recipes, record.entrance, record.addresses)
    }

    func restore(_ record: inout Record) {
        record.releases = releases
        (record.wayBack, record.spoiled, record.retired) = (wayBack, spoiled, retired)
        (record.failedBake, record.ready) = (failedBake, ready)
        (record.recipes, record.entrance, record.addresses) = (recipes, entrance, addresses)
    }
}

package struct LiveRecord: Hashable, Codable, Sendable {
    package var color: Color
    package var since: WallTime
    package var run: RunID
    package var user: String
    package var token: Token?

    package init(color: Color, since: WallTime, run: RunID, user: String, token: Token?) {
        self.color = color
        self.since = since
        self.run = run
        self.user = user
        self.token = token
    }
}

package struct ReadyRecord: Hashable, Codable, Sendable {
    package var color: Color
    package var release: Release
    package var at: WallTime

    package init(color: Color, release: Release, at: WallTime) {
        self.color = color
        self.release = release
        self.at = at
    }
}

package struct RunRecord: Hashable, Codable, Sendable {
    package var beginning: RunBeginning
    package var began: WallTime
    package var phase: RunPhase
    /// Child processes that were started and not seen ending.
    package var children: [ProcessIdentity] = []
    package var outcome: Outcome?
    package var ended: WallTime?

    package init(beginning: RunBeginning, began: WallTime, phase: RunPhase) {
        self.beginning = beginning
        self.began = began
        self.phase = phase
    }
}

/// How far a run has come, for people and for `resume`.
package enum RunPhase: String, Codable, Sendable {
    case starting
    case deploying
    case checking
    case ready
    case canary
    case switching
    /// Traffic is where it was to go; a bake has not begun yet.
    case switched
    case undoing
    case unsettled
    case baking
    case judged
    case rollingBack
    case levelling
    case retiring
    case ended
}

package struct BakeRecord: Hashable, Codable, Sendable {
    package var run: RunID
    package var began: WallTime
    /// None while the bake is owed and has not begun.
    package var length: Duration
    package var verdict: BakeVerdict?

    package var hasBegun: Bool { length > .zero }

    package init(run: RunID, began: WallTime, length: Duration) {
        self.run = run
        self.began = began
        self.length = length
    }
}

/// One line of the journal.
package struct JournalEntry: Hashable, Codable, Sendable {
    /// 1-based inside its run.
    package var number: Int
    package var time: WallTime
    /// Since boot, to order and measure within one boot.
    package var uptime: Duration
    package var epoch: Int
    package var event: RunEvent

    package init(number: Int, time: WallTime, uptime: Duration, epoch: Int, event: RunEvent) {
        self.number = number
        self.time = time
        self.uptime = uptime
        self.epoch = epoch
        self.event = event
    }
}
