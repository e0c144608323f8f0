import Contracts
import PipelineModel
import RunEngine

/// Each part that a rollback would need from this machine now: asked, and nothing written.
struct RollbackRehearsal {
    private typealias Row = DoctorReport.Row

    private let sources: RollbackSources
    private let situation: Situation
    private let session: Session
    private let target: Color?
    private let answer: Prober.Answer?
    private let observing: Duration
    private let folder: DoctorFindings.Folder
    private let note: String?
    private let late: LateNames

    /// Throws where not even one router is known.
    init(_ place: PlaceOptions, in session: Session) async throws {
        var sources = try RollbackSources(place, settings: nil, in: session)
        let began = session.world.time.now()
        situation = await sources.look()
        observing = session.world.time.now() - began
        folder = DoctorLook(place, in: session).folder(sources.store.location)
        self.sources = sources
        self.session = session
        target = situation.wayHome
        (answer, note) = await sources.ask(target, session.world)
        late = await session.lateNames(patience: .zero)
    }

    var report: DoctorReport {
        let rows = notes + routers + [way] + environment + [proof, record] + owner
        let isReady = !rows.contains { $0.verdict == .problem }
        let misses = situation.unreadable.count + barren.count
        var report = DoctorReport(
            rows, troubled: .rollbackImpossible,
            rollbackMilliseconds: isReady
                ? StatusReport.rollbackMilliseconds(
                    sources.routers.values, observing: observing, answer: answer,
                    proof: situation.lastProof(in: sources.store)) : nil)
        guard isReady, misses > 0 else { return report }
        report.reach = "\(situation.seen.count - misses) of \(situation.seen.count) routers"
        // As the rollback itself would: users of the others stay where they are.
        report.exit = ExitStatus.unknown.rawValue
        return report
    }

    private var barren: [RouterID: String] {
        target.map { RollbackRules(situation: situation, target: $0).barren } ?? [:]
    }

    private var notes: [Row] {
        (sources.notes + [note].compactMap(\.self) + late.warnings).map { .warning("sources", $0) }
    }

    private var routers: [Row] {
        situation.seen.sorted { $0.key < $1.key }.map { id, result in
            let address = sources.routers[id]?.address ?? "?"
            switch result {
            case .success(let seen):
                let words = "\(address) shows \(StatusWords.sighting(seen.effective))"
                guard let why = barren[id] else { return .ok("router \(id)", words) }
                return .warning("router \(id)", "\(words); \(why): it would be left out")
            case .failure(let failure) where situation.observations.isEmpty:
                return .problem("router \(id)", failure)
            case .failure(let failure):
                return .warning("router \(id)", failure.message, failure.hint)
            }
        }
    }

    private var way: Row {
        guard let target else {
            return .problem(
                "way back", situation.whyNowhere, situation.insteadOfGoingBack())
        }
        do throws(Failure) {
            try RollbackRules(situation: situation, target: target).judge()
        } catch {
            return .problem("way back", error)
        }
        guard !situation.isHome(target) else {
            return .problem("way back", "\(target) is live already", "bluegreen status")
        }
        let release = situation.record.releases[target].map { " with " + $0.version } ?? ""
        return .ok("way back", "\(target)\(release)")
    }

    private var environment: [Row] {
        guard let target, let answer else { return [] }
        let name = "\(target) directly"
        let words = StatusWords.answer(answer.kind)
        guard answer.isFit else {
            return [.problem(name, "\(answer.unfitness): \(words)", "start it")]
        }
        return [.ok(name, "answers \(words) in \(Wording.length(answer.ended - answer.sent))")]
    }

    private var proof: Row {
        guard let entrance = sources.entrance else {
            return .warning(
                "proof", "no public address is known: the router alone would confirm it")
        }
        return .ok("proof", "at \(entrance.url)")
    }

    /// A rollback goes on without it.
    private var record: Row {
        guard let why = folder.refusal ?? folder.unwritable?.message else {
            return .ok("record", "\(folder.path) can be written")
        }
        if folder.refusal == nil, folder.unmakeable == nil, folder.unwritable?.reason == .noSpace,
            folder.hasSpare
        {
            return .warning(
                "record", "no room for 1 MiB; one rollback is recorded in what is kept for it",
                "make room")
        }
        return .warning(
            "record", "the rollback would not be recorded (74): \(why)", "bluegreen doctor")
    }

    /// Somebody who runs now would be ended first.
    private var owner: [Row] {
        guard situation.isRunAlive, let run = situation.openRun else { return [] }
        let owner = run.beginning.owner
        let host = session.world.host
        let isHere = owner.host == host.name && owner.process.bootID == host.bootID
        let isFenced = sources.routers.values.allSatisfy { $0.fencing == .token }
        guard isHere || isFenced else {
            return [
                .warning(
                    "owner", "\(RunWords.owner(owner)) cannot be ended from here",
                    "go to \(owner.host)")
            ]
        }
        return [.ok("owner", "\(RunWords.owner(owner)) would be stopped")]
    }
}
