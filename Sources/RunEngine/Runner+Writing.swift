import Contracts
import PipelineModel
import Synchronization

/// How a run announces a datum and writes it into every router that takes part.
extension Runner {
    func intend(_ purpose: RunAction.Purpose, _ datum: Datum) async -> RunEvent {
        if isWayBack(purpose) { equipment.world.names.fallBack([:]) }
        if memory.withLock({ $0.part }) == nil {
            // Without a preflight nobody has looked yet; a failure comes back from the write.
            _ = try? await readable()
        }
        let (release, entrance, part) = memory.withLock { ($0.release, $0.entrance, $0.part) }
        let leftOut = part?.leftOut ?? [:]
        var intent = Intent(
            datum: datum, from: plan.from, recipes: equipment.recipes, release: release,
            entrance: entrance, leftOut: leftOut.isEmpty ? nil : leftOut,
            isLevelling: purpose == .level ? true : nil
        ).knowing(equipment.world.names.known())
        if purpose == .switching, !baselines.isEmpty { intent.baseline = baselines }
        switch purpose {
        case .claim: return .claimIntended(intent)
        case .canary: return .canaryIntended(intent)
        case .switching: return .switchIntended(intent)
        case .undo: return .undoIntended(intent)
        case .rollback: return .rollbackIntended(intent)
        case .level: return .levelIntended(intent)
        case .retire: return .retireIntended(intent)
        }
    }

    func write(
        _ datum: Datum, for purpose: RunAction.Purpose, _ background: AsyncStream<Job>.Continuation
    ) async -> RunEvent {
        let proof = movesEverybody(purpose) ? startProof(of: datum.live, background) : nil
        do throws(Failure) {
            let expected = try await expectations()
            let results = try await inCriticalSection(for: purpose) {
                proof?.writeBegins()
                return await self.writeEverywhere(datum, expecting: expected)
            }
            memory.withLock { $0.results = results }
            let refusal = WriteRefusal(results: results)
            for token in refusal.tokens { rememberEpoch(of: token) }
            if let failure = refusal.failure { throw failure }
            if !movesTraffic(purpose), let doubt = await forgetting(datum.live, in: results) {
                return .contradicted(doubt)
            }
            return .written(results)
        } catch {
            abandonProof()
            return event(of: error)
        }
    }

    /// Where one router cannot do it, the others still do.
    func closeTunnels(to color: Color) async -> RunEvent {
        var trouble: Failure?
        for (_, router) in equipment.routers.sorted(by: { $0.key < $1.key }) {
            do throws(Failure) {
                try await router.closer?.closeTunnels(to: color)
            } catch {
                trouble = trouble ?? error
            }
        }
        return .tunnelsClosed(color, trouble)
    }

    private func movesTraffic(_ purpose: RunAction.Purpose) -> Bool {
        movesEverybody(purpose) || purpose == .canary
    }

    /// It must not fail for want of a resolver.
    private func isWayBack(_ purpose: RunAction.Purpose) -> Bool {
        switch purpose {
        case .undo, .rollback: true
        case .claim, .canary, .switching, .level, .retire: false
        }
    }

    /// Only then one answer after the other can show it.
    private func movesEverybody(_ purpose: RunAction.Purpose) -> Bool {
        switch purpose {
        case .switching, .undo, .rollback, .level: true
        case .claim, .canary, .retire: false
        }
    }

    /// Where traffic goes back, only a newer run keeps it from being written: the router's own token
    /// check stands in for a critical section that cannot be entered.
    private func inCriticalSection(
        for purpose: RunAction.Purpose,
        _ write: @Sendable () async -> [RouterID: WriteResult]
    ) async throws(Failure) -> [RouterID: WriteResult] {
        do throws(Failure) {
            return try await journal.whileNewest(write)
        } catch {
            switch purpose {
            case .undo, .rollback:
                guard error.code != .superseded else { throw error }
                return await write()
            case .claim, .canary, .switching, .level, .retire: throw error
            }
        }
    }

    /// What the last look saw; a run that has not looked yet looks now.
    private func expectations() async throws(Failure) -> [RouterID: Observation] {
        let seen = memory.withLock { memory in
            memory.observed.filter { memory.part?.routers.contains($0.key) ?? false }
        }
        return seen.isEmpty ? try await readable() : seen
    }

    private func writeEverywhere(
        _ datum: Datum, expecting: [RouterID: Observation]
    ) async -> [RouterID: WriteResult] {
        await withTaskGroup(of: (RouterID, WriteResult).self) { group in
            for (id, router) in equipment.routers {
                guard let expected = expecting[id] else { continue }
                group.addTask { (id, await router.write(datum, expecting: expected)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    /// What a restart would make live must be neither deployed to nor stopped.
    private func forgetting(
        _ live: Color, in results: [RouterID: WriteResult]
    ) async -> Failure? {
        for (id, result) in results.sorted(by: { $0.key < $1.key }) {
            guard let failure = result.doubt,
                case .success(let seen)? = await equipment.routers[id]?.look(),
                case .differs(let later) = seen.durable, later != .color(live)
            else { continue }
            return failure
        }
        return nil
    }
}

extension WriteResult {
    /// Why the value may not outlive a restart.
    fileprivate var doubt: Failure? {
        switch self {
        case .appliedNotDurable(let failure), .unknown(let failure): failure
        case .applied, .refusedStale, .notApplied: nil
        }
    }
}
