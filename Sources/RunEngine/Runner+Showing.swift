import Contracts
import PipelineModel
import Synchronization

/// How a run shows what came of a write: by the routers' word, and from outside.
extension Runner {
    // MARK: - By the routers' word

    /// Reads every router of the part again until all show the datum, or the time to settle is over.
    ///
    /// One that certainly refused will not show it however long the others are waited for.
    func confirm(_ datum: Datum) async -> RunEvent {
        let isRefused = memory.withLock { $0.results.values.contains(where: \.isRefusal) }
        let deadline = world.time.now() + (isRefused ? .zero : settleTime)
        while true {
            let seen = await observePart()
            remember(seen)
            if isOutranked(datum, by: seen) { return .stopRequested(superseded) }
            let contradiction = contradiction(in: seen, with: datum)
            let unread = unread(in: seen)
            if contradiction == nil, unread.isEmpty {
                // Else the proof says so, which goes on meanwhile.
                if !plan.isProvenByProbes, let failure = await misdirection() {
                    return .contradicted(failure)
                }
                return .confirmed(memory.withLock { $0.observed })
            }
            if world.time.now() >= deadline {
                if let contradiction { return .contradicted(contradiction) }
                let first = unread.min { $0.key < $1.key }
                return .unreadable(
                    first?.value ?? Failure(.routerUnreachable, "No router answers."))
            }
            await world.time.sleep(.milliseconds(20))
        }
    }

    /// An acknowledged write shows at once; a slow or silent router gets twice its deadline.
    private var settleTime: Duration {
        equipment.routers.values.contains { $0.fencing == .asynchronous }
            ? .seconds(5) : .milliseconds(1000)
    }

    /// The next write expects what was seen last.
    private func remember(_ seen: [RouterID: Result<Observation, Failure>]) {
        memory.withLock { memory in
            for case (let id, .success(let observation)) in seen {
                memory.observed[id] = observation
            }
        }
    }

    private func isOutranked(
        _ datum: Datum, by seen: [RouterID: Result<Observation, Failure>]
    ) -> Bool {
        seen.values.contains { result in
            guard case .success(let observation) = result, let token = observation.token
            else { return false }
            return token > datum.token
        }
    }

    private func contradiction(
        in seen: [RouterID: Result<Observation, Failure>], with datum: Datum
    ) -> Failure? {
        for (id, result) in seen.sorted(by: { $0.key < $1.key }) {
            guard case .success(let observation) = result, !isShown(datum, observation, id)
            else { continue }
            let token = observation.token.map { " with token \($0)" } ?? ""
            return Failure(
                .notProven,
                "\(id) shows \(Self.words(observation.effective))\(token)"
                    + " instead of \(Self.words(datum.sighting)) with token \(datum.token).")
        }
        return nil
    }

    /// A colour alone proves nothing where the router keeps tokens: a late write may have set it.
    private func isShown(_ datum: Datum, _ observation: Observation, _ id: RouterID) -> Bool {
        guard observation.effective == datum.sighting else { return false }
        guard let token = observation.token else {
            return equipment.routers[id]?.fencing != .token
        }
        return token == datum.token
    }

    /// What each router shows, and what became of it, for a person who has to decide.
    func survey() async -> [RouterID: RouterSurvey] {
        let seen = await RouterPanel.observe(equipment.routers)
        let (results, part) = memory.withLock { ($0.results, $0.part) }
        return equipment.routers.reduce(into: [:]) { surveys, entry in
            let (id, router) = entry
            surveys[id] = RouterSurvey(
                fencing: router.fencing, seen: seen[id].flatMap { try? $0.get() },
                happened: results[id]?.words ?? part?.leftOut[id].map { "left out: \($0)" }
                    ?? "not written")
        }
    }

    // MARK: - From outside

    func startProof(
        of color: Color, _ background: AsyncStream<Job>.Continuation
    ) -> ProofRun? {
        abandonProof()
        guard plan.isProvenByProbes, let prober else { return nil }
        let proof = ProofRun(prober, target: color)
        memory.withLock { $0.proof = proof }
        background.yield(Job { await proof.run() })
        return proof
    }

    /// Ends the probing around a write that came to nothing, or whose confirmation failed.
    func abandonProof() {
        memory.withLock { $0.proof.take() }?.end()
    }

    func prove(_ color: Color, _ background: AsyncStream<Job>.Continuation) async -> RunEvent {
        // A run that only confirms an open intent, or that wrote nothing, has no probes under way.
        guard let proof = memory.withLock({ $0.proof.take() }) ?? startLateProof(color, background)
        else { preconditionFailure("A plan with proof by probes comes with a public address.") }
        var (evidence, isProven) = await proof.verdict()
        // A way back waits for nobody's numbers.
        let counted = color == plan.to ? await realRequests(without: { proof.answered }) : nil
        // Nobody knows on which colour the router counted a question of ours that failed, also where
        // nothing served yet, or whose answer contradicts the router.
        evidence.realRequests = isProven && proof.isAccounted ? counted : nil
        guard !isProven else {
            return await misdirection().map { .notProved(evidence, $0) } ?? .proved(evidence)
        }
        let shown = proof.shown[color] ?? 0
        return .notProved(
            evidence,
            Failure(
                .notProven,
                "The public address did not show \(color) often enough in time.",
                evidence: [
                    "of \(evidence.probes) probes \(shown) were answered by \(color),"
                        + " \(evidence.errors) failed",
                    "last other answer: \(evidence.lastMismatch ?? "none")",
                ],
                hint: plan.verb == .rollback
                    ? "'bluegreen rollback --to \(color.other)' leaves \(color) again."
                    : "Look at \(prober?.entrance.url ?? "the public address") yourself."))
    }

    private func startLateProof(
        _ color: Color, _ background: AsyncStream<Job>.Continuation
    ) -> ProofRun? {
        let proof = startProof(of: color, background)
        memory.withLock { $0.proof = nil }
        proof?.writeBegins()
        return proof
    }
}

extension WriteResult {
    fileprivate var words: String {
        switch self {
        case .applied: "written"
        case .appliedNotDurable(let failure): "written, not durable: \(failure.message)"
        case .refusedStale(let token): "refused: it holds the newer token \(token)"
        case .notApplied(let failure): "refused: \(failure.message)"
        case .unknown(let failure): "no answer to the write: \(failure.message)"
        }
    }
}
