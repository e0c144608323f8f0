import Console
import Contracts
import PipelineModel
import RunEngine

/// Everything that `status` says, as one value; prose and JSON come from it.
struct StatusReport: Codable, Sendable {
    var schemaVersion = 1
    var type = "status"
    var service: String
    var stage: String?
    /// What the routers say now; absent where they do not agree or cannot be read.
    var live: Side?
    var idle: Side?
    var routers: [RouterRow]
    /// Which routers show what, the largest part first; absent where there is one router.
    var fleet: [Part]?
    var rollback: Rollback
    var run: Run?
    var bake: String?
    var retireAfter: WallTime?
    /// What is refused now; a rollback never is.
    var freezes: [Freeze]
    var problems: [Problem]
    /// What goes on from here, where nothing has to be looked at first.
    var next: String?
    var record: String
    var exit: Int32

    /// Stands for a colour where a router does not answer.
    static let unreachable = "unreachable"
    /// Stands for a colour where a router answers with none.
    static let unknown = "not known"

    struct Side: Codable, Sendable {
        var color: Color
        /// Absent where it is not known, as of a half deployed environment.
        var release: Release?
        /// What was being deployed there when that stopped half-way, or is being deployed now.
        var tried: Release?
        var since: WallTime?
        var by: String?
        /// `ready to switch`, `retired`, `half deployed`, why it is no way back
        var state: String?
        /// Of 100 requests, so many come here; absent where it is all of them, or none.
        var percent: Int?
        var serversUp: Int?
        var serversInAll: Int?
        var inFlight: Int?
        /// Absent where no deploy step keeps a process running.
        var process: Process?
    }

    struct Part: Codable, Sendable {
        /// A colour, what else the routers show, `unreachable` or `not known`
        var shows: String
        var routers: [String]
    }

    struct Process: Codable, Sendable {
        /// Absent where its start was never finished.
        var pid: Int32?
        /// Of the release that it runs; absent where it was started by an earlier bluegreen.
        var version: String?
        var isRunning: Bool
        var uptimeSeconds: Int64?
        var residentBytes: Int?
        var log: String
    }

    /// The same question put to four witnesses.
    struct RouterRow: Codable, Sendable {
        var name: String
        var kind: String
        var address: String
        var fencing: Fencing
        /// Absent where the class is the mechanism's own, and not a word of the pipeline.
        var isClassTested: Bool?
        var record: String?
        var now: String
        var afterReload: String
        var dataPlane: String
        var token: String?
        var isIdleClaimed: Bool
        /// Why the last move of traffic left it out; absent where it shows by now what the record says.
        var leftOut: String?
        /// Absent where the router cannot tell.
        var oldWorkers: Int?
    }

    struct Rollback: Codable, Sendable {
        var isReady: Bool
        var target: Color?
        var release: Release?
        var why: String?
        var expectedMilliseconds: Int?
        /// Routers that it would leave out: they cannot be read now, or have no server of the target up;
        /// absent where there are none.
        var misses: [String]?
    }

    struct Run: Codable, Sendable {
        var id: String
        var verb: String
        var phase: String
        var began: WallTime
        var owner: String
        var isAlive: Bool
        var isOpen: Bool
        var ending: String?
    }

    struct Problem: Codable, Sendable {
        var what: String
        var next: String?
    }
}

/// What was read for one `status`.
struct StatusFindings {
    var place: StatusPlace
    var situation: Situation
    var dataPlane: Prober.Answer?
    /// Why no switch could be proven, as `deploy` would say it.
    var nameless: Failure?
    /// What each colour says itself; absent where its address is not known.
    var direct: [Color: Prober.Answer]
    var observing: Duration
    /// How long the last move took to be proven; `nil` where that is not recorded.
    var lastProof: Duration?
    var hosted: [Color: HostedProcess]
    /// What is frozen, or why that is not known.
    var freezes: Result<[FreezeRecord], Failure>
    var now: WallTime
}

extension StatusReport {
    /// Pure: the same findings give the same report.
    init(_ findings: StatusFindings) {
        let situation = findings.situation
        service = findings.place.service
        stage = findings.place.stage
        live = situation.mainColor.map { Self.side($0, findings, isLive: true) }
        idle = situation.mainColor.map { Self.side($0.other, findings, isLive: false) }
        routers = findings.place.routers.sorted { $0.key < $1.key }.map { id, router in
            Self.row(id, router, findings)
        }
        if routers.count > 1 {
            let words = routers.reduce(into: [:]) { $0[RouterID($1.name)] = $1.now }
            fleet = StatusWords.grouped(words).map(Part.init)
        }
        rollback = Self.rollback(findings)
        run = situation.record.run.map { Self.run($0, situation) }
        bake = Self.bake(situation, findings.now)
        if let since = situation.record.live?.since, situation.record.wayBack != nil,
            let after = findings.place.retireAfter
        {
            retireAfter = since.advanced(by: after)
        }
        freezes = ((try? findings.freezes.get()) ?? []).filter { !$0.isOver(at: findings.now) }
            .map(Freeze.init)
        problems = StatusProblems(findings).all
        next = problems.isEmpty ? Self.next(findings) : nil
        record = findings.place.store.location
        exit = Self.exitStatus(findings).rawValue
    }

    private static func row(
        _ id: RouterID, _ router: any Router, _ findings: StatusFindings
    ) -> RouterRow {
        let recipe = findings.place.recipes.last { $0.router == id }
        let isTested = findings.situation.record.hasTested(recipe)
        var row = RouterRow(
            name: id.name, kind: recipe?.kind ?? id.name, address: router.address,
            fencing: router.fencing,
            isClassTested: router.abilities.isDeclared ? isTested : nil,
            record: findings.place.unreadable.map { _ in unknown }
                ?? findings.situation.record.live?.color.rawValue,
            now: findings.situation.isSilent(id) ? unreachable : unknown, afterReload: "?",
            dataPlane: findings.dataPlane.map { StatusWords.brief($0.kind) } ?? "not asked",
            token: nil, isIdleClaimed: false,
            leftOut: findings.situation.isLagging(id) ? findings.situation.behind[id] : nil,
            oldWorkers: nil)
        guard let observation = findings.situation.observations[id] else { return row }
        row.now = StatusWords.sighting(observation.effective)
        row.afterReload = StatusWords.durable(observation)
        row.token = observation.token.map(\.description)
        row.isIdleClaimed = observation.isIdleClaimed
        row.oldWorkers = observation.oldWorkers
        return row
    }

    // MARK: - Rollback

    static func rollback(_ findings: StatusFindings) -> Rollback {
        let record = findings.situation.record
        guard let target = findings.situation.wayHome else {
            return Rollback(
                isReady: false, target: nil, release: nil,
                why: findings.place.unreadable?.message
                    ?? findings.situation.retiredIdle.map { "\($0) was retired" }
                    ?? "no environment to go back to")
        }
        var rollback = Rollback(
            isReady: true, target: target, release: record.releases[target], why: nil)
        let missing = missing(target, findings)
        let rules = RollbackRules(
            situation: findings.situation, target: target, isAskedAlike: missing.isAskedAlike)
        if findings.situation.observations.isEmpty {
            rollback.why = findings.situation.firstFailure?.message
        }
        if findings.situation.live == .absent { rollback.why = StatusWords.drift(.valueAbsent) }
        if findings.situation.isHome(target) || findings.situation.isArriving(on: target) {
            rollback.why = "\(target) is live already"
        }
        do throws(Failure) {
            try rules.judge()
        } catch {
            rollback.why = error.message
        }
        let answer = findings.wayBack
        if let answer, !answer.isFit, !answer.isLate {
            rollback.why = "\(target) \(answer.unfitness): \(StatusWords.answer(answer.kind))"
        }
        rollback.isReady = rollback.why == nil
        guard rollback.isReady else { return rollback }
        let misses = rules.barren.merging(findings.situation.unreadable) { _, why in why }
        if !misses.isEmpty { rollback.misses = misses.keys.sorted().map(\.name) }
        rollback.expectedMilliseconds = expected(findings)
        // It may still be the lesser evil.
        var doubts = record.failedBake == target ? [failedBake] : []
        if let why = missing.why { doubts.append(why) }
        // The problem that is shown names the way to the other one.
        if let recorded = findings.situation.recordedBesideForeign, recorded != target {
            doubts.append("not to \(recorded), which the record has as live")
        }
        if let answer, answer.isLate { doubts.append("slow: \(StatusWords.answer(answer.kind))") }
        if !doubts.isEmpty { rollback.why = doubts.joined(separator: "; ") }
        return rollback
    }

    /// Why a router cannot send traffic there, and whether a rollback would ask it as it was asked now.
    private static func missing(
        _ target: Color, _ findings: StatusFindings
    ) -> (why: String?, isAskedAlike: Bool) {
        let failures = findings.situation.observations.compactMapValues { $0.missing?[target] }
        let recorded = findings.situation.record.recipes
        let isAskedAlike = failures.keys.allSatisfy { id in
            let (then, now) = (
                recorded.last { $0.router == id },
                findings.place.recipes.last { $0.router == id }
            )
            return then == nil || (then?.kind == now?.kind && then?.settings == now?.settings)
        }
        return (failures.min { $0.key < $1.key }?.value.message, isAskedAlike)
    }

    private static func expected(_ findings: StatusFindings) -> Int {
        rollbackMilliseconds(
            findings.place.routers.values, observing: findings.observing, answer: findings.wayBack,
            proof: findings.lastProof)
    }

    /// Three looks at the routers, a proof as long as the last one, and the record's writes. Without a
    /// last one: what the slowest router takes to follow, and twenty probes four at a time, each as
    /// long as the `answer`.
    static func rollbackMilliseconds(
        _ routers: some Sequence<any Router>, observing: Duration, answer: Prober.Answer?,
        proof: Duration?
    ) -> Int {
        let probe = answer.map { $0.ended - $0.sent } ?? .zero
        let delay = routers.map(\.usualDelay).max() ?? .zero
        let length = observing * 3 + (proof ?? delay + probe * 5) + .milliseconds(5)
        return Int(length.components.seconds) * 1000
            + Int(length.components.attoseconds / 1_000_000_000_000_000)
    }

    // MARK: - Run

    private static func run(_ run: RunRecord, _ situation: Situation) -> Run {
        var outcome = run.outcome
        // A sync brings level without a run.
        let leftOut = outcome?.leftOut?.filter { situation.isLagging($0.key) } ?? [:]
        outcome?.leftOut = leftOut.isEmpty ? nil : leftOut
        return Run(
            id: run.beginning.run.text, verb: run.beginning.plan.verb.rawValue,
            phase: RunWords.phase(run.phase), began: run.began,
            owner: RunWords.owner(run.beginning.owner), isAlive: situation.isRunAlive,
            isOpen: run.outcome == nil,
            ending: outcome.map { RunWords.ending($0, of: run.beginning.plan) })
    }

    private static func bake(_ situation: Situation, _ now: WallTime) -> String? {
        switch situation.bake {
        case .none: return nil
        case .watched(let bake):
            guard bake.hasBegun else { return "about to begin" }
            return "watched for \(now.elapsed(since: bake.began).worded) of \(bake.length.worded)"
        case .orphaned: return "never finished"
        case .judged(let bake, let verdict):
            // Beside a later run it would be read as that one's.
            let isEarlier = situation.record.run.map { bake.began < $0.began } ?? false
            guard verdict.judgement != .passed || !isEarlier else { return nil }
            return "\(verdict.judgement.rawValue): \(verdict.why)"
        }
    }

    // MARK: - Exit

    private static func exitStatus(_ findings: StatusFindings) -> ExitStatus {
        let situation = findings.situation
        guard situation.liveColor != nil || isWatchedCanary(situation) else { return .unknown }
        // Users that come through such a router get the other colour.
        guard situation.lagging.allSatisfy({ $0.shows == nil }) else { return .unknown }
        if situation.record.openIntent != nil, !situation.isRunAlive { return .unknown }
        guard isShownToUsers(findings) else { return .unknown }
        if situation.isInDoubt { return .unhealthy }
        return situation.drift.isEmpty && situation.unreadable.isEmpty ? .done : .stale
    }

    /// Somebody is there who goes on with it, or takes it back.
    private static func isWatchedCanary(_ situation: Situation) -> Bool {
        guard let intent = situation.record.openIntent, situation.isRunAlive else { return false }
        return situation.live
            == .shared(intent.datum.live, idlePercent: intent.datum.idlePercent ?? 0)
    }

    /// Nothing contradicts what the routers say. What the live colour answers may not be known, where
    /// its release is not; then an answer says neither.
    private static func isShownToUsers(_ findings: StatusFindings) -> Bool {
        switch findings.dataPlane?.kind {
        case .error: false
        case .color(let color):
            color == findings.situation.liveColor || findings.situation.idlePercent != nil
        case .other: !findings.isLiveRecognisable
        case nil: true
        }
    }
}
