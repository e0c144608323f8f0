import Contracts
import PipelineModel
import Synchronization

/// How a run looks at the routers and at both colours before it writes.
extension Runner {
    /// Every router but those that are left out from the start.
    func observeAll() async -> [RouterID: Result<Observation, Failure>] {
        await observe(reachable)
    }

    private var reachable: [RouterID: any Router] {
        equipment.routers.filter { equipment.leftOut[$0.key] == nil }
    }

    func observePart() async -> [RouterID: Result<Observation, Failure>] {
        await observe(part)
    }

    /// The routers that take part; all that may before that is decided.
    var part: [RouterID: any Router] {
        guard let part = memory.withLock({ $0.part }) else { return reachable }
        return equipment.routers.filter { part.routers.contains($0.key) }
    }

    private func observe(
        _ routers: [RouterID: any Router]
    ) async -> [RouterID: Result<Observation, Failure>] {
        let seen = await RouterPanel.observe(routers)
        for case .success(let observation) in seen.values { rememberEpoch(of: observation.token) }
        return seen
    }

    /// Everything that must hold right before a write; the observations become the expectation.
    func preflight(_ purpose: RunAction.Purpose, _ live: Color) async -> RunEvent {
        do throws(Failure) {
            var seen = try await lookPatiently(purpose)
            if purpose == .switching {
                try await inspect()
                await learnIdentity(of: plan.from)
                try await askIdentities(live)
                await completeBaseline()
                seen = try await lookPatiently(purpose)
                try equipment.mustHold?()
            }
            // A way back waits for nobody's numbers.
            if purpose == .switching || purpose == .canary { await rememberCounters() }
            memory.withLock { $0.observed = seen }
            return .preflightPassed(seen)
        } catch {
            return event(of: error)
        }
    }

    /// What would hide the way back is found before traffic moves.
    private func inspect() async throws(Failure) {
        for (id, router) in part.sorted(by: { $0.key < $1.key }) {
            guard case .harmful(let found, let mend)? = await router.inspect(isBeforeSwitch: true)
            else { continue }
            throw Failure(.routerRefused, "\(id): \(found).", hint: "Write \(mend).")
        }
    }

    /// How long a router's own health checks may take to see what our checks have seen already.
    private static let patience = Duration.seconds(10)

    private func lookPatiently(
        _ purpose: RunAction.Purpose
    ) async throws(Failure) -> [RouterID: Observation] {
        let began = world.time.now()
        while true {
            do throws(Failure) {
                return try await look(purpose)
            } catch {
                let waited = world.time.now() - began
                guard error.code == .capacityMissing, waited < Self.patience, !Task.isCancelled
                else { throw error }
                report(.waiting(error, waited))
                await world.time.sleep(.milliseconds(200))
            }
        }
    }

    private func look(
        _ purpose: RunAction.Purpose
    ) async throws(Failure) -> [RouterID: Observation] {
        let seen = try await readable()
        let preflight = Preflight(
            plan: plan, epoch: journal.beginning.epoch, settings: equipment.switching,
            behind: equipment.behind, needed: needed)
        switch purpose {
        case .claim:
            try preflight.judge(seen, live: plan.from)
            try preflight.judgeUnused(plan.to, seen, asked: equipment.behind)
            try preflight.judgeMajority(seen, live: plan.from)
            try preflight.judgeTarget(plan.from, seen)
        case .switching:
            try preflight.judge(seen, live: plan.from)
            try preflight.judgeMajority(seen, live: plan.from)
            try preflight.judgeTarget(plan.to, seen)
            try preflight.judgeCapacity(seen)
        case .retire:
            try preflight.judge(seen, live: plan.to)
            try preflight.judgeTarget(plan.to, seen)
            try preflight.judgeUnused(plan.to.other, seen, asked: Set(equipment.routers.keys))
        case .level:
            try preflight.judge(seen, live: plan.to)
            // One that shows it already has nothing to lose.
            try preflight.judgeCapacity(seen.filter { $0.value.color != plan.to })
        // A canary begins where a switch was looked at. Traffic goes back from wherever it is.
        case .canary, .undo, .rollback: break
        }
        return seen
    }

    /// How many routers have to be readable; a lenient run takes what it finds.
    private var needed: Int {
        plan.isLenient ? 1 : equipment.requirement.needed(of: equipment.routers.count)
    }

    /// What the routers show that take part from here on: where not all are needed, those that cannot
    /// be read are left out.
    func readable() async throws(Failure) -> [RouterID: Observation] {
        let seen = await observeAll()
        let unread = unread(in: seen)
        var taking: [RouterID: Observation] = [:]
        for case (let id, .success(let observation)) in seen { taking[id] = observation }
        guard taking.count >= max(1, needed) else {
            let first = unread.min { $0.key < $1.key }
            throw first?.value ?? Failure(.routerUnreachable, "No router can be reached.")
        }
        let part = Part(
            routers: Set(taking.keys),
            leftOut: equipment.leftOut.merging(unread.mapValues(\.message)) { known, _ in known })
        memory.withLock { $0.part = part }
        return taking
    }

    /// Why each of the others could not be read; named where there are several.
    func unread(
        in seen: [RouterID: Result<Observation, Failure>]
    ) -> [RouterID: Failure] {
        var failures: [RouterID: Failure] = [:]
        for case (let id, .failure(var failure)) in seen {
            if isFleet { failure.message = "\(id): \(failure.message)" }
            failures[id] = failure
        }
        return failures
    }

    var isFleet: Bool { equipment.routers.count > 1 }

    /// What passed its checks is ready only where a switch to it could be proven.
    func pass() async -> RunEvent {
        guard plan.isProvenByProbes, let failure = await prober?.namelessness(of: plan.to) else {
            return .checksPassed
        }
        return .failed(failure)
    }

    /// Idle must answer as itself, and the public address must not answer as idle already: otherwise
    /// the proof would prove nothing.
    private func askIdentities(_ target: Color) async throws(Failure) {
        guard plan.isProvenByProbes, let prober else { return }
        let expected = prober.entrance.expected
        guard expected[.blue] != expected[.green] else {
            throw Failure(
                .identityAlike, "Both colours would answer '\(expected[target] ?? "")'.",
                hint: "public.identity must differ between blue and green; use ${color} in it.")
        }
        async let nameless = prober.namelessness(of: target)
        let open = await prober.askPublicPatiently()
        if let failure = await nameless { throw failure }
        if !open.isServed, let failure = await prober.silence(open, although: target.other) {
            throw failure
        }
        if open.kind == .color(target) {
            throw Failure(
                .identityAlike,
                "The public address already answers as \(target), although \(target) is idle.",
                hint: "public.identity must be the application's own answer.")
        }
        try await askAsTester(target, prober)
    }

    /// Where the pipeline promises testers a way to idle, they must have one before everybody goes there.
    private func askAsTester(_ target: Color, _ prober: Prober) async throws(Failure) {
        guard let preview = equipment.switching.preview else { return }
        let answer = await prober.askPublicPatiently(as: preview)
        guard answer.kind != .color(target) else { return }
        throw Failure(
            .notProven,
            "A request with the \(preview) does not reach \(target) through the public address.",
            evidence: ["\(prober.entrance.url): \(Self.words(answer.kind))"],
            hint: "The router needs a rule for switch.preview: docs/guides/canary.md.")
    }

    static func words(_ answer: ProofTally.Answer) -> String {
        switch answer {
        case .color(let color): "answered by \(color)"
        case .other(let text): "answered '\(text)'"
        case .error(let text): text
        }
    }

    static func words(_ sighting: Observation.Sighting) -> String {
        switch sighting {
        case .color(let color): "\(color)"
        case .shared(let color, let percent): "\(color), with \(percent)% on \(color.other)"
        case .foreign(let text): "'\(text)'"
        case .absent: "nothing"
        }
    }

    // MARK: - Newer runs

    func rememberEpoch(of token: Token?) {
        guard let token else { return }
        memory.withLock { $0.newestEpoch = max($0.newestEpoch, token.epoch) }
    }

    /// What a failure means to the run: one that names a newer run ends it.
    func event(of failure: Failure) -> RunEvent {
        failure.code == .superseded ? .stopRequested(superseded) : .failed(failure)
    }

    /// By the newest run that the record or a router knows.
    var superseded: Interruption {
        .superseded(by: max(journal.newestEpoch(), memory.withLock { $0.newestEpoch }))
    }
}
