import Contracts
import PipelineModel
import RunEngine

/// Gives routers what another one holds, without a run: colour, claim and token stay as they are.
///
/// It begins no run, so it does not end one: a proxy may join while a deploy bakes. It may be repeated,
/// and may be killed at any instant: a router holds what it held, or what the source holds.
struct FleetSync: Sendable {
    /// How often traffic may move between two looks before this gives up.
    private static let rounds = 3
    private static let pause = Duration.milliseconds(50)
    /// So long it keeps runs from writing: a rollback waits longer than that. A router that takes longer
    /// is looked at once more afterwards.
    private static let hold = Duration.milliseconds(250)

    let workplace: Workplace
    let source: RouterID
    let targets: [RouterID]

    private var world: World { workplace.world }

    /// Writes nothing. Throws where the source cannot be taken as the truth.
    func survey() async throws(Failure) -> SyncReport {
        let (seen, down) = await look()
        let stored = try workplace.store.load()
        let rules = SyncRules(
            stored: stored, source: source, seen: seen, now: world.time.wall())
        let datum = try rules.datum(for: Set(targets))
        return SyncReport(
            source: source, datum: datum,
            rows: targets.map { id in
                SyncReport.Row(
                    router: id, state: SyncReport.State(rules.verdict(on: id, datum)),
                    // One that cannot be read is told by its state.
                    showed: try? seen[id]?.get(), isDown: down.contains(id))
            }, isRecorded: stored.condition != .absent)
    }

    /// Writes what is behind, reads it back, and looks at the source once more: where traffic moved in
    /// the meantime, that is done again. Throws only where nothing was written.
    func perform(_ survey: SyncReport) async throws(Failure) -> SyncReport {
        var report = survey
        for round in 1...Self.rounds where report.isBehind {
            do throws(Failure) {
                report = await readBack(try await write(report), report)
            } catch {
                guard round > 1 else { throw error }
                return report.doubted(error)
            }
        }
        await noteDone(report)
        return report.doubted(
            Failure(
                .notProven, "Traffic moved again and again while this wrote.",
                hint: "See 'bluegreen status', then repeat the command."))
    }

    // MARK: - Looking

    private func look() async -> ([RouterID: Result<Observation, Failure>], down: Set<RouterID>) {
        var seen = await RouterPanel.observe(workplace.routers)
        var down: Set<RouterID> = []
        for id in targets {
            guard case .failure = seen[id], let cold = workplace.routers[id]?.cold,
                await cold.isDown()
            else { continue }
            seen[id] = await cold.look()
            down.insert(id)
        }
        return (seen, down)
    }

    // MARK: - Writing

    /// Empty where traffic moved since the look.
    private func write(_ report: SyncReport) async throws(Failure) -> [RouterID: WriteResult] {
        try await workplace.store.alone(patience: .seconds(2)) { stored, leave throws(Failure) in
            let limit = world.time.now() + Self.hold
            async let _: Void = leaveLater(leave)
            let router = workplace.routers.filter { $0.key == source }
            let rules = SyncRules(
                stored: stored, source: source, seen: await RouterPanel.observe(router),
                now: world.time.wall())
            guard try rules.datum(for: Set(targets)) == report.datum, world.time.now() < limit
            else { return [:] }
            let behind = report.rows.filter { $0.state.isBehind }
            // Losing the error is right: nothing is decided by it.
            try? workplace.store.remember(notes(behind, report.datum, isDone: false))
            return await writeAll(behind, report.datum)
        }
    }

    private func leaveLater(_ leave: @Sendable () -> Void) async {
        await world.time.sleep(Self.hold)
        leave()
    }

    private func writeAll(
        _ rows: [SyncReport.Row], _ datum: Datum
    ) async -> [RouterID: WriteResult] {
        await withTaskGroup(of: (RouterID, WriteResult).self) { group in
            for row in rows {
                guard let router = workplace.routers[row.router],
                    case .behind(let seen) = row.state
                else { continue }
                let cold = row.isDown ? router.cold : nil
                group.addTask {
                    let id = row.router
                    guard let cold else { return (id, await router.write(datum, expecting: seen)) }
                    return (id, await cold.write(datum))
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    // MARK: - Reading back

    /// Patient with routers that take up late what was written.
    private func readBack(
        _ results: [RouterID: WriteResult], _ before: SyncReport
    ) async -> SyncReport {
        let isLate = results.keys.contains { workplace.routers[$0]?.fencing == .asynchronous }
        let deadline = world.time.now() + (isLate ? .seconds(5) : .seconds(1))
        while true {
            let after: SyncReport
            do throws(Failure) {
                after = try await survey()
            } catch {
                return before.after(results).doubted(error)
            }
            let next = before.after(results, shown: after)
            guard after.datum == before.datum, next.isBehind else { return next }
            guard world.time.now() < deadline else { return next.givenUp(results) }
            await world.time.sleep(Self.pause)
        }
    }

    // MARK: - The record

    private func notes(
        _ rows: [SyncReport.Row], _ datum: Datum, isDone: Bool
    ) -> [SyncRecord] {
        let host = world.host
        return rows.map {
            SyncRecord(
                router: $0.router, from: source, datum: datum, by: "\(host.user)@\(host.name)",
                at: world.time.wall(), isDone: isDone)
        }
    }

    private func noteDone(_ report: SyncReport) async {
        let written = report.rows.filter { $0.state == .written }
        guard !written.isEmpty else { return }
        // Losing the error is right: it is written and read back; the record says that it was begun.
        try? await workplace.store.alone(patience: .seconds(2)) { _, _ throws(Failure) in
            try workplace.store.remember(notes(written, report.datum, isDone: true))
        }
    }
}

extension SyncReport.State {
    fileprivate init(_ verdict: SyncRules.Verdict) {
        self =
            switch verdict {
            case .level: .level
            case .behind(let seen): .behind(seen)
            case .refused(let failure): .refused(failure)
            }
    }
}
