import Console
import Contracts
import FoundationEssentials
import PipelineModel
import RunEngine
import Synchronization

/// Shows a run while it happens: prose for people, JSON lines for programs.
final class RunView: Sendable {
    private let session: Session
    private let store: any StateStore
    private let beginning: RunBeginning
    private let progress: Progress
    private let isUnrecorded: Bool
    private let history = Mutex<[String: [Double]]>([:])

    init(
        _ session: Session, store: any StateStore, beginning: RunBeginning, isUnrecorded: Bool
    ) {
        self.session = session
        self.store = store
        self.beginning = beginning
        self.isUnrecorded = isUnrecorded
        progress = Progress(on: session.terminal.error)
    }

    func show(_ news: RunProgress) {
        session.isJSON ? showJSON(news) : showText(news)
    }

    // MARK: - Prose

    private var now: Duration { session.world.time.now() }

    private func showText(_ news: RunProgress) {
        switch news {
        case .event(let event): showText(event)
        case .lost(let event, let failure):
            progress.line(
                "\("NOT RECORDED", .bad) \(EventWords.words(event)) (\(failure.message))")
        case .line(let mark, let line):
            guard session.output.verbose else { return }
            progress.line("    \("\(mark.name) |", .dim) \(line.text)")
        case .asked(let mark, let answer, let inARow):
            let mood: Text = answer.isGood ? "good, \("\(inARow)") in a row" : "not yet"
            progress.update(
                mark.name, "  check: \(mark.name)", detail: "  \(mood)  \(answer.evidence, .dim)",
                at: now)
        case .retrying(let mark, let failure, let attempt):
            progress.line(
                "  \("retry", .warning) \(mark.name), attempt \("\(attempt)"): \(failure.message)")
        case .sampled(let sample): showSample(sample)
        }
    }

    private func showText(_ event: RunEvent) {
        guard !session.output.quiet else { return }
        switch event {
        case .stepBegan(let mark):
            progress.update(mark.name, "  \(mark.phase.rawValue): \(mark.name)", at: now)
        case .stepEnded(let mark, let ending):
            progress.finish(mark.name, "  " + EventWords.words(event))
            if case .failed(let failure, _) = ending { showEvidence(failure) }
        case .proved(let evidence): progress.line("  " + EventWords.proved(evidence))
        case .bakeJudged:
            progress.close()
            progress.line("  " + EventWords.words(event))
        case .began: progress.line(EventWords.words(event))
        case .stepSpawned, .preflightPassed, .confirmed, .claimIntended, .switchIntended, .ended:
            guard session.output.verbose else { return }
            progress.line("  \("·", .dim) \(EventWords.words(event))")
        case .written(let results):
            guard session.output.verbose || !results.values.allSatisfy({ $0 == .applied }) else {
                return
            }
            progress.line("  " + EventWords.words(event))
        case .adopted, .stopRequested, .failed, .claimed, .sealed, .checksPassed, .undoIntended,
            .rollbackIntended, .contradicted, .unreadable, .notProved, .switched, .undone,
            .rolledBack, .unsettled, .bakeBegan, .wayBackProbed, .retireIntended, .retired:
            progress.line("  " + EventWords.words(event))
        }
    }

    private func showEvidence(_ failure: Failure) {
        for line in failure.evidence { progress.line("      \(line, .dim)") }
    }

    private func showSample(_ sample: BakeSample) {
        guard !session.output.quiet else { return }
        let clock = "\(sample.counted.worded) of \(sample.length.worded)"
        for metric in sample.metrics {
            let bounds = metric.bounds.joined(separator: ", ")
            progress.update(
                metric.name, "  bake: \(metric.name) \(bounds, .dim)",
                detail: "  \(value(metric)) \(drawn(metric)) \(clock, .dim)", at: now)
        }
    }

    private func value(_ metric: BakeSample.Metric) -> Text {
        let bound = metric.bounds.first.flatMap { Threshold(written: $0) }
        switch metric.reading {
        case .good(let value): return "\(MetricWords.value(value, for: bound), .good)"
        case .bad(let value): return "\(MetricWords.value(value, for: bound), .bad)"
        case .missing(let why): return "\("no data", .warning) (\(why))"
        }
    }

    private func drawn(_ metric: BakeSample.Metric) -> String {
        history.withLock { history in
            if case .value(let value) = metric.measurement {
                history[metric.name, default: []].append(value)
            }
            return Sparkline.drawn(history[metric.name] ?? [])
        }
    }

    // MARK: - JSON

    private struct Line: Encodable {
        var schemaVersion = 1
        var type: String
        var run: RunID
        var time: WallTime
        var event: RunEvent?
        var failure: Failure?
        var text: String?
        var outcome: Outcome?
        var exit: Int32?
    }

    private func showJSON(_ news: RunProgress) {
        var line = Line(
            type: "event", run: beginning.run, time: session.world.time.wall())
        switch news {
        case .event(let event): line.event = event
        case .lost(let event, let failure):
            (line.type, line.event, line.failure) = ("lost", event, failure)
        case .line(let mark, let output):
            (line.type, line.text) = ("output", "\(mark.name): \(output.text)")
        case .asked(let mark, let answer, _):
            (line.type, line.text) = ("asked", "\(mark.name): \(answer.evidence)")
        case .retrying(_, let failure, _): (line.type, line.failure) = ("retrying", failure)
        case .sampled(let sample): return showJSON(sample)
        }
        session.terminal.output.print(json: JSONOut.line(line))
    }

    private struct SampleLine: Encodable {
        var schemaVersion = 1
        var type = "sample"
        var run: RunID
        var time: WallTime
        var counted: Duration
        var requests: Int
        var metrics: [String: Measurement]
    }

    private func showJSON(_ sample: BakeSample) {
        session.terminal.output.print(
            json: JSONOut.line(
                SampleLine(
                    run: beginning.run, time: session.world.time.wall(), counted: sample.counted,
                    requests: sample.requests,
                    metrics: Dictionary(
                        sample.metrics.map { ($0.name, $0.measurement) }, uniquingKeysWith: { $1 }))
            ))
    }

    // MARK: - The end

    func finish(_ outcome: Outcome, _ status: ExitStatus) {
        progress.close()
        guard !session.isJSON else {
            var line = Line(
                type: "outcome", run: beginning.run, time: session.world.time.wall())
            line.outcome = outcome
            line.exit = status.rawValue
            return session.terminal.output.print(json: JSONOut.line(line))
        }
        if outcome.isUnrecorded {
            session.terminal.error.print(
                "\("warning:", .warning) done, but NOT RECORDED: see 'bluegreen status'.")
        }
        let words = RunWords.ending(outcome, of: beginning.plan)
        let production = RunWords.production(of: outcome)
        if let failure = outcome.failure { showFailure(failure, production) }
        session.terminal.output.print(
            "\(words, Style(outcome.ending)). Production is \(production).")
    }

    private func showFailure(_ failure: Failure, _ production: String) {
        let log = isUnrecorded ? nil : "bluegreen show \(beginning.run)"
        for line in FailureView(session).lines(failure, production: production, log: log) {
            session.terminal.error.print(line)
        }
    }
}
