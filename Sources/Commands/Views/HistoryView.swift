import Console
import Contracts
import PipelineModel

/// Lists runs.
struct HistoryView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    private struct Document: Encodable {
        var schemaVersion = 1
        var type = "history"
        var runs: [RunRecord]
        /// There are older ones.
        var hasOlder: Bool
        var syncs: [SyncRecord]?
    }

    /// `living` is the run that somebody works on.
    func show(
        _ runs: [RunRecord], _ syncs: [SyncRecord], hasOlder: Bool, living: RunID?, now: WallTime
    ) {
        guard !session.isJSON else {
            let document = Document(
                runs: runs, hasOlder: hasOlder, syncs: syncs.isEmpty ? nil : syncs)
            return session.terminal.output.print(json: JSONOut.document(document))
        }
        guard !session.output.quiet else {
            for run in runs { session.terminal.output.print(Text(run.beginning.run.text)) }
            return
        }
        var table = Table(
            ["run", "began", "took", "verb", "release", "to", "by", "ended"],
            sparing: ["by", "took", "release", "began"], whenEmpty: "no runs yet")
        for run in runs { table.add(cells(run, isLiving: run.beginning.run == living, now)) }
        session.terminal.output.print(table)
        if hasOlder, let oldest = runs.last?.beginning.run {
            session.terminal.output.print(
                "\(session.advice("older runs: 'bluegreen history --before \(oldest)'"), .dim)")
        }
        for sync in syncs { session.terminal.output.print(Text(Self.words(sync))) }
    }

    private static func words(_ sync: SyncRecord) -> String {
        let end = sync.isDone ? "" : ", which was not finished"
        return
            "synced \(sync.router): \(sync.live), token \(sync.token), from \(sync.from) by \(sync.by),"
            + " \(sync.at.dayAndClock)\(end)"
    }

    private func cells(_ run: RunRecord, isLiving: Bool, _ now: WallTime) -> [Text] {
        let plan = run.beginning.plan
        let ended = run.ended ?? (isLiving ? now : nil)
        // `retire` stays where it is, and acts on the other one.
        let color = plan.entry == .retiring ? plan.to.other : plan.to
        let took = ended.map { $0.elapsed(since: run.began).worded } ?? "?"
        return [
            Text(run.beginning.run.text), Text(run.began.dayAndClock), Text(took),
            Text(plan.verb.rawValue), Text(plan.release?.version ?? "-"),
            Text(color.rawValue, Style(color)), Text(run.beginning.owner.user),
            ending(run, isLiving: isLiving),
        ]
    }

    private func ending(_ run: RunRecord, isLiving: Bool) -> Text {
        guard let outcome = run.outcome else {
            // It died, or a later run ended it.
            let end = isLiving ? "under way:" : "cut short while"
            return Text("\(end) \(RunWords.phase(run.phase))", .warning)
        }
        return Text(
            RunWords.ending(outcome, of: run.beginning.plan), Style(outcome.ending))
    }
}

extension Style {
    init(_ ending: Outcome.Ending) {
        switch ending {
        case .succeeded, .stoppedAsAsked: self = .good
        case .failedBeforeSwitch, .undone, .rolledBackAutomatically, .interrupted: self = .warning
        case .keptUnhealthy, .inconclusive, .rollbackImpossible, .unsettled: self = .bad
        }
    }
}
