import Console
import Contracts
import PipelineModel

/// One line for every kind of event, for the run as it happens and for its journal.
struct EventWords {
    private var verb: Verb?
    /// What the last announced move did when it is proven.
    private var moved = "switched"
    /// Where the last announced move goes.
    private var target: Color?
    /// A switch was announced, and no router has said yet what came of it.
    private var isAnnounced = false
    /// Every router refused that switch: a run has no other way to fail between the two.
    private var isRefused = false
    /// What every router showed after the last move.
    private var confirmed: Color?
    /// The same, where the public address did not show it.
    private(set) var unproven: Color?

    /// To be asked in the order of the run: a proof is worded by the move that it shows.
    mutating func words(_ event: RunEvent) -> Text {
        note(event)
        switch event {
        case .began(let beginning): return began(beginning)
        case .adopted(let adoption):
            return "accepted \(adoption.live.rawValue) as live: \(adoption.why)"
        case .adoptIntended(let intent):
            return "writing \(intent.datum.live.rawValue) once more, so that a restart keeps it"
        case .stopRequested(let interruption):
            return "told to stop: \(RunWords.cause(interruption))"
        case .failed(let failure):
            isRefused = isAnnounced
            return "\("✗", .bad) \(failure.message)"
        case .contradicted(let failure), .unreadable(let failure):
            return "\("✗", .bad) \(failure.message)"
        case .claimIntended(let intent):
            return "claiming \(intent.datum.live.other.rawValue)" + leftOut(intent)
        case .claimed: return "idle is claimed: no way back to it until this run ends"
        case .stepBegan(let mark): return Self.step(mark)
        case .stepSpawned(let mark, let child): return "\(mark.name): pid \("\(child.pid)")"
        case .stepEnded(let mark, let ending): return Self.ended(mark, ending)
        case .sealed(let release): return "sealed \(release.version)"
        case .checksPassed: return "\("✓", .good) ready to switch"
        case .preflightPassed: return "routers and both colours are as expected"
        case .canaryIntended(let intent):
            target = intent.datum.live.other
            return "canary: \("\(intent.datum.idlePercent ?? 0)")% of the requests to"
                + " \(intent.datum.live.other.rawValue)" + leftOut(intent)
        case .canaryJudged(let verdict): return judged(verdict, of: "canary")
        case .switchIntended(let intent):
            (isAnnounced, isRefused) = (true, false)
            moved = "switched"
            target = intent.datum.live
            return "switching to \(intent.datum.live.rawValue)" + leftOut(intent)
        case .undoIntended(let intent):
            (isAnnounced, isRefused) = (false, false)
            moved = "back"
            target = intent.datum.live
            return "undoing: back to \(intent.datum.live.rawValue)" + leftOut(intent)
        case .rollbackIntended(let intent):
            moved = "back"
            target = intent.datum.live
            return "rolling back to \(intent.datum.live.rawValue)" + leftOut(intent)
        case .levelIntended(let intent):
            moved = "shown"
            target = intent.datum.live
            return "bringing every router to \(intent.datum.live.rawValue)" + leftOut(intent)
        case .written(let results):
            (isAnnounced, isRefused) = (false, false)
            return written(results)
        case .confirmed(let seen): return confirmed(seen)
        case .proved(let evidence): return proved(evidence)
        case .notProved(let evidence, let failure):
            return "\("✗", .bad) \(failure.message) \(seen(evidence), .dim)"
        case .switched(let live, _): return "\("✓", .good) \(live.rawValue) is live"
        case .undone:
            return "\("✓", .good) \(isRefused ? "nothing has moved" : "undone")"
        case .rolledBack(let live): return "\("✓", .good) traffic is back on \(live.rawValue)"
        case .tunnelsClosed(let color, nil):
            return "\("✓", .good) tunnels to \(color.rawValue) are closed"
        case .tunnelsClosed(let color, let failure?):
            return "\("!", .warning) tunnels to \(color.rawValue) stay open: \(failure.message)"
        case .levelled: return "\("✓", .good) level again"
        case .surveyed(let surveys): return Self.surveyed(surveys)
        case .unsettled(let failure): return "\("UNSETTLED", .bad) \(failure.message)"
        case .bakeBegan(let length): return "watching for \(length.worded)"
        case .bakeJudged(let verdict): return judged(verdict, of: "bake")
        case .wayBackProbed(let wayBack):
            return "traffic \(wayBack.isBetter ? "goes back" : "stays"): \(wayBack.evidence)"
        case .tested(let recipes):
            let names = recipes.map(\.router.name).joined(separator: ", ")
            return "\("✓", .good) as declared: \(names)"
        case .retireIntended(let intent):
            return "\(intent.datum.live.other.rawValue) is no way back from now on"
        case .retired(let color): return "\("✓", .good) \(color.rawValue) is retired"
        case .ended(let outcome):
            return "ended; production is \(RunWords.production(of: outcome, by: verb))"
        }
    }

    private mutating func note(_ event: RunEvent) {
        switch event {
        case .confirmed: confirmed = target
        case .notProved: unproven = confirmed
        case .canaryIntended, .switchIntended, .undoIntended, .rollbackIntended, .levelIntended,
            .contradicted, .unreadable, .failed, .proved:
            (confirmed, unproven) = (nil, nil)
        case .began(let beginning): verb = beginning.plan.verb
        case .adopted, .adoptIntended, .stopRequested, .claimIntended, .claimed, .stepBegan,
            .stepSpawned, .stepEnded, .sealed, .checksPassed, .preflightPassed, .canaryJudged,
            .written, .switched, .undone, .rolledBack, .tunnelsClosed, .levelled, .surveyed,
            .unsettled, .bakeBegan, .bakeJudged, .wayBackProbed, .tested, .retireIntended, .retired,
            .ended:
            break
        }
    }

    /// `check: healthy`
    static func step(_ mark: StepMark) -> Text { "\(mark.phase.rawValue): \(mark.name)" }

    /// `not yet  status 503`
    static func asked(_ isGood: Bool, inARow: Int, _ evidence: String) -> Text {
        let mood: Text = isGood ? "good, \("\(inARow)") in a row" : "not yet"
        return "\(mood)  \(onOneLine(evidence), .dim)"
    }

    /// What a command printed may have several.
    private static func onOneLine(_ evidence: String) -> String {
        evidence.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }

    /// `10 s  green has 1 of 2 servers up`
    static func waiting(_ failure: Failure, for length: Duration) -> Text {
        length < .seconds(1)
            ? "\(failure.message)" : "\(length.worded, .dim)  \(failure.message)"
    }

    static func ended(_ mark: StepMark, _ ending: StepEnding) -> Text {
        switch ending {
        case .succeeded(let evidence, let elapsed):
            // How long a command took is a part of what it says already.
            let said = onOneLine(evidence)
            let details = mark.phase == .check ? "after \(elapsed.worded): \(said)" : said
            return "\("✓", .good) \(mark.name)  \(details, .dim)"
        case .failed(let failure, let elapsed):
            return
                "\("✗", .bad) \(mark.name)  \("after \(elapsed.worded):", .dim) \(failure.message)"
        case .skipped(let reason): return "\("-", .warning) \(mark.name) skipped: \(reason)"
        }
    }

    private func began(_ beginning: RunBeginning) -> Text {
        let plan = beginning.plan
        let release = plan.release.map { " " + $0.version } ?? ""
        var text: Text = "\(plan.verb.rawValue, .bold) \(beginning.service)\(release)"
        if plan.from != plan.to { text += " to \(plan.to.rawValue, Style(plan.to))" }
        text += " (\(beginning.run.text)"
        if let live = liveAtBeginning(plan) { text += ", live: \(live.rawValue)" }
        text += ")"
        if !beginning.overrides.isEmpty {
            text += " overriding: \(beginning.overrides.joined(separator: ", "))"
        }
        if let reason = beginning.reason { text += " because: \(reason)" }
        return text
    }

    /// Nil where traffic was on the move: which colour is live is then what the run is about to ask.
    private func liveAtBeginning(_ plan: RunPlan) -> Color? {
        switch plan.entry {
        case .confirming: nil
        case .rollingBack: plan.verb == .resume || plan.isSplit == true ? nil : plan.from
        case .levelling: plan.to
        case .baking: plan.to
        case .adopting: plan.isSplit == true ? nil : plan.from
        case .deploying, .checking, .switching, .retiring: plan.from
        }
    }

    /// Named with the reason, each time that traffic or a claim moves without them.
    private func leftOut(_ intent: Intent) -> Text {
        guard let leftOut = intent.leftOut else { return "" }
        return "; \("left out:", .warning) \(RunWords.list(leftOut))"
    }

    private func confirmed(_ seen: [RouterID: Observation]) -> Text {
        guard seen.count > 1 else { return "every router shows it" }
        return "\(seen.keys.sorted().map(\.name).joined(separator: ", ")) show it"
    }

    /// `lb-1 green (token 41.2, written); lb-2 cannot be read (no answer to the write: ...)`
    private static func surveyed(_ surveys: [RouterID: RouterSurvey]) -> Text {
        let list = surveys.sorted { $0.key < $1.key }.map { id, survey in
            let words = SurveyWords(survey)
            return "\(id) \(words.now) (token \(words.token), \(survey.happened))"
        }
        return "\(list.joined(separator: "; "))"
    }

    private func written(_ results: [RouterID: WriteResult]) -> Text {
        let notes = results.sorted { $0.key < $1.key }.compactMap { id, result in
            Self.note(id.name, result)
        }
        guard var text = notes.first else { return "written" }
        for note in notes.dropFirst() { text += "; \(note)" }
        return text
    }

    private static func note(_ name: String, _ result: WriteResult) -> Text? {
        switch result {
        case .applied: nil
        case .appliedNotDurable(let failure):
            """
            \("warning:", .warning) \(name) took it, but a restart would return to the old \
            value: \(failure.message)
            """
        case .refusedStale(let token): "\(name) refused: it holds the newer token \("\(token)")"
        case .notApplied(let failure): "\(name) refused: \(failure.message)"
        case .unknown(let failure): "\(name) did not say: \(failure.message)"
        }
    }

    /// `switched in 31 ms (first new 12 ms, last old 29 ms, 418 probes, 0 errors; real requests: …)`
    private func proved(_ evidence: ProofEvidence) -> Text {
        guard evidence.probes > 0 else { return "confirmed by the router only" }
        if isRefused, let target {
            return """
                \(target.other.rawValue) still answers (\("\(evidence.probes)") probes, \
                \("\(evidence.errors)") errors)
                """
        }
        return
            "\(moved) in \(evidence.elapsed.worded) \(seen(evidence))"
    }

    private func seen(_ evidence: ProofEvidence) -> String {
        var parts: [String] = []
        if let first = evidence.firstNew { parts.append("first new \(first.worded)") }
        if let last = evidence.lastOld { parts.append("last old \(last.worded)") }
        parts.append(Wording.amount(evidence.probes, "probe"))
        parts.append(Wording.amount(evidence.errors, "error"))
        if let unserved = evidence.unserved {
            parts.append("\(unserved) before anything served there")
        }
        var text = "(" + parts.joined(separator: ", ")
        if let real = evidence.realRequests, !real.isEmpty {
            text += "; real requests: " + Self.counts(real, to: target)
        }
        return text + ")"
    }

    /// `new 1,203, old 0`, where the move is known.
    private static func counts(_ real: [Color: Int], to target: Color?) -> String {
        guard let target else {
            return real.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { "\($0.key) \(Wording.count($0.value))" }.joined(separator: ", ")
        }
        return "new \(Wording.count(real[target] ?? 0)),"
            + " old \(Wording.count(real[target.other] ?? 0))"
    }

    private func judged(_ verdict: BakeVerdict, of what: String) -> Text {
        let mark: Text = verdict.judgement == .passed ? "\("✓", .good)" : "\("✗", .bad)"
        let requests =
            verdict.samples == 0
            ? "no requests from users"
            : Wording.amount(verdict.samples, "request")
                + (verdict.isOwn == true ? " of its own" : "")
        return "\(mark) \(what) \(verdict.judgement.rawValue): \(verdict.why) (\(requests))"
    }
}
