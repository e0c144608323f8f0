import Console
import Contracts

/// Shows the journal of one run.
struct ShowView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    private struct Line: Encodable {
        var schemaVersion = 1
        var type = "entry"
        var run: RunID
        var number: Int
        var epoch: Int
        var time: WallTime
        var uptimeSeconds: Double
    }

    func show(_ entries: [JournalEntry], of run: RunID) {
        let out = session.terminal.output
        var words = EventWords()
        for entry in entries {
            let line = words.words(entry.event)
            guard !session.isJSON else {
                out.print(json: json(entry, run))
                continue
            }
            out.print("\(entry.time.dayAndClock, .dim)  \(line)")
            guard session.output.verbose else { continue }
            for line in evidence(entry.event) { out.print("    \(line, .dim)") }
        }
    }

    private func json(_ entry: JournalEntry, _ run: RunID) -> String {
        JSONOut.line(
            Line(
                run: run, number: entry.number, epoch: entry.epoch, time: entry.time,
                uptimeSeconds: entry.uptime.inSeconds), entry.event)
    }

    private func evidence(_ event: RunEvent) -> [String] {
        switch event {
        case .failed(let failure), .contradicted(let failure), .unreadable(let failure),
            .notProved(_, let failure), .unsettled(let failure),
            .stepEnded(_, .failed(let failure, _)):
            failure.evidence
        case .began, .adopted, .adoptIntended, .stopRequested, .claimIntended, .claimed, .stepBegan,
            .stepSpawned,
            .stepEnded, .sealed, .checksPassed, .preflightPassed, .canaryIntended,
            .canaryJudged, .switchIntended, .undoIntended,
            .rollbackIntended, .levelIntended, .written, .confirmed, .proved, .switched, .undone,
            .rolledBack, .tunnelsClosed, .levelled, .surveyed, .bakeBegan, .bakeJudged,
            .wayBackProbed,
            .tested, .retireIntended, .retired, .ended:
            []
        }
    }
}
