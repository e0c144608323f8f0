import Console
import Contracts
import PipelineModel
import RunEngine

/// Everything that a person should look at, each with the one command that helps. Pure.
struct StatusProblems {
    typealias Problem = StatusReport.Problem

    let findings: StatusFindings

    init(_ findings: StatusFindings) {
        self.findings = findings
    }

    private var situation: Situation { findings.situation }

    var all: [Problem] {
        notes + unreadable
            + drift.map(problem) + targets + unfinished + torn + unclear
            + oldWorkers + dataPlane + processes + frozen
    }

    /// A record that cannot be read says nothing of who wrote the router.
    private var drift: [Drift] {
        situation.drift.filter { drift in
            if case .foreignWriter = drift { findings.place.unreadable == nil } else { true }
        }
    }

    private func problem(_ drift: Drift) -> Problem {
        if case .recordDamaged = drift, let failure = findings.place.unreadable {
            return Problem(what: failure.message, next: failure.hint)
        }
        var what = StatusWords.drift(drift)
        if drift == .valueAbsent {
            let places = findings.place.recipes.map(StatusWords.place).joined(separator: "; ")
            what += " Asked \(places)."
            return Problem(what: what, next: situation.firstValue ?? StatusWords.mend(drift))
        }
        return Problem(
            what: what,
            next: situation.mend(drift, isServed: findings.isServed))
    }

    /// Where a router could send no traffic, also to the colour that is idle now.
    private var targets: [Problem] {
        situation.observations.sorted { $0.key < $1.key }.flatMap { id, observation in
            Color.allCases.compactMap { observation.missing?[$0] }.map {
                Problem(
                    what: situation.seen.count > 1 ? "\(id): \($0.message)" : $0.message,
                    next: $0.hint)
            }
        }
    }

    /// Why this does not come from the pipeline.
    private var notes: [Problem] {
        guard let note = findings.place.note else { return [] }
        return [
            Problem(
                what: "\(note.what) What is shown here comes from the record and from what is"
                    + " readable.",
                next: note.next)
        ]
    }

    private var unreadable: [Problem] {
        situation.seen.sorted { $0.key < $1.key }.compactMap { id, result in
            guard case .failure(let failure) = result else { return nil }
            return Problem(what: "\(id): \(Self.words(failure))", next: failure.hint)
        }
    }

    /// With what shows it.
    private static func words(_ failure: Failure) -> String {
        guard !failure.evidence.isEmpty else { return failure.message }
        let end = failure.message.hasSuffix(".") ? "." : ""
        return failure.message.dropLast(end.count) + failure.evidence.map { " (\($0))" }.joined()
            + end
    }

    private var frozen: [Problem] {
        // Where the whole record cannot be read, that is said already.
        guard case .failure(let failure) = findings.freezes, findings.place.unreadable == nil
        else { return [] }
        return [Problem(what: failure.message, next: failure.hint)]
    }

    private var unfinished: [Problem] {
        switch situation.bake {
        case .orphaned:
            return StatusWords.orphanedBake(situation, now: findings.now)
                .map { [Problem(what: $0, next: "bluegreen resume")] } ?? []
        case .judged(_, let verdict)
        where verdict.judgement != .passed && situation.record.openIntent == nil:
            return [
                Problem(what: StatusWords.bake(verdict), next: next(after: verdict))
            ]
        case .none, .watched, .judged: return orphanedRun
        }
    }

    /// Only what works from here.
    private func next(after verdict: BakeVerdict) -> String {
        if verdict.judgement == .inconclusive,
            situation.record.run?.outcome?.ending == .inconclusive
        {
            return verdict.remedyOfBake ?? "bluegreen resume"
        }
        return StatusReport.rollback(findings).isReady
            ? "bluegreen rollback" : "bluegreen deploy VERSION, with a mended release"
    }

    private var orphanedRun: [Problem] {
        StatusWords.orphanedRun(situation).map { [Problem(what: $0.what, next: $0.next)] } ?? []
    }

    private var torn: [Problem] {
        guard case .torn(let what) = situation.stored.condition else { return [] }
        return [Problem(what: "The record was cut by a crash: \(what).", next: nil)]
    }

    private var unclear: [Problem] {
        situation.observations.sorted { $0.key < $1.key }.compactMap { id, observation in
            guard case .unknown(let why) = observation.durable else { return nil }
            return Problem(
                what: "\(id): what a restart would show is not certain: \(why)", next: nil)
        }
    }

    private var oldWorkers: [Problem] {
        situation.observations.sorted { $0.key < $1.key }.compactMap { id, observation in
            guard let count = observation.oldWorkers, count > 0 else { return nil }
            return Problem(
                what: "\(id): \(Wording.amount(count, "old worker")) still serve older"
                    + " connections; they do not see a switch.",
                next: nil)
        }
    }

    private var dataPlane: [Problem] {
        if let failure = findings.nameless {
            return [Problem(what: Self.words(failure), next: failure.hint)]
        }
        guard let answer = findings.dataPlane, let what = contradiction(answer.kind) else {
            return []
        }
        guard let death = death(beside: answer.kind) else {
            let url = findings.place.prober?.entrance.url
            return [Problem(what: what, next: url.map { "curl -i \($0)" })]
        }
        return [Problem(what: "\(what) \(death)", next: "bluegreen rollback")]
    }

    /// Of the live release itself, where the way back does serve.
    private func death(beside answer: ProofTally.Answer) -> String? {
        guard case .error = answer, let live = situation.liveColor,
            let own = findings.direct[live], own.isDead, StatusReport.rollback(findings).isReady
        else { return nil }
        return "\(live) itself does not serve either: \(StatusWords.answer(own.kind))."
    }

    /// What the public address says that the routers do not.
    private func contradiction(_ answer: ProofTally.Answer) -> String? {
        if case .error(let why) = answer {
            return "The public address does not show a colour: \(why)."
        }
        guard let live = situation.liveColor, answer != .color(live) else { return nil }
        let words = "The public address answers \(StatusWords.answer(answer))"
        guard case .other = answer else { return "\(words), not \(live)." }
        return findings.isLiveRecognisable
            ? "\(words): that is neither blue nor green. It may not lead to this router."
            : "\(words); what \(live) answers is not known, so that confirms nothing."
    }

    private var processes: [Problem] {
        findings.hosted.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { color, process in
            guard process.facts == nil else { return nil }
            return Problem(
                what: "The process of \(color) is not running. What it printed: \(process.log)",
                next: nil)
        }
    }
}
