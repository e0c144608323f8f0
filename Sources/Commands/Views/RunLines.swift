import Console
import Contracts
import PipelineModel
import RunEngine

/// A run as JSON lines: events spelled as in the journal, and what only a watcher sees.
struct RunLines: Sendable {
    private let session: Session
    private let run: RunID

    init(_ session: Session, _ run: RunID) {
        self.session = session
        self.run = run
    }

    private struct Line: Encodable {
        var schemaVersion = 1
        var type: String
        var run: RunID
        var time: WallTime
        var step: StepMark?
        var text: String?
        var isGood: Bool?
        var attempt: Int?
        var failure: Failure?
        var seconds: Double?
        var sample: Sample?
        var color: Color?
        var underWay: Int?
        var outcome: Outcome?
        var exit: Int32?
    }

    private struct Sample: Encodable {
        var countedSeconds: Double
        var lengthSeconds: Double
        var requests: Int
        var percent: Int?
        var waiting: String?
        var limitSeconds: Double?
        var metrics: [Metric]
    }

    private struct Metric: Encodable {
        var name: String
        var bounds: [String]
        var value: Double?
        var noData: String?

        init(_ metric: BakeSample.Metric) {
            name = metric.name
            bounds = metric.bounds
            switch metric.measurement {
            case .value(let value): self.value = value
            case .noData(let why): noData = why
            }
        }
    }

    func show(_ news: RunProgress) {
        switch news {
        case .event(let event): printLine(line("event"), event)
        case .lost(let event, let failure):
            var line = line("lost")
            line.failure = failure
            printLine(line, event)
        case .line(let mark, let output):
            printLine("output", of: mark) { $0.text = output.text }
        case .asked(let mark, let answer, _):
            printLine("asked", of: mark) {
                $0.text = answer.evidence
                $0.isGood = answer.isGood
            }
        case .retrying(let mark, let failure, let attempt):
            printLine("retrying", of: mark) {
                $0.failure = failure
                $0.attempt = attempt
            }
        case .measuring(let color): printLine("measuring") { $0.color = color }
        case .waiting(let failure, let length):
            printLine("waiting") {
                $0.failure = failure
                $0.seconds = length.inSeconds
            }
        case .sampled(let sample):
            printLine("sample") {
                $0.sample = Sample(
                    countedSeconds: sample.counted.inSeconds,
                    lengthSeconds: sample.length.inSeconds, requests: sample.requests,
                    percent: sample.percent, waiting: sample.waiting,
                    limitSeconds: sample.waiting.map { _ in sample.limit.inSeconds },
                    metrics: sample.metrics.map(Metric.init))
            }
        }
    }

    func showDraining(_ color: Color, _ count: Int) {
        printLine("draining") {
            $0.color = color
            $0.underWay = count
        }
    }

    func finish(_ outcome: Outcome, _ status: ExitStatus) {
        var advised = outcome
        advised.failure?.hint = outcome.failure?.hint.map { session.advice($0) }
        printLine("outcome") {
            $0.outcome = advised
            $0.exit = status.rawValue
        }
    }

    private func line(_ type: String) -> Line {
        Line(type: type, run: run, time: session.world.time.wall())
    }

    private func printLine(
        _ type: String, of mark: StepMark? = nil, _ fill: (inout Line) -> Void
    ) {
        var line = line(type)
        line.step = mark
        fill(&line)
        session.terminal.output.print(json: JSONOut.line(line))
    }

    func text(of event: RunEvent) -> String { JSONOut.line(line("event"), event) }

    private func printLine(_ head: Line, _ event: RunEvent) {
        session.terminal.output.print(json: JSONOut.line(head, event))
    }
}
