import Contracts
import PipelineModel

/// Switches a proxy that looks for the slot file at every request.
///
/// The proxy compares no tokens. They are compared here, under a kernel lock in the slot folder: no two
/// writers on one machine get past each other, one that is paused in between is waited for, and then
/// the write is not done.
struct SlotSwitch: Sendable {
    let proxy: String
    let folder: SlotFolder
    /// Without it the file is believed.
    let readBack: ReadBack?

    let fencing = Fencing.synchronous

    func observe() async throws(Failure) -> Observation {
        var (sight, shown) = try await look()
        // Somebody may have switched between the two questions.
        if shown != sight.kept.sighting { (sight, shown) = try await look() }
        let later: Observation.Sighting = folder.isVolatile ? .absent : sight.kept.sighting
        return Observation(
            effective: shown, durable: later == shown ? .same : .differs(later),
            token: sight.kept.token, isIdleClaimed: sight.kept.isIdleClaimed)
    }

    func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        if let seen = expecting.token, seen > datum.token { return .refusedStale(seen) }
        do throws(Failure) {
            try requireFolder()
            let lock = try await takeLock()
            defer { lock.release() }
            let sight = try lookIntoFolder()
            if let held = sight.kept.token, held > datum.token { return .refusedStale(held) }
            return await put(datum, over: sight)
        } catch {
            return .notApplied(error)
        }
    }

    /// The folder, and what the proxy makes of it. Where the folder is in disorder, no answer of the
    /// proxy puts it right, so the proxy is not asked.
    private func look() async throws(Failure) -> (SlotSight, Observation.Sighting) {
        let sight = try lookIntoFolder()
        guard case .color = sight.kept.sighting, let readBack else {
            return (sight, sight.kept.sighting)
        }
        return (sight, .color(try await readBack.color()))
    }

    private func lookIntoFolder() throws(Failure) -> SlotSight {
        do throws(FileFailure) {
            return try folder.look()
        } catch {
            throw Failure(
                .routerUnreachable, "The slot folder \(folder.path) cannot be read.",
                evidence: [error.message], hint: "Check its owner and mode.")
        }
    }

    private func requireFolder() throws(Failure) {
        do throws(FileFailure) {
            guard try !folder.isThere() else { return }
        } catch {
            throw unchangeable(error)
        }
        throw Failure(
            .routerTargetMissing, "There is no slot folder \(folder.path).",
            hint: "Create it with the file 'blue' in it, and name it in \(proxy)'s configuration.")
    }

    private func takeLock() async throws(Failure) -> HeldLock {
        do throws(FileFailure) {
            if let lock = try await PatientLock.take("\(folder.path)/.lock", folder.world) {
                return lock
            }
        } catch {
            throw unchangeable(error)
        }
        throw Failure(
            .routerRefused, "Another process is changing the slot folder \(folder.path).",
            hint: "Try again; a process that hangs there must be ended first.")
    }

    // MARK: - Writing

    private func put(_ datum: Datum, over sight: SlotSight) async -> WriteResult {
        do throws(FileFailure) {
            try folder.put(datum, over: sight)
        } catch {
            return outcome(of: datum, after: error)
        }
        do throws(Failure) {
            guard try lookIntoFolder().shows(datum) else { return .unknown(overwritten) }
            if let shown = try await readBack?.color(), shown != datum.live {
                return .unknown(ignored(datum, shown))
            }
        } catch {
            return .unknown(error)
        }
        return folder.isVolatile ? .appliedNotDurable(volatile) : .applied
    }

    /// After a failure the folder itself says what came of the write.
    private func outcome(of datum: Datum, after failure: FileFailure) -> WriteResult {
        do throws(Failure) {
            guard try lookIntoFolder().shows(datum) else {
                return .notApplied(unchangeable(failure))
            }
            return .appliedNotDurable(notFlushed(failure))
        } catch {
            return .unknown(error)
        }
    }

    private func unchangeable(_ failure: FileFailure) -> Failure {
        Failure(
            .routerRefused, "The slot file in \(folder.path) cannot be changed.",
            evidence: [failure.message],
            hint: "This user must be able to create and rename files in that folder.")
    }

    private var overwritten: Failure {
        Failure(
            .routerRefused, "\(folder.path) does not hold what was just written.",
            hint: "Somebody else writes there: only bluegreen should.")
    }

    private func ignored(_ datum: Datum, _ shown: Color) -> Failure {
        Failure(
            .routerRefused,
            "\(proxy) still serves \(shown), although the slot file says \(datum.live).",
            evidence: readBack.map { ["\($0): \(shown)"] } ?? [],
            hint: "See the traps in docs/routers/\(proxy).md: \(proxy) must be able to search"
                + " \(folder.path), must look there, and must not cache what it finds.")
    }

    private var volatile: Failure {
        Failure(
            .routerNotDurable, "The slot folder \(folder.path) is in memory (tmpfs).",
            hint: "It is gone after the machine starts again: keep it below /var/lib.")
    }

    private func notFlushed(_ failure: FileFailure) -> Failure {
        Failure(
            .routerNotDurable, "The slot file was changed, but not flushed to disk.",
            evidence: [failure.message], hint: "A power cut now may return to the old value.")
    }
}
