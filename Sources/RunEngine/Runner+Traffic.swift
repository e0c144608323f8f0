import Contracts
import PipelineModel
import Synchronization

/// How a run looks at the routers, writes to them and shows what came of it.
extension Runner {
    func intend(_ purpose: RunAction.Purpose, _ datum: Datum) -> RunEvent {
        let intent = Intent(
            datum: datum, from: plan.from, recipes: equipment.recipes,
            release: memory.withLock { $0.release }, entrance: equipment.entrance)
        switch purpose {
        case .claim: return .claimIntended(intent)
        case .switching: return .switchIntended(intent)
        case .undo: return .undoIntended(intent)
        case .rollback: return .rollbackIntended(intent)
        case .retire: return .retireIntended(intent)
        }
    }

    // MARK: - Looking

    func observeAll() async -> [RouterID: Result<Observation, Failure>] {
        await withTaskGroup(of: (RouterID, Result<Observation, Failure>).self) { group in
            for (id, router) in equipment.routers {
                group.addTask {
                    do throws(Failure) {
                        return (id, .success(try await router.observe()))
                    } catch {
                        return (id, .failure(error))
                    }
                }
            }
            var seen: [RouterID: Result<Observation, Failure>] = [:]
            for await (id, result) in group { seen[id] = result }
            return seen
        }
    }

    /// Everything that must hold right before traffic moves; the observations become the expectation.
    func preflight(_ purpose: RunAction.Purpose, _ target: Color) async -> RunEvent {
        do throws(Failure) {
            let seen = try await readable(lenient: plan.isLenient)
            if purpose == .switching {
                try Preflight(
                    plan: plan, epoch: journal.beginning.epoch, settings: equipment.switching
                )
                .judge(seen)
                try await askIdentities(target)
                await completeBaseline()
            }
            await rememberCounters()
            memory.withLock { $0.observed = seen }
            return .preflightPassed(seen)
        } catch {
            return .failed(error)
        }
    }

    private func readable(
        lenient: Bool
    ) async throws(Failure) -> [RouterID: Observation] {
        var seen: [RouterID: Observation] = [:]
        var failures: [Failure] = []
        for (id, result) in await observeAll() {
            switch result {
            case .success(let observation): seen[id] = observation
            case .failure(let failure): failures.append(failure)
            }
        }
        if let first = failures.first, !lenient || seen.isEmpty { throw first }
        return seen
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
        async let direct = prober.askDirectly(target, timeout: .seconds(2))
        async let open = prober.askPublic(timeout: .seconds(2))
        if let answer = await direct, answer.kind != .color(target) {
            throw Failure(
                .targetDown,
                "\(target) does not answer as \(target) on its direct address.",
                evidence: ["\(equipment.colors[target] ?? ""): \(Self.words(answer.kind))"],
                hint: "A switch could not be proven; check public.identity and the application.")
        }
        if await open.kind == .color(target) {
            throw Failure(
                .identityAlike,
                "The public address already answers as \(target), although \(target) is idle.",
                hint: "public.identity must be the application's own answer.")
        }
    }

    static func words(_ answer: ProofTally.Answer) -> String {
        switch answer {
        case .color(let color): "answered by \(color)"
        case .other(let text): "answered '\(text)'"
        case .error(let text): text
        }
    }

    // MARK: - Writing

    func write(
        _ datum: Datum, for purpose: RunAction.Purpose, _ background: AsyncStream<Job>.Continuation
    ) async -> RunEvent {
        let proof = movesTraffic(purpose) ? startProof(of: datum.live, background) : nil
        do throws(Failure) {
            let expected = try await expectations()
            proof?.writeBegins()
            let results = try await journal.whileNewest {
                await self.writeEverywhere(datum, expecting: expected)
            }
            proof?.writeEnded()
            return verdict(on: results)
        } catch {
            proof?.writeEnded()
            return error.code == .superseded
                ? .stopRequested(.superseded(by: journal.newestEpoch())) : .failed(error)
        }
    }

    private func movesTraffic(_ purpose: RunAction.Purpose) -> Bool {
        switch purpose {
        case .switching, .undo, .rollback: true
        case .claim, .retire: false
        }
    }

    /// What the last look saw; a claim, which comes first, looks now.
    private func expectations() async throws(Failure) -> [RouterID: Observation] {
        let seen = memory.withLock { $0.observed }
        if !seen.isEmpty { return seen }
        let fresh = try await readable(lenient: plan.isLenient)
        memory.withLock { $0.observed = fresh }
        return fresh
    }

    private func writeEverywhere(
        _ datum: Datum, expecting: [RouterID: Observation]
    ) async -> [RouterID: WriteResult] {
        await withTaskGroup(of: (RouterID, WriteResult).self) { group in
            for (id, router) in equipment.routers {
                guard let expected = expecting[id] else { continue }
                group.addTask { (id, await router.write(datum, expecting: expected)) }
            }
            var results: [RouterID: WriteResult] = [:]
            for await (id, result) in group { results[id] = result }
            return results
        }
    }

    /// Written, unless every router certainly refused.
    private func verdict(on results: [RouterID: WriteResult]) -> RunEvent {
        let refusals = results.values.compactMap { result -> Failure? in
            switch result {
            case .applied, .appliedNotDurable, .unknown: nil
            case .notApplied(let failure): failure
            case .refusedStale(let token):
                Failure(
                    .superseded, "The router holds the newer token \(token).",
                    hint: "Another run moved traffic since: see 'bluegreen status'.")
            }
        }
        guard refusals.count == results.count, let first = refusals.first else {
            return .written(results)
        }
        return .failed(first)
    }

    // MARK: - Showing

    /// Reads every router again until all show the datum, or it is certain that one does not.
    func confirm(_ datum: Datum) async -> RunEvent {
        let deadline = world.time.now() + settleTime
        while true {
            let seen = await observeAll()
            let event = Self.compare(seen, with: datum)
            if case .confirmed(let observations) = event {
                memory.withLock { $0.observed = observations }
                return unreachable(seen).map(RunEvent.unreadable) ?? event
            }
            if world.time.now() >= deadline { return event }
            await world.time.sleep(.milliseconds(20))
        }
    }

    /// A lenient run goes on without unreachable routers, but it does not call that confirmed.
    private func unreachable(_ seen: [RouterID: Result<Observation, Failure>]) -> Failure? {
        for case .failure(let failure) in seen.values { return failure }
        return nil
    }

    /// An acknowledged write shows at once; a slow or silent router gets twice its deadline.
    private var settleTime: Duration {
        equipment.routers.values.contains { $0.fencing == .asynchronous }
            ? .seconds(5) : .milliseconds(1000)
    }

    static func compare(
        _ seen: [RouterID: Result<Observation, Failure>], with datum: Datum
    ) -> RunEvent {
        var observations: [RouterID: Observation] = [:]
        for (id, result) in seen.sorted(by: { $0.key < $1.key }) {
            switch result {
            case .failure(let failure): return .unreadable(failure)
            case .success(let observation):
                if let failure = contradiction(of: observation, with: datum, at: id) {
                    return .contradicted(failure)
                }
                observations[id] = observation
            }
        }
        return .confirmed(observations)
    }

    private static func contradiction(
        of observation: Observation, with datum: Datum, at id: RouterID
    ) -> Failure? {
        if let token = observation.token, token > datum.token {
            return Failure(.superseded, "\(id) holds the newer token \(token).")
        }
        let hasColor = observation.color == datum.live
        let hasToken = observation.token.map { $0 == datum.token } ?? true
        guard !hasColor || !hasToken else { return nil }
        let token = observation.token.map { " with token \($0)" } ?? ""
        return Failure(
            .notProven,
            "\(id) shows \(Self.words(observation.effective))\(token)"
                + " instead of \(datum.live) with token \(datum.token).")
    }

    static func words(_ sighting: Observation.Sighting) -> String {
        switch sighting {
        case .color(let color): "\(color)"
        case .foreign(let text): "'\(text)'"
        case .absent: "nothing"
        }
    }

    private func startProof(
        of color: Color, _ background: AsyncStream<Job>.Continuation
    ) -> ProofRun? {
        guard plan.isProvenByProbes, let prober else { return nil }
        let proof = ProofRun(prober, target: color)
        memory.withLock { $0.proof = proof }
        background.yield(Job { await proof.run() })
        return proof
    }

    func prove(_ color: Color, _ background: AsyncStream<Job>.Continuation) async -> RunEvent {
        // A run that only confirms an open intent, or that wrote nothing, has no probes under way.
        let started = memory.withLock { $0.proof.take() }
        guard let proof = started ?? startLateProof(of: color, background) else {
            return .proved(
                ProofEvidence(probes: 0, errors: 0, firstNew: nil, lastOld: nil, elapsed: .zero))
        }
        var (evidence, isProven) = await proof.verdict()
        evidence.realRequests = await realRequests()
        guard !isProven else { return .proved(evidence) }
        return .notProved(
            evidence,
            Failure(
                .notProven,
                "The public address did not show \(color) often enough in time.",
                evidence: ["last other answer: \(evidence.lastMismatch ?? "none")"],
                hint: "Look at \(prober?.entrance.url ?? "the public address") yourself."))
    }

    private func startLateProof(
        of color: Color, _ background: AsyncStream<Job>.Continuation
    ) -> ProofRun? {
        guard let proof = startProof(of: color, background) else { return nil }
        proof.writeBegins()
        proof.writeEnded()
        memory.withLock { $0.proof = nil }
        return proof
    }
}
