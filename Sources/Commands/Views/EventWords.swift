import Console
import Contracts
import PipelineModel

/// One line for every kind of event, for the run as it happens and for its journal.
enum EventWords {
    static func words(_ event: RunEvent) -> Text {
        switch event {
        case .began(let beginning): began(beginning)
        case .adopted(let adoption): "accepted \(adoption.live.rawValue) as live: \(adoption.why)"
        case .stopRequested(let interruption): "told to stop: \(interruptionWords(interruption))"
        case .failed(let failure): "\("✗", .bad) \(failure.message)"
        case .claimIntended(let intent): "claiming \(intent.datum.live.other.rawValue)"
        case .claimed: "idle is claimed: no way back to it until this run ends"
        case .stepBegan(let mark): "\(mark.phase.rawValue): \(mark.name)"
        case .stepSpawned(let mark, let child): "\(mark.name): pid \("\(child.pid)")"
        case .stepEnded(let mark, let ending): stepEnded(mark, ending)
        case .sealed(let release): "sealed \(release.version)"
        case .checksPassed: "\("✓", .good) ready to switch"
        case .preflightPassed: "routers and both colours are as expected"
        case .switchIntended(let intent): "switching to \(intent.datum.live.rawValue)"
        case .undoIntended(let intent): "undoing: back to \(intent.datum.live.rawValue)"
        case .rollbackIntended(let intent): "rolling back to \(intent.datum.live.rawValue)"
        case .written(let results): written(results)
        case .confirmed: "every router shows it"
        case .contradicted(let failure), .unreadable(let failure): "\("✗", .bad) \(failure.message)"
        case .proved(let evidence): proved(evidence)
        case .notProved(let evidence, let failure):
            "\("✗", .bad) \(failure.message) \(proved(evidence))"
        case .switched(let live, _): "\("✓", .good) \(live.rawValue) is live"
        case .undone: "\("✓", .good) undone"
        case .rolledBack(let live): "\("✓", .good) traffic is back on \(live.rawValue)"
        case .unsettled(let failure): "\("UNSETTLED", .bad) \(failure.message)"
        case .bakeBegan(let length): "watching for \(length.worded)"
        case .bakeJudged(let verdict): judged(verdict)
        case .wayBackProbed(let wayBack):
            "going back would \(wayBack.isBetter ? "help" : "not help"): \(wayBack.evidence)"
        case .retireIntended(let intent):
            "giving up \(intent.datum.live.other.rawValue) as a way back"
        case .retired(let color): "\("✓", .good) \(color.rawValue) is retired"
        case .ended(let outcome): "ended; production is \(RunWords.production(outcome.production))"
        }
    }

    private static func began(_ beginning: RunBeginning) -> Text {
        let plan = beginning.plan
        let release = plan.release.map { " " + $0.version } ?? ""
        return """
            \(plan.verb.rawValue, .bold) \(beginning.service)\(release) to \
            \(plan.to.rawValue, Style(plan.to)) (\(beginning.run.text), live: \(plan.from.rawValue))
            """
    }

    private static func stepEnded(_ mark: StepMark, _ ending: StepEnding) -> Text {
        switch ending {
        case .succeeded(let evidence, let elapsed):
            "\("✓", .good) \(mark.name)  \("\(evidence), \(elapsed.worded)", .dim)"
        case .failed(let failure, let elapsed):
            "\("✗", .bad) \(mark.name)  \(failure.message) \("after \(elapsed.worded)", .dim)"
        case .skipped(let reason): "\("-", .warning) \(mark.name) skipped: \(reason)"
        }
    }

    private static func written(_ results: [RouterID: WriteResult]) -> Text {
        let notes = results.sorted { $0.key < $1.key }.compactMap { id, result -> Text? in
            switch result {
            case .applied: nil
            case .appliedNotDurable(let failure):
                "\("warning:", .warning) \(id.name) is switched, but a restart would return to the old value: \(failure.message)"
            case .refusedStale(let token):
                "\(id.name) refused: it holds the newer token \("\(token)")"
            case .notApplied(let failure): "\(id.name) refused: \(failure.message)"
            case .unknown(let failure): "\(id.name) did not say: \(failure.message)"
            }
        }
        return notes.isEmpty ? "written" : notes.joined()
    }

    /// `switched in 31 ms (first new 12 ms, last old 29 ms, 418 probes, 0 errors; real requests: …)`
    static func proved(_ evidence: ProofEvidence) -> Text {
        guard evidence.probes > 0 else { return "confirmed by the router only" }
        var parts: [String] = []
        if let first = evidence.firstNew { parts.append("first new \(first.worded)") }
        if let last = evidence.lastOld { parts.append("last old \(last.worded)") }
        parts.append("\(evidence.probes) probes")
        parts.append("\(evidence.errors) errors")
        var text = "switched in \(evidence.elapsed.worded) (" + parts.joined(separator: ", ")
        if let real = evidence.realRequests, !real.isEmpty {
            let counts = real.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { "\($0.key) \($0.value)" }
            text += "; real requests: " + counts.joined(separator: ", ")
        }
        return Text(text + ")")
    }

    private static func judged(_ verdict: BakeVerdict) -> Text {
        let mark: Text =
            verdict.judgement == .passed ? "\("✓", .good)" : "\("✗", .bad)"
        return """
            \(mark) bake \(verdict.judgement.rawValue): \(verdict.why) \
            (\("\(verdict.samples)") requests)
            """
    }

    static func interruptionWords(_ interruption: Interruption) -> String {
        switch interruption {
        case .signal(let number): "signal \(number)"
        case .aborted: "aborted"
        case .superseded(let epoch): "run \(epoch) owns the service now"
        case .timedOut: "--timeout passed"
        case .unrecorded(let failure): failure.message
        }
    }
}
