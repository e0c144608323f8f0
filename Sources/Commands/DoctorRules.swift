import Console
import Contracts
import PipelineModel
import RunEngine

/// Says of each finding whether it is well. Pure.
struct DoctorRules {
    typealias Row = DoctorReport.Row

    let findings: DoctorFindings

    private static let remote: Set = ["nfs", "nfs4", "cifs", "smb3", "9p"]
    private static let forgetful: Set = ["tmpfs", "ramfs"]

    private var situation: Situation { findings.situation }

    var rows: [Row] {
        [pipeline, folder, disk] + spare + [section, owner, record] + routers + values + durable
            + canary + colors + [publicAddress] + preview + programs + [clock, processes]
    }

    // MARK: - The record

    private var pipeline: Row {
        switch findings.pipeline {
        case .valid(let files): .ok("pipeline", files)
        case .invalid(let count):
            .problem(
                "pipeline", Wording.amount(count, "mistake"), "bluegreen validate")
        case .unreadable(let failure): .problem("pipeline", failure)
        }
    }

    private var folder: Row {
        let folder = findings.folder
        if let refusal = folder.refusal {
            return .problem("state folder", refusal, "mend it, or name another with --state")
        }
        guard let status = folder.status else {
            return .ok("state folder", "\(folder.path): the first run makes it")
        }
        guard status.kind == .folder else {
            return .problem(
                "state folder", "\(folder.path) is not a folder of its own",
                "name another with --state")
        }
        guard status.mode == 0o700 else {
            return .warning(
                "state folder", "\(folder.path): others may look into it",
                "chmod 700 \(folder.path)")
        }
        return .ok("state folder", folder.path)
    }

    private var disk: Row {
        let folder = findings.folder
        if let failure = folder.unwritable {
            return .problem(
                "disk", failure.message,
                failure.reason == .noSpace ? "make room" : "mend it, or name another with --state")
        }
        guard let kind = folder.kind else {
            return .ok("disk", "a file of 1 MiB can be written")
        }
        if Self.remote.contains(kind) {
            return .problem(
                "disk", "the record is on \(kind): its locks and flushes cannot be relied on",
                "name a local folder with --state")
        }
        if Self.forgetful.contains(kind) {
            return .warning(
                "disk", "the record is on \(kind): a restart of the machine loses it",
                "name a folder on a disk with --state")
        }
        return .ok("disk", "\(kind), a file of 1 MiB can be written")
    }

    /// Nothing to roll back without a record.
    private var spare: [Row] {
        guard situation.stored.condition != .absent, !findings.folder.hasSpare else { return [] }
        return [
            .warning(
                "spare", "no room is kept for a rollback on a full disk: it would not be recorded",
                "see that 256 KiB are free; the next run that goes forward keeps half of it")
        ]
    }

    private var section: Row {
        guard findings.isSectionHeld else { return .ok("lock", "free within a moment") }
        return .problem(
            "lock", "a process holds the record's lock and does not let go",
            "fuser \(findings.folder.path)/lock names it; end it")
    }

    private var owner: Row {
        guard let run = situation.openRun else { return .ok("owner", "nobody works here") }
        guard !situation.isRunAlive else {
            return .ok(
                "owner",
                RunWords.holder(run, bake: situation.record.bake, now: findings.now))
        }
        return .warning(
            "owner", "run \(run.beginning.run) has died while \(RunWords.phase(run.phase))",
            StatusWords.orphanedRun(situation)?.next ?? "bluegreen resume")
    }

    private var record: Row {
        switch situation.stored.condition {
        case .absent: .ok("record", "none yet")
        case .sound: .ok("record", "sound, up to \(RunWords.name(situation.record.epoch))")
        case .torn(let what): .warning("record", "cut by a crash: \(what)")
        case .corrupt(let why): .problem("record", "damaged: \(why)", "bluegreen adopt")
        case .tooNew(let why):
            .problem("record", "written by a newer bluegreen: \(why)", "use that version")
        }
    }

    // MARK: - Routers

    private var routers: [Row] {
        findings.routers.flatMap { look -> [Row] in
            switch look.result {
            case .failure(let failure): return [.problem("router \(look.id)", failure)]
            case .success(let seen):
                return [Self.reach(look, seen)] + Self.targets(look, seen) + [
                    Self.writes(look),
                    .ok("\(look.id) switch", look.ability.effects),
                    .ok("\(look.id) sees", senses(look)),
                ] + Self.counts(look) + Self.configuration(look)
            }
        }
    }

    /// A way for testers that has just been shown is known; of several routers one has answered.
    private func senses(_ look: DoctorFindings.RouterLook) -> String {
        var ability = look.ability
        if findings.routers.count == 1, let idle = situation.liveColor?.other,
            findings.preview?.answer.kind == .color(idle)
        {
            ability.believed.remove(.testers)
        }
        return ability.senses(counting: look.counts)
    }

    /// What is only believed is no answer.
    private static func reach(
        _ look: DoctorFindings.RouterLook, _ seen: Observation
    ) -> Row {
        let (name, place) = ("router \(look.id)", "\(look.kind) at \(look.address)")
        guard let why = seen.unasked else { return .ok(name, place) }
        return .warning(name, "\(place): what is written there is believed, not asked: \(why)")
    }

    /// Where it could send no traffic.
    private static func targets(
        _ look: DoctorFindings.RouterLook, _ seen: Observation
    ) -> [Row] {
        Color.allCases.compactMap { seen.missing?[$0] }.map {
            .problem("\(look.id) targets", $0)
        }
    }

    /// A metric of the pipeline that needs them would find no data.
    private static func counts(_ look: DoctorFindings.RouterLook) -> [Row] {
        guard let failure = look.silence else { return [] }
        let evidence = failure.evidence.map { " (\($0))" }.joined()
        return [.warning("\(look.id) counts", failure.message + evidence, failure.hint)]
    }

    private static func configuration(_ look: DoctorFindings.RouterLook) -> [Row] {
        let name = "\(look.id) configured"
        return switch look.inspection {
        case .sound(let found)?: [.ok(name, found)]
        case .doubtful(let found, let mend)?: [.warning(name, found, mend)]
        case .harmful(let found, let mend)?: [.problem(name, found, mend)]
        case nil: []
        }
    }

    private static func writes(_ look: DoctorFindings.RouterLook) -> Row {
        let ability = look.ability
        let found = "\(ability.classWords): \(ability.promise)"
        guard ability.abilities.isDeclared, !ability.isTested else {
            return .ok("\(look.id) writes", found)
        }
        return .warning("\(look.id) writes", found, "bluegreen doctor --probe")
    }

    private var values: [Row] {
        let readable = findings.routers.filter { $0.result.isSuccess }
        guard !readable.isEmpty else { return [] }
        guard let drift = situation.drift.first(where: \.isAboutNow) else {
            return [live]
        }
        let first = drift == .valueAbsent ? situation.firstValue : nil
        let mend = situation.mend(drift) { findings.direct[$0]?.isDead != true }
        return [.problem("live", StatusWords.drift(drift), first ?? mend)]
    }

    private var live: Row {
        let color = situation.liveColor.map { "\($0)" } ?? "not known"
        guard situation.observations.values.allSatisfy({ $0.unasked == nil }) else {
            return .warning("live", "\(color) is written; what is served was not asked")
        }
        return .ok("live", color)
    }

    private var canary: [Row] {
        if let failure = findings.shareless { return [.problem("canary", failure)] }
        let believed = findings.routers.filter { $0.ability.believed.contains(.shares) }
        guard findings.hasCanary, !believed.isEmpty else { return [] }
        // Where nothing reads the share, the first step sees no request.
        let names = believed.map(\.id.name).joined(separator: ", ")
        return [
            .warning(
                "canary",
                "not known: whether the configuration of \(names) has the lines for a share",
                "compare docs/guides/canary.md; a step that sends nobody to idle goes back (11)")
        ]
    }

    private var durable: [Row] {
        findings.routers.compactMap { look in
            guard case .success(let observation) = look.result else { return nil }
            let name = "\(look.id) restarted"
            switch observation.durable {
            case .same where observation.unasked != nil: return .warning(name, "not asked")
            case .same: return .ok(name, "shows the same")
            case .differs(let sighting):
                return .problem(
                    name, "would show \(StatusWords.sighting(sighting))", "bluegreen adopt")
            case .unknown(let why): return .warning(name, "not known here: \(why)")
            }
        }
    }

    // MARK: - What answers

    private var colors: [Row] {
        guard !findings.direct.isEmpty else { return [] }
        return Color.allCases.map { color in
            let isLive = situation.liveColor == color
            let name = "\(color) directly"
            guard let answer = findings.direct[color], answer.isServed else {
                let why =
                    findings.direct[color].map { StatusWords.answer($0.kind) } ?? "not asked"
                // Before the first deploy, what is live may be nothing.
                guard situation.liveColor != nil else { return .warning(name, why) }
                if isLive, findings.publicAnswer?.kind == .color(color) {
                    return .problem(
                        name, "\(why); the public address answers", "check colors.\(color).url")
                }
                return isLive && !situation.isFirst
                    ? .problem(name, why, "start it, or '\(situation.commandAway)'")
                    : .warning(name, "\(why): no way back", "the next deploy starts it")
            }
            guard answer.kind == .color(color) else {
                return .warning(
                    name, "answers \(StatusWords.answer(answer.kind)), not as \(color)",
                    "public.identity must be what the application says of itself")
            }
            return .ok(name, "answers as \(color)")
        }
    }

    private var publicAddress: Row {
        guard let answer = findings.publicAnswer else {
            return .warning(
                "public address", "not known: a switch is confirmed by the router only",
                "add 'public' to the pipeline")
        }
        if let failure = findings.nameless {
            let evidence = failure.evidence.map { " (\($0))" }.joined()
            return .problem("public address", failure.message + evidence, failure.hint)
        }
        let words = StatusWords.answering(answer.kind)
        guard let live = situation.liveColor else {
            let found = "\(words); the router does not say what should"
            return situation.isFirst
                ? .warning("public address", found) : .problem("public address", found)
        }
        guard answer.kind == .color(live) else {
            return situation.isFirst && answer.kind != .color(live.other)
                ? .warning("public address", words, "the first deploy starts what answers there")
                : .problem("public address", words, "bluegreen status")
        }
        return .ok("public address", "answers as \(live)")
    }

    /// A deploy would find it only right before its switch.
    private var preview: [Row] {
        guard let look = findings.preview, let idle = situation.liveColor?.other else {
            return []
        }
        guard look.answer.kind != .color(idle) else {
            return [.ok("preview", "a request with the \(look.rule) reaches \(idle)")]
        }
        guard findings.direct[idle]?.kind == .color(idle), case .color = look.answer.kind else {
            return [
                .warning(
                    "preview",
                    "not known: a request with the \(look.rule) or \(idle) itself does not answer"
                        + " with a colour now; a deploy asks right before its switch")
            ]
        }
        return [
            .problem(
                "preview",
                "a request with the \(look.rule) does not reach \(idle):"
                    + " \(StatusWords.answering(look.answer.kind))",
                "the router needs a rule for switch.preview: docs/guides/canary.md")
        ]
    }

    // MARK: - This machine

    private var programs: [Row] {
        let missing = findings.programs.filter { !$0.isThere }.map(\.name)
        guard !findings.programs.isEmpty else { return [] }
        guard missing.isEmpty else {
            return [
                .problem(
                    "programs", "not found: \(missing.joined(separator: ", "))",
                    "install them, or give their full path")
            ]
        }
        return [.ok("programs", findings.programs.map(\.name).joined(separator: ", "))]
    }

    /// A clock that was set back makes every age in the record wrong.
    private var clock: Row {
        let newest = [situation.record.live?.since, situation.record.run?.began]
            .compactMap(\.self).max()
        guard let newest, newest > findings.now.advanced(by: .seconds(60)) else {
            return .ok("clock", findings.now.dayAndClock)
        }
        return .problem(
            "clock", "\(findings.now.dayAndClock) is before the newest entry of the record",
            "set the clock; run a time service")
    }

    private var processes: Row {
        guard findings.hasProcesses else {
            return .problem(
                "/proc", "not mounted: a hanging owner cannot be told from another process",
                "mount -t proc proc /proc")
        }
        return .ok("/proc", "mounted")
    }
}

extension Drift {
    /// Concerns which colour is live now, not what a restart would change or how the record is.
    fileprivate var isAboutNow: Bool {
        switch self {
        case .recordDiffers, .split, .foreignValue, .strayShare, .valueAbsent, .foreignWriter,
            .openIntent,
            .recordMissing:
            true
        case .leftOut, .notDurable, .markNotDurable, .recordDamaged, .recordTooNew: false
        }
    }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
