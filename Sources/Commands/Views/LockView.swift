import Console
import Contracts

/// Shows who owns the service.
struct LockView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    func show(_ report: LockReport, now: WallTime) {
        let out = session.terminal.output
        guard !session.isJSON else { return out.print(json: JSONOut.document(report)) }
        guard !session.output.quiet else {
            return out.print(report.run?.isAlive == true ? "held" : "free")
        }
        if let run = report.run {
            let phase: Text =
                run.isAlive ? "\(run.phase, .bold)" : "\("died while \(run.phase)", .bad)"
            out.print("  \("RUN    ", .bold) \(run.id)  \(run.verb)  \(phase)")
            out.print(
                """
                  \("OWNER  ", .bold) \(RunWords.owner(run.owner))  \
                \(run.isAlive ? "alive" : "its process is gone", run.isAlive ? .good : .bad)
                """)
            if let job = run.owner.job { out.print("  \("JOB    ", .bold) \(job)") }
            out.print(
                """
                  \("SINCE  ", .bold) \(run.began.dayAndClock) \
                (\(now.elapsed(since: run.began).worded))
                """)
        }
        if report.run?.isAlive != true {
            out.print(Text(session.advice(report.sentence).capitalised))
        }
        guard report.isBeingWritten else { return }
        out.print(
            """
            \("!", .warning) A process writes to \(report.record) at this moment. If it stays so, it \
            hangs: 'fuser \(report.record)/lock' names it.
            """)
    }
}

extension String {
    /// With a large first letter.
    fileprivate var capitalised: String { prefix(1).uppercased() + dropFirst() }
}
