import Contracts
import PipelineModel

/// Switches a proxy that looks at a slot for every request.
///
/// The proxy compares no tokens. They are compared here, under a kernel lock beside the slot: no two
/// writers on one machine get past each other, one that is paused in between is waited for, and then
/// the write is not done.
struct SlotSwitch: RouterWay {
    /// For people: `nginx`.
    let proxy: String
    /// Its page in docs/routers.
    let manual: String
    let slot: any Slot
    /// Without it the slot is believed.
    var readBack: (any ColorWitness)?
    var fencing = Fencing.synchronous
    /// How often the proxy is asked, while it does not show the slot, and how long is waited in between.
    var patience = 1
    private static let pause = Duration.milliseconds(10)
    /// Where the proxy does not look at the slot by itself.
    var loader: (any SlotLoader)?
    var abilities: RouterAbilities {
        var abilities = RouterAbilities.valuePerRequest(
            showsDrain: false, isDurable: !slot.isVolatile, sharesTraffic: slot.sharesTraffic)
        abilities.isAtomic = loader == nil
        abilities.keepsConnections = loader == nil
        return abilities
    }

    var address: String { slot.path }
    var usualDelay: Duration { loader?.usualDelay ?? .zero }
    var firstValue: String {
        "Give it one, with blue as what serves now: '\(slot.making)' (docs/routers/\(manual).md)."
    }

    /// Without a witness the proxy is never asked anyway.
    var cold: (any ColdStart)? { readBack.map { SlotStart(self, page: $0.page) } }

    func observe() async throws(Failure) -> Observation {
        var (sight, shown) = try await look()
        // Somebody may have switched between the two questions, or the proxy is about to follow.
        for round in 0..<patience where shown != sight.kept.sighting {
            if round > 0 { await slot.world.time.sleep(Self.pause) }
            (sight, shown) = try await look()
        }
        let later: Observation.Sighting = slot.isVolatile ? .absent : sight.kept.sighting
        return Observation(
            effective: shown, durable: later == shown ? .same : .differs(later),
            token: sight.kept.token, isIdleClaimed: sight.kept.isIdleClaimed,
            oldWorkers: loader?.oldWorkers, unasked: unasked(sight))
    }

    func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        if let seen = expecting.token, seen > datum.token { return .refusedStale(seen) }
        do throws(Failure) {
            if !slot.sharesTraffic { try datum.requireOneColor(for: slot.name) }
            try requireTarget(of: datum)
            let lock = try await takeLock()
            defer { lock.release() }
            let sight = try lookAtSlot()
            if let held = sight.kept.token(before: datum) { return .refusedStale(held) }
            return await put(datum, over: sight)
        } catch {
            return .notApplied(error)
        }
    }

    /// The slot, and what the proxy makes of it. Where the slot is in disorder, no answer of the
    /// proxy puts it right, so the proxy is not asked.
    private func look() async throws(Failure) -> (SlotSight, Observation.Sighting) {
        let sight = try lookAtSlot()
        let kept = sight.kept.sighting
        guard kept.greenPercent != nil, let readBack else { return (sight, kept) }
        return (sight, try await readBack.sighting(beside: kept))
    }

    private func unasked(_ sight: SlotSight) -> String? {
        guard readBack != nil else { return "the pipeline has no 'readBack'" }
        guard sight.kept.sighting.greenPercent != nil else {
            return "\(slot.path) says no colour"
        }
        return nil
    }

    private func lookAtSlot() throws(Failure) -> SlotSight {
        do throws(FileFailure) {
            return try slot.look()
        } catch {
            throw Failure(
                .routerUnreachable, "\(slot.name) cannot be read.",
                evidence: [error.message], hint: "Check its owner and mode.")
        }
    }

    private func requireTarget(of datum: Datum) throws(Failure) {
        let missing: Failure?
        do throws(FileFailure) {
            missing = try slot.missing(for: datum)
        } catch {
            throw unchangeable(error)
        }
        if let missing { throw missing }
    }

    private func takeLock() async throws(Failure) -> HeldLock {
        do throws(FileFailure) {
            if let lock = try await PatientLock.take(slot.lockPath, slot.world) { return lock }
        } catch {
            throw unchangeable(error)
        }
        throw Failure(
            .routerRefused, "\(slot.name) is being changed by another process.",
            hint: "Try again; a process that hangs there must be ended first.")
    }

    // MARK: - Writing

    private func put(_ datum: Datum, over sight: SlotSight) async -> WriteResult {
        do throws(FileFailure) {
            if let doubt = try slot.put(datum, over: sight) { return .unknown(doubt) }
        } catch {
            return outcome(of: datum, after: error)
        }
        let reader = await loader(for: datum.live, over: sight)
        do throws(Failure) {
            try await reader?.check()
        } catch {
            return goBack(from: datum.live, to: sight, because: error)
        }
        do throws(Failure) {
            try await reader?.tell()
            guard try lookAtSlot().shows(datum) else { return .unknown(overwritten) }
            try await loader?.confirm(datum.live)
            if let shown = try await settled(on: datum.sighting), shown != datum.sighting {
                return .unknown(await ignored(datum, shown))
            }
        } catch {
            return .unknown(error)
        }
        return slot.isVolatile ? .appliedNotDurable(volatile) : .applied
    }

    /// A claim changes no colour: for that nothing is told to the proxy.
    private func loader(for color: Color, over sight: SlotSight) async -> (any SlotLoader)? {
        // Losing the error is right: one that does not say what it shows is told.
        let shown = try? await readBack?.color()
        return shown == color && sight.names.contains(color) ? nil : loader
    }

    /// The proxy was not told, so the slot must not say what a restart would make true.
    private func goBack(
        from color: Color, to sight: SlotSight, because failure: Failure
    ) -> WriteResult {
        let former = color.other
        guard sight.names.contains(former) else { return .unknown(failure) }
        let before =
            sight.datum(live: former) ?? Datum(live: former, token: Token(number: 0))
        do throws(FileFailure) {
            let doubt = try slot.put(before, over: try slot.look())
            return doubt.map(WriteResult.unknown) ?? .notApplied(failure)
        } catch {
            return .unknown(unchangeable(error))
        }
    }

    /// What the proxy shows when it shows `wanted`, or when patience is at its end.
    private func settled(
        on wanted: Observation.Sighting
    ) async throws(Failure) -> Observation.Sighting? {
        var shown = try await readBack?.sighting(beside: wanted)
        for _ in 1..<patience where shown != nil && shown != wanted {
            await slot.world.time.sleep(Self.pause)
            shown = try await readBack?.sighting(beside: wanted)
        }
        return shown
    }

    /// After a failure the slot itself says what came of the write.
    private func outcome(of datum: Datum, after failure: FileFailure) -> WriteResult {
        do throws(Failure) {
            guard try lookAtSlot().shows(datum) else {
                return .notApplied(unchangeable(failure))
            }
            return .appliedNotDurable(notFlushed(failure))
        } catch {
            return .unknown(error)
        }
    }

    private func unchangeable(_ failure: FileFailure) -> Failure {
        Failure(
            .routerRefused, "\(slot.name) cannot be changed.",
            evidence: [failure.message],
            hint: "This user must be able to create and rename files there.")
    }

    private var overwritten: Failure {
        Failure(
            .routerRefused, "\(slot.name) does not hold what was just written.",
            hint: "Somebody else writes there: only bluegreen should.")
    }

    private func ignored(_ datum: Datum, _ shown: Observation.Sighting) async -> Failure {
        let refusals = await readBack?.refusals() ?? []
        let counted =
            refusals.isEmpty
            ? "" : "; since its start it counts \(refusals.joined(separator: ", "))"
        return Failure(
            .routerRefused,
            "\(proxy) still serves \(Self.words(shown)), although \(slot.path) says"
                + " \(Self.words(datum.sighting))\(counted).",
            evidence: readBack.map { ["\($0): \(Self.words(shown))"] } ?? [],
            hint: "See the traps in docs/routers/\(manual).md: \(proxy) must be able to reach"
                + " \(slot.path), must look there, and must not cache what it finds.")
    }

    private static func words(_ sighting: Observation.Sighting) -> String {
        switch sighting {
        case .color(let color): color.rawValue
        case .shared(let color, let percent): "\(percent)% on \(color.other)"
        case .foreign(let text): "'\(text)'"
        case .absent: "nothing"
        }
    }

    private var volatile: Failure {
        Failure(
            .routerNotDurable, "\(slot.name) is in memory (tmpfs).",
            hint: "It is gone after the machine starts again: keep it below /var/lib.")
    }

    private func notFlushed(_ failure: FileFailure) -> Failure {
        Failure(
            .routerNotDurable, "\(slot.name) was changed, but not flushed to disk.",
            evidence: [failure.message], hint: "A power cut now may return to the old value.")
    }
}
