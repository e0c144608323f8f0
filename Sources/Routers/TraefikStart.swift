import Contracts

/// The file that Traefik reads when it starts.
struct TraefikStart: ColdStart {
    let file: TraefikFile
    let page: AdminPage

    func isDown() async -> Bool { await page.isDown() }

    func observe() async throws(Failure) -> Observation {
        let kept = try file.kept()
        return Observation(
            effective: kept.sighting, token: kept.token, isIdleClaimed: kept.isIdleClaimed,
            unasked: "Traefik does not run")
    }

    func write(_ datum: Datum) async -> WriteResult {
        do throws(Failure) {
            let lock = try await file.lock()
            defer { lock.release() }
            if let held = try file.kept().token(before: datum) { return .refusedStale(held) }
            try put(datum)
            return .applied
        } catch {
            return .notApplied(error)
        }
    }

    private func put(_ datum: Datum) throws(Failure) {
        do throws(FileFailure) {
            try file.put(datum)
        } catch {
            throw file.unchangeable(error)
        }
    }
}
