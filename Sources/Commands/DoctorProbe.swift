import Contracts
import PipelineModel
import RunEngine

/// Writes the colour that is live once more, in a recorded run, to see whether the routers keep what
/// they promise. Traffic does not move.
struct DoctorProbe {
    private typealias Row = DoctorReport.Row

    private let workplace: Workplace
    private let situation: Situation
    private let live: Color

    /// Throws where another run is under way, or something is unfinished.
    init(_ workplace: Workplace) async throws {
        self.workplace = workplace
        situation = try await workplace.situation()
        live = try ForwardRules(situation: situation, now: workplace.world.time.wall()).judge()
    }

    func rows() async throws -> [DoctorReport.Row] {
        let plan = RunPlan(verb: .adopt, entry: .adopting, from: live, to: live)
        var launch = RunLaunch(
            session: workplace.session, store: workplace.store,
            service: workplace.pipeline.service, stage: workplace.pipeline.stage)
        launch.reason = "bluegreen doctor --probe"
        let journal = try await launch.begin(plan, above: situation)
        do throws(Failure) {
            let rows = try await probe(journal)
            await journal.close()
            return rows
        } catch {
            await launch.giveUp(journal, live, error)
            throw error
        }
    }

    private func probe(_ journal: any RunJournal) async throws(Failure) -> [Row] {
        let record = MaskedJournal(journal: journal, secrets: workplace.session.secrets)
        let datum = datum(epoch: journal.beginning.epoch, round: 1)
        let intent = Intent(datum: datum, from: live, recipes: workplace.recipes)
        try await record.append(.adoptIntended(intent), isDurable: true)
        var rows: [Row] = []
        var tested: [Recipe] = []
        for (id, seen) in situation.observations.sorted(by: { $0.key < $1.key }) {
            guard let router = workplace.routers[id] else { continue }
            guard seen.color == live else {
                let shown = StatusWords.sighting(seen.effective)
                rows.append(
                    .warning(
                        "\(id) write",
                        "not written: it shows \(shown), and a probe moves no traffic",
                        "bring it level with 'bluegreen resume', then probe again"))
                continue
            }
            let found = try await ask(id, router, seen, datum, record)
            rows += found
            guard router.abilities.isDeclared else { continue }
            tested += workplace.recipes.filter { $0.router == id && Self.isAsDeclared(found) }
        }
        if !tested.isEmpty { try await record.append(.tested(tested), isDurable: true) }
        if situation.record.live == nil {
            let adoption = Adoption(live: live, token: datum.token, why: "bluegreen doctor --probe")
            try await record.append(.adopted(adoption), isDurable: true)
        }
        try await record.append(.ended(try await outcome()), isDurable: true)
        return rows
    }

    /// Without a token nothing shows that the write was heard: the colour was the same before.
    private static func isAsDeclared(_ rows: [Row]) -> Bool {
        let isSeen = rows.contains { $0.check.hasSuffix(" read back") && $0.verdict == .ok }
        return isSeen && !rows.contains { $0.verdict == .problem }
    }

    /// Asked of the routers again: a probe must not claim what it has not seen.
    private func outcome() async throws(Failure) -> Outcome {
        let now = Situation(
            stored: situation.stored, seen: await RouterPanel.observe(workplace.routers),
            requirement: situation.requirement)
        guard now.liveColor == live else {
            throw Failure(
                .drift, "The routers do not show \(live) any more.",
                hint: "Look at them now: 'bluegreen status'.")
        }
        return Outcome(.succeeded, production: .readBack(live))
    }

    private func datum(epoch: Int, round: Int) -> Datum {
        Datum(
            live: live, isIdleClaimed: situation.isIdleClaimed,
            token: Token(epoch: epoch, round: round))
    }

    private func ask(
        _ id: RouterID, _ router: any Router, _ seen: Observation, _ datum: Datum,
        _ record: MaskedJournal
    ) async throws(Failure) -> [Row] {
        let time = workplace.world.time
        let began = time.now()
        let result = try await write(datum, id, router, expecting: seen, record)
        switch result {
        case .applied, .appliedNotDurable: break
        // It may come a moment later.
        case .unknown where router.fencing == .asynchronous: break
        case .notApplied(let failure), .unknown(let failure):
            return [.problem("\(id) write", failure)]
        case .refusedStale(let token):
            return [.problem("\(id) write", "the router holds the newer token \(token)")]
        }
        let answer = await look(at: router, for: datum)
        let took = time.now() - began
        guard case .success(let observation) = answer else {
            return [.problem("\(id) read back", "the router cannot be read after a write")]
        }
        return [
            Self.readBack(id, observation, datum, took, slowedBy: router.slowedBy),
            Self.persistence(id, observation),
        ] + (try await fencing(id, router, datum, record))
    }

    /// What takes effect late has five seconds for it.
    private func look(
        at router: any Router, for datum: Datum
    ) async -> Result<Observation, Failure> {
        let time = workplace.world.time
        let deadline = time.now() + .seconds(router.fencing == .asynchronous ? 5 : 0)
        while true {
            let answer = await router.look()
            if case .success(let seen) = answer, seen.token == datum.token { return answer }
            guard time.now() < deadline else { return answer }
            await time.sleep(.milliseconds(100))
        }
    }

    private func write(
        _ datum: Datum, _ id: RouterID, _ router: any Router, expecting seen: Observation,
        _ record: MaskedJournal
    ) async throws(Failure) -> WriteResult {
        let result = try await record.whileNewest { await router.write(datum, expecting: seen) }
        try await record.append(.written([id: result]), isDurable: false)
        return result
    }

    static func readBack(
        _ id: RouterID, _ seen: Observation, _ datum: Datum, _ took: Duration,
        slowedBy: String? = nil
    ) -> DoctorReport.Row {
        let shown = StatusWords.sighting(seen.effective)
        guard seen.color == datum.live, seen.token.map({ $0 == datum.token }) ?? true else {
            let token = seen.token.map { ", token \($0)" } ?? ""
            return .problem(
                "\(id) read back", "shows \(shown)\(token) after writing \(datum.live)",
                "compare its settings in the pipeline with docs/routers")
        }
        guard seen.token != nil else {
            return .warning(
                "\(id) read back",
                "shows \(shown) in \(Wording.length(took)), and keeps no token")
        }
        let found = "shows \(shown), token \(datum.token), in \(Wording.length(took))"
        guard let slowedBy, took >= .seconds(1) else { return .ok("\(id) read back", found) }
        return .warning("\(id) read back", found, slowedBy)
    }

    static func persistence(_ id: RouterID, _ seen: Observation) -> DoctorReport.Row {
        switch seen.durable {
        case .same: .ok("\(id) persistence", "a restart would show what was written")
        case .differs(let sighting):
            .problem(
                "\(id) persistence", "a restart would show \(StatusWords.sighting(sighting))",
                "let bluegreen write its file: docs/routers")
        case .unknown(let why): .warning("\(id) persistence", "not known here: \(why)")
        }
    }

    /// A write as of a process that was paused for long: it has never seen the newer token.
    private func fencing(
        _ id: RouterID, _ router: any Router, _ datum: Datum, _ record: MaskedJournal
    ) async throws(Failure) -> [Row] {
        guard router.fencing == .token else {
            return [
                .ok(
                    "\(id) fencing",
                    "class \(router.fencing.rawValue): the router compares no tokens, the record does"
                )
            ]
        }
        let stale = self.datum(epoch: datum.token.epoch - 1, round: 1)
        let blind = Observation(effective: .color(live))
        let result = try await write(stale, id, router, expecting: blind, record)
        guard case .refusedStale = result else {
            let restored = self.datum(epoch: datum.token.epoch, round: 2)
            _ = try await write(restored, id, router, expecting: blind, record)
            return [
                .problem(
                    "\(id) fencing", "the router took the older token \(stale.token)",
                    "compare its configuration with docs/routers")
            ]
        }
        return [.ok("\(id) fencing", "the older token \(stale.token) was refused")]
    }
}
