import Console
import Contracts
import PipelineModel
import RunEngine
import Synchronization

/// Shows a run while it happens: prose for people, JSON lines for programs.
final class RunView: Sendable {
    private struct Memory {
        var words = EventWords()
        var figures: [String: [Double]] = [:]
        /// What was said of a watch that goes on: while its time was not over, and once it was.
        var waits: Set<String> = []
        /// What a run that could not be verified saw last.
        var surveys: [RouterID: RouterSurvey]?
        /// The step that failed last.
        var failed: StepMark?
        /// Traffic is being moved: whoever asks to stop has to wait for the end of that.
        var isMoving = false
    }

    private let session: Session
    private let beginning: RunBeginning
    /// `nil` where nothing of this run is kept.
    private let output: StepOutput?
    private let progress: Progress
    private let steps: StepLines
    private let lines: RunLines
    private let memory = Mutex(Memory())

    init(_ session: Session, _ beginning: RunBeginning, output: StepOutput?) {
        self.session = session
        self.beginning = beginning
        self.output = output
        progress = Progress(on: session.terminal.error)
        steps = StepLines(progress, on: session.terminal.error, time: session.world.time)
        lines = RunLines(session, beginning.run)
    }

    func show(_ news: RunProgress) {
        if case .line(let mark, let line) = news { output?.note(line, of: mark) }
        if case .event(.stepEnded(let mark, .failed)) = news {
            memory.withLock { $0.failed = mark }
        }
        session.isJSON ? lines.show(news) : showText(news)
    }

    /// Shows that time passes, until its task is cancelled.
    func keepMoving() async {
        guard !session.isJSON, !isQuiet else { return }
        await steps.keepMoving()
    }

    // MARK: - While it happens

    private static let waiting = "waiting"
    private static let moving = "moving"

    private var now: Duration { session.world.time.now() }
    private var isQuiet: Bool { session.output.quiet }

    private func words(_ event: RunEvent) -> Text { memory.withLock { $0.words.words(event) } }

    private func showText(_ news: RunProgress) {
        switch news {
        case .event(let event):
            showText(event.masked(by: session.secrets.masker))
            if output == nil { showForTheLog(event) }
        case .lost(let event, let failure):
            let line: Text = "\("NOT RECORDED", .bad) \(words(event)) (\(failure.message))"
            guard case .stepEnded(let mark, _) = event else {
                progress.line(line)
                return showForTheLog(event)
            }
            steps.end(mark, line)
        case .line(let mark, let line):
            guard session.output.verbose, !isQuiet else { return }
            progress.line("    \("\(mark.name) |", .dim) \(line.text)")
        case .asked(let mark, let answer, let inARow):
            guard !isQuiet else { return }
            let evidence = session.secrets.masker.evidence(answer.evidence)
            steps.note(
                EventWords.asked(answer.isGood, inARow: inARow, evidence), of: mark)
        case .measuring(let color):
            if !isQuiet { progress.line("  measuring the baseline on \(color.rawValue)") }
        case .waiting(let failure, let length):
            guard !isQuiet else { return }
            progress.update(
                Self.waiting, "  waiting", detail: EventWords.waiting(failure, for: length),
                at: now)
        case .retrying(let mark, let failure, let attempt):
            guard !isQuiet else { return }
            progress.line(
                "  \("retry", .warning) \(mark.name), attempt \("\(attempt)"): \(failure.message)")
        case .sampled(let sample): if !isQuiet { showSample(sample) }
        }
    }

    /// What stands in no record: the log of a job is then the only place that keeps it.
    private func showForTheLog(_ event: RunEvent) {
        switch event {
        case .rollbackIntended, .undoIntended, .rolledBack, .undone, .ended:
            let kept = event.masked(by: session.secrets.masker)
            progress.line("  \(lines.text(of: kept), .dim)")
        case .began, .adoptIntended, .adopted, .stopRequested, .failed, .claimIntended, .claimed,
            .stepBegan, .stepSpawned, .stepEnded, .sealed, .checksPassed, .preflightPassed,
            .canaryIntended, .canaryJudged, .switchIntended, .switched, .levelIntended, .levelled,
            .written, .confirmed, .contradicted, .unreadable, .proved, .notProved, .surveyed,
            .tunnelsClosed, .unsettled, .bakeBegan, .bakeJudged, .wayBackProbed, .tested,
            .retireIntended, .retired:
            break
        }
    }

    private func showText(_ event: RunEvent) {
        let words = words(event)
        // Whatever was waited for: it is over.
        progress.remove(Self.waiting)
        showMove(event)
        guard !isQuiet else { return }
        switch event {
        case .stepBegan(let mark): steps.begin(mark)
        case .stepEnded(let mark, _): steps.end(mark, "  " + words)
        case .stopRequested:
            steps.stop()
            progress.line("  " + words)
        case .bakeJudged, .canaryJudged:
            progress.close()
            progress.line("  " + words)
        case .began: progress.line(words)
        case .claimIntended(let intent), .switchIntended(let intent):
            guard session.output.verbose || intent.leftOut != nil else { return }
            progress.line("  \("·", .dim) \(words)")
        case .stepSpawned, .preflightPassed, .confirmed, .ended:
            guard session.output.verbose else { return }
            progress.line("  \("·", .dim) \(words)")
        case .surveyed(let surveys):
            memory.withLock { $0.surveys = surveys }
            progress.close()
            session.terminal.error.print(table(surveys))
        case .written(let results):
            guard session.output.verbose || !results.values.allSatisfy({ $0 == .applied }) else {
                return
            }
            progress.line("  " + words)
        case .adopted, .adoptIntended, .failed, .claimed, .sealed, .canaryIntended, .checksPassed,
            .undoIntended,
            .rollbackIntended, .levelIntended, .contradicted, .unreadable, .proved, .notProved,
            .switched, .undone, .rolledBack, .tunnelsClosed, .levelled, .unsettled, .bakeBegan,
            .wayBackProbed,
            .tested, .retireIntended, .retired:
            progress.line("  " + words)
        }
    }

    /// On a terminal a proof that takes long is seen; in a pipe its end says all.
    private func showMove(_ event: RunEvent) {
        let headline: Text
        switch event {
        case .switchIntended(let intent): headline = "  switching to \(intent.datum.live.rawValue)"
        case .undoIntended(let intent), .rollbackIntended(let intent):
            headline = "  bringing traffic back to \(intent.datum.live.rawValue)"
        case .switched, .undone, .rolledBack, .unsettled, .ended:
            memory.withLock { $0.isMoving = false }
            return progress.remove(Self.moving)
        default: return
        }
        memory.withLock { $0.isMoving = true }
        guard session.terminal.error.allowsRedrawing, !isQuiet else { return }
        let proof: Text = beginning.plan.isProvenByProbes ? "proving it from outside" : ""
        progress.update(Self.moving, headline, detail: proof, at: now)
    }

    /// Somebody asked to stop. In the middle of a move nothing else says that it was heard.
    func showStopping(_ interruption: Interruption) {
        guard !session.isJSON, !isQuiet, memory.withLock(\.isMoving) else { return }
        progress.line(
            "  told to stop: \(RunWords.cause(interruption)); the move is finished or taken back first"
                + Self.atOnce(after: interruption))
    }

    /// What still runs a while after somebody asked to stop.
    func showEnding(_ interruption: Interruption) {
        guard !session.isJSON, !isQuiet, let names = steps.names else { return }
        progress.line(
            "  told to stop: \(RunWords.cause(interruption)); waiting for \(names) to end"
                + Self.atOnce(after: interruption))
    }

    /// The next signal is the second one only where the first wish was one.
    private static func atOnce(after interruption: Interruption) -> Text {
        guard case .signal = interruption else { return "" }
        return "; a second time ends at once, unfinished"
    }

    /// A row per router: a person has to decide with this.
    private func table(_ surveys: [RouterID: RouterSurvey]) -> Table {
        var table = Table(
            ["router", "class", "router now", "after reload", "token", "what happened"],
            whenEmpty: "no router")
        for (id, survey) in surveys.sorted(by: { $0.key < $1.key }) {
            let words = SurveyWords(survey)
            table.add([
                Text(id.name), Text(survey.fencing.rawValue), Text(words.now),
                Text(words.afterReload), Text(words.token), Text(survey.happened),
            ])
        }
        return table
    }

    private func showSample(_ sample: BakeSample) {
        let clock = "\(sample.counted.worded) of \(sample.length.worded)"
        let watch = sample.percent.map { "canary \($0)%" } ?? "bake"
        let isOver = sample.counted >= sample.length
        if let waiting = sample.waiting,
            memory.withLock({ $0.waits.insert("\(watch) \(isOver)").inserted })
        {
            progress.line("  \(watch) \(waiting), \(sample.limit.worded) in all at most")
        }
        for metric in sample.metrics {
            let bounds = metric.bounds.joined(separator: ", ")
            progress.update(
                metric.name, "  \(watch): \(metric.name) \(bounds, .dim)",
                detail: """
                      \(value(metric)) \(drawn(metric, in: watch)) \(clock, .dim)\
                    \(metric.isUnvisited ? " (no users counted)" : "", .dim)
                    """, at: now)
        }
    }

    private func value(_ metric: BakeSample.Metric) -> Text {
        switch metric.reading {
        case .good: "\(metric.words, .good)"
        case .bad: "\(metric.words, .bad)"
        case .missing(let why): "\("no data", .warning) (\(why))"
        }
    }

    /// What was measured in this watch: a share of the traffic is another one.
    private func drawn(_ metric: BakeSample.Metric, in watch: String) -> String {
        memory.withLock { memory in
            let name = "\(watch) \(metric.name)"
            if case .value(let value) = metric.measurement {
                memory.figures[name, default: []].append(value)
            }
            return Sparkline.drawn(memory.figures[name] ?? [])
        }
    }

    // MARK: - Draining

    /// Requests that are still under way on the colour that traffic left.
    func showDraining(_ color: Color, _ count: Int) {
        guard !session.isJSON else { return lines.showDraining(color, count) }
        guard !isQuiet else { return }
        let name: Text = "  draining \(color.rawValue, Style(color))"
        if count > 0 {
            progress.update("draining", name, detail: "\("\(count)") under way", at: now)
        } else {
            progress.finish("draining", "  \("✓", .good) \(color.rawValue) has drained")
        }
    }

    func showNotDrained(_ color: Color, _ count: Int, after limit: Duration) {
        guard !session.isJSON else { return }
        progress.close()
        session.terminal.error.print(
            """
            \("warning:", .warning) \(color.rawValue) still has \("\(count)") under way after \
            \(limit.worded).
            """)
    }

    // MARK: - The end

    /// `successor`: who has overtaken this run.
    func finish(_ outcome: Outcome, _ status: ExitStatus, successor: RunBeginning? = nil) {
        progress.close()
        output?.close()
        guard !session.isJSON else { return lines.finish(outcome, status) }
        if outcome.isUnrecorded {
            session.terminal.error.print(
                """
                \("warning:", .warning) NOT RECORDED in full: \
                \(session.advice("see 'bluegreen status'."))
                """)
        }
        let next = RunWords.next(after: outcome, of: beginning)
        let surveys = memory.withLock(\.surveys)
        let unproven =
            outcome.ending == .unsettled ? memory.withLock { $0.words.unproven } : nil
        let production = session.advice(
            surveys.map(SurveyWords.production)
                ?? unproven.map {
                    "on \($0) by the router's word; the public address did not show it"
                }
                ?? RunWords.production(
                    of: outcome, by: beginning.plan.verb, successor: successor))
        if var failure = outcome.failure {
            failure.hint = surveys == nil ? failure.hint ?? next : "'bluegreen resume' finishes it"
            showFailure(failure, production)
        } else if let next {
            session.terminal.error.print("  \("next:", .bold) \(session.advice(next))")
        }
        let words =
            unproven.map { "\($0) is NOT PROVEN from outside" }
            ?? successor.map { "stopped \(RunWords.by($0))" }
            ?? session.advice(RunWords.ending(outcome, of: beginning.plan))
        session.terminal.output.print(
            """
            \(surveys == nil ? words : "the fleet is UNSETTLED", Style(outcome.ending)). \
            Production is \(production).
            """)
    }

    private func showFailure(_ failure: Failure, _ production: String) {
        for line in FailureView(session).lines(failure, production: production, log: log) {
            session.terminal.error.print(line)
        }
    }

    /// What the failed step printed, else everything that is written down.
    private var log: String? {
        guard let output else { return nil }
        return memory.withLock(\.failed).flatMap(output.path) ?? "bluegreen show \(beginning.run)"
    }
}
