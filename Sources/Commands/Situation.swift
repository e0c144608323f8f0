package import Contracts
package import PipelineModel
import RunEngine

/// Record and routers side by side, before anything is decided: who is live, who works here, what differs.
///
/// Pure: made from what was read, it reads nothing itself.
package struct Situation: Sendable {
    package let stored: StoredRecord
    package let seen: [RouterID: Result<Observation, Failure>]
    /// How many of the routers have to agree.
    let requirement: FleetRequirement
    /// Where the routers were asked, for people.
    var places: [String] = []
    /// What gives a router its first value, where one has none.
    var firstValue: String?
    /// Where a router keeps its value in memory, so that no write of ours makes it last.
    var inMemory: [RouterID: String] = [:]

    package init(
        stored: StoredRecord, seen: [RouterID: Result<Observation, Failure>],
        requirement: FleetRequirement = .all, of routers: [RouterID: any Router] = [:]
    ) {
        self.stored = stored
        self.seen = seen
        self.requirement = requirement
        firstValue =
            routers.sorted { $0.key < $1.key }
            .first { observations[$0.key]?.effective == .absent }?.value.firstValue
        inMemory = routers.filter { id, router in
            observations[id]?.durable == .differs(.absent)
                && router.abilities.isDurable == false
        }.mapValues { $0.address }
    }

    /// What the routers together say is live.
    package enum Live: Hashable, Sendable {
        case color(Color)
        /// Most requests go to this colour, so many of 100 to the other one.
        case shared(Color, idlePercent: Int)
        /// The routers disagree.
        case split([RouterID: Observation.Sighting])
        case foreign(String)
        case absent
        case unreadable(Failure)
    }

    package var record: Record { stored.record }

    package var observations: [RouterID: Observation] {
        // A router that cannot be read is told by `live`; here only the others count.
        seen.compactMapValues { try? $0.get() }
    }

    package var live: Live {
        let color = RouterPanel.color(of: seen, requirement, behind: Set(behind.keys))
        if let color { return .color(color) }
        let sightings = observations.mapValues(\.effective)
        let distinct = Set(sightings.values)
        if distinct.count < 2, let failure = firstFailure { return .unreadable(failure) }
        guard let first = distinct.first, distinct.count == 1 else { return .split(sightings) }
        switch first {
        case .color(let color): return .color(color)
        case .shared(let color, let percent): return .shared(color, idlePercent: percent)
        case .foreign(let text): return .foreign(text)
        case .absent: return .absent
        }
    }

    /// Why the first router that cannot be read cannot; named where there are several.
    var firstFailure: Failure? {
        for (id, result) in seen.sorted(by: { $0.key < $1.key }) {
            guard case .failure(var failure) = result else { continue }
            if seen.count > 1 { failure.message = "\(id): \(failure.message)" }
            return failure
        }
        return nil
    }

    /// Why each of them cannot be read.
    var unreadable: [RouterID: String] {
        seen.compactMapValues {
            if case .failure(let failure) = $0 { failure.message } else { nil }
        }
    }

    /// It was asked and did not answer at all.
    func isSilent(_ id: RouterID) -> Bool {
        guard case .failure(let failure)? = seen[id] else { return false }
        return failure.code == .routerUnreachable
    }

    /// Too few routers can be read to say or do anything.
    var shortage: Failure? {
        observations.count < requirement.needed(of: seen.count) ? firstFailure : nil
    }

    /// Routers that the last move of traffic left out, and why.
    var behind: [RouterID: String] {
        (record.behind ?? [:]).filter { seen[$0.key] != nil }
    }

    /// Those of them that do not show yet what the record says; absent: they cannot be read.
    var lagging: [(id: RouterID, shows: Observation.Sighting?)] {
        behind.keys.sorted().compactMap { id in
            guard let sighting = observations[id]?.effective else { return (id, nil) }
            guard let live = record.live?.color, sighting != .color(live) else { return nil }
            return (id, sighting)
        }
    }

    func isLagging(_ id: RouterID) -> Bool { lagging.contains { $0.id == id } }

    package var liveColor: Color? {
        guard case .color(let color) = live else { return nil }
        return color
    }

    /// Where most requests go, if not all: for people. No rule may take it for the live colour.
    package var mainColor: Color? {
        switch live {
        case .color(let color), .shared(let color, _): color
        case .split, .foreign, .absent, .unreadable: nil
        }
    }

    /// How many of 100 requests go to the other colour; `nil` where none does.
    package var idlePercent: Int? {
        if case .shared(_, let percent) = live { percent } else { nil }
    }

    package var highestToken: Token? { observations.values.compactMap(\.token).max() }

    /// A run that has begun and not ended.
    package var openRun: RunRecord? {
        guard let run = record.run, run.outcome == nil else { return nil }
        return run
    }

    package var isRunAlive: Bool { openRun != nil && stored.isOwnerAlive }

    /// No record, and no router was ever written by this program.
    package var isFirst: Bool {
        record.live == nil && record.run == nil && (highestToken?.number ?? 0) == 0
            && stored.condition == .absent
    }

    package var wayHome: Color? { record.wayHome }

    /// The routers were written by somebody whom this record does not know.
    var isRecordOlder: Bool { (highestToken?.epoch ?? 0) > record.epoch }

    var isRecordSound: Bool {
        switch stored.condition {
        case .absent, .sound, .torn: true
        case .corrupt, .tooNew: false
        }
    }

    /// What goes forward builds on the record, so that it must be whole.
    func requireSoundRecord() throws(Failure) {
        switch stored.condition {
        case .absent, .sound, .torn: return
        case .corrupt(let why):
            throw Failure(
                .recordCorrupt, "The record is damaged: \(why).",
                hint: "'bluegreen rollback' still works; 'bluegreen adopt' starts a new record"
                    + " from what the router shows.")
        case .tooNew(let why):
            throw Failure(
                .recordCorrupt, "The record was written by a newer bluegreen: \(why).",
                hint: "Use that version; 'status' and 'rollback' work with this one.")
        }
    }

    /// Why a router cannot send traffic to one of the colours.
    var targetFailure: Failure? {
        for (id, observation) in observations.sorted(by: { $0.key < $1.key }) {
            let missing = Color.allCases.lazy.compactMap { observation.missing?[$0] }.first
            guard var failure = missing else { continue }
            if seen.count > 1 { failure.message = "\(id): \(failure.message)" }
            return failure
        }
        return nil
    }

    package var isIdleClaimed: Bool {
        observations.values.contains(where: \.isIdleClaimed)
    }

    /// As the routers that show this colour have it.
    func isIdleClaimed(by live: Color) -> Bool {
        observations.values.contains { $0.color == live && $0.isIdleClaimed }
    }

    /// The idle environment, where a router says that it is claimed and this record does not know why:
    /// it may be half deployed.
    var unexplainedClaim: Color? {
        guard isIdleClaimed, isRecordOlder || stored.condition == .absent || !isRecordSound else {
            return nil
        }
        return liveColor?.other
    }

    /// Who watches the newest bake.
    package enum Bake: Hashable, Sendable {
        case none
        case watched(BakeRecord)
        /// Its run is gone without a verdict.
        case orphaned(BakeRecord)
        case judged(BakeRecord, BakeVerdict)
    }

    /// Traffic is not where the record has it.
    var isElsewhere: Bool {
        guard let liveColor, let recorded = record.live?.color else { return false }
        return liveColor != recorded
    }

    package var bake: Bake {
        guard let bake = record.bake else { return .none }
        let isWatched = bake.verdict == nil && record.run?.beginning.run == bake.run
        if isRunAlive, isWatched { return .watched(bake) }
        // Of a colour that is not live any more nobody has to know.
        guard !isElsewhere else { return .none }
        return bake.verdict.map { .judged(bake, $0) } ?? .orphaned(bake)
    }

    /// It is live already, and nothing is open.
    func serves(_ release: Release, on live: Color) -> Bool {
        record.live?.color == live && release.isSame(as: record.releases[live]) && openRun == nil
            && drift.isEmpty
    }

    /// What is live was not found healthy, or nobody was there any more to find it so.
    var isInDoubt: Bool {
        switch bake {
        case .orphaned: true
        case .judged(_, let verdict): verdict.judgement != .passed
        case .none, .watched: false
        }
    }

    /// Of the live colour, where its bake was not passed.
    var badVerdict: BakeVerdict? {
        guard case .judged(_, let verdict) = bake, verdict.judgement != .passed else { return nil }
        return verdict
    }
}

/// One way in which record, routers and their files do not agree.
package enum Drift: Hashable, Sendable {
    case recordDiffers(record: Color, routers: Color)
    case split([RouterID: Observation.Sighting])
    /// The last move left it out, and it shows something else since, or nothing that can be read.
    case leftOut(RouterID, Observation.Sighting?)
    case foreignValue(String)
    /// A share goes to the other colour, and no run of this record has given it.
    case strayShare(Color, idlePercent: Int)
    case valueAbsent
    /// The router holds a token that this record never gave out.
    case foreignWriter(Token, epoch: Int)
    case notDurable(RouterID, Observation.Sighting)
    /// The colour would stay after a reload, not the token and claim that go with it.
    case markNotDurable(RouterID)
    case openIntent(Intent)
    case recordMissing(Token)
    case recordDamaged(String)
    /// Written by a newer program than this one.
    case recordTooNew(String)
}

extension Situation {
    /// By a move that is not over, or that left out those that differ.
    private func isSplitExplained(_ sightings: [RouterID: Observation.Sighting]) -> Bool {
        guard record.openIntent == nil else { return true }
        let others = sightings.filter { behind[$0.key] == nil }
        return Set(others.values).count == 1 && !lagging.isEmpty
    }
}

extension Drift {
    var isSplit: Bool { if case .split = self { true } else { false } }
}

extension Situation {
    package var drift: [Drift] {
        var found: [Drift] = []
        switch live {
        case .color(let color):
            if let recorded = record.live?.color, recorded != color, record.openIntent == nil {
                found.append(.recordDiffers(record: recorded, routers: color))
            }
        case .split(let sightings):
            if !isSplitExplained(sightings) { found.append(.split(sightings)) }
        case .shared(let color, let percent):
            if record.openIntent == nil { found.append(.strayShare(color, idlePercent: percent)) }
        case .foreign(let text): found.append(.foreignValue(text))
        case .absent: found.append(.valueAbsent)
        case .unreadable: break
        }
        found += lagging.map { .leftOut($0.id, $0.shows) }
        if let intent = record.openIntent, !isRunAlive { found.append(.openIntent(intent)) }
        if let token = highestToken, token.epoch > record.epoch {
            found.append(
                stored.condition == .absent
                    ? .recordMissing(token) : .foreignWriter(token, epoch: record.epoch))
        }
        for (id, observation) in observations.sorted(by: { $0.key < $1.key }) {
            guard case .differs(let sighting) = observation.durable else { continue }
            guard sighting == observation.effective else {
                found.append(.notDurable(id, sighting))
                continue
            }
            // A run that is open writes again before it ends, or its `resume` does.
            if openRun == nil { found.append(.markNotDurable(id)) }
        }
        switch stored.condition {
        case .corrupt(let why): found.append(.recordDamaged(why))
        case .tooNew(let why): found.append(.recordTooNew(why))
        case .absent, .sound, .torn: break
        }
        return found
    }
}

extension Situation {
    /// Whether a router would forget at a reload what was written last, be it only the token: the write
    /// reached one that died, was left, or could not make it durable.
    var isForgetful: Bool {
        observations.values.contains { if case .differs = $0.durable { true } else { false } }
    }

    /// A way back that this record does not know, as one leaves that could not be written down; or the
    /// claim of a deploy that it does not know either, which looks the same.
    var isUnrecordedWayBack: Bool {
        guard stored.condition != .absent, let liveColor, isIdleClaimed(by: liveColor) else {
            return false
        }
        return isRecordOlder || record.live?.color != liveColor
    }

    /// Traffic is there already, and nothing is open that somebody else has not overtaken.
    func isHome(_ target: Color) -> Bool {
        liveColor == target && (record.openIntent == nil || isRecordOlder)
    }

    /// Why a dead run that has moved no traffic must not go on: somebody else has moved it. What that
    /// run takes for idle may serve users now.
    var displacement: Failure? {
        guard let open = openRun, !isRunAlive, record.openIntent == nil, let liveColor else {
            return nil
        }
        let plan = open.beginning.plan
        switch (plan.entry, open.phase) {
        case (.deploying, .starting), (.checking, .starting), (.switching, .starting),
            (.retiring, .starting), (_, .deploying), (_, .checking), (_, .ready), (_, .retiring):
            break
        case (_, .starting), (_, .canary), (_, .switching), (_, .switched), (_, .undoing),
            (_, .unsettled), (_, .baking), (_, .judged), (_, .rollingBack), (_, .levelling),
            (_, .ended):
            return nil
        }
        guard isElsewhere || plan.from != liveColor else { return nil }
        let recorded = isElsewhere ? record.live?.color : nil
        let back = recorded.flatMap { commandBack(to: $0) }
        return Failure(
            .drift,
            recorded.map { StatusWords.drift(.recordDiffers(record: $0, routers: liveColor)) }
                ?? "Run \(open.beginning.run) began while \(plan.from) was live; \(liveColor) is now.",
            hint: "If \(liveColor) is right, say so: 'bluegreen adopt'."
                + (back.map { " If not: '\($0)'." } ?? ""))
    }

    /// Two runs of one service at a time would undo each other's work.
    func refuseLivingRun(now: WallTime, hint: String) throws(Failure) {
        guard isRunAlive, let openRun else { return }
        throw Failure(
            .lockHeld, RunWords.holder(openRun, bake: record.bake, now: now), hint: hint)
    }

    /// A second copy of a step beside a living one could undo what the other does; it may have outlived
    /// its supervisor, by which the record knows it.
    func refuseLivingSteps(_ processes: Processes) throws(Failure) {
        let steps = (record.strays ?? []) + (openRun?.children ?? [])
        let living = steps.lazy.flatMap { step in
            processes.isAlive(step) ? [step.pid] : processes.members(step)
        }
        guard let pid = living.first else { return }
        throw Failure(
            .lockHeld, "A step of an earlier run is still running: pid \(pid).",
            hint: "Wait for it or end it yourself, then try again.")
    }
}
