import Console
import Contracts
import Synchronization

/// The lines about steps that have begun and not ended: how long they run, what a check last answered.
final class StepLines: Sendable {
    private struct Step {
        let mark: StepMark
        let began: Duration
        /// What a check answered last.
        var answer: Text?
    }

    private let progress: Progress
    private let isRedrawn: Bool
    private let time: Time
    private let steps = Mutex<[Step]>([])

    init(_ progress: Progress, on stream: TerminalStream, time: Time) {
        self.progress = progress
        isRedrawn = stream.allowsRedrawing
        self.time = time
    }

    func begin(_ mark: StepMark) {
        let now = time.now()
        steps.withLock { $0.append(Step(mark: mark, began: now)) }
        progress.update(Self.key(mark), "  \(EventWords.step(mark))", at: now)
    }

    func note(_ answer: Text, of mark: StepMark) {
        steps.withLock { steps in
            guard let index = steps.firstIndex(where: { $0.mark == mark }) else { return }
            steps[index].answer = answer
        }
    }

    /// `words` take the place of the step's line.
    func end(_ mark: StepMark, _ words: Text) {
        steps.withLock { steps in steps.removeAll { $0.mark == mark } }
        progress.finish(Self.key(mark), words)
    }

    /// Somebody else says how the step has ended.
    func forget(_ mark: StepMark) {
        steps.withLock { steps in steps.removeAll { $0.mark == mark } }
        progress.remove(Self.key(mark))
    }

    /// Of the steps that have not ended; `nil`: none.
    var names: String? {
        let names = steps.withLock { $0.map(\.mark.name) }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    /// What was cut off in the middle has no words of its own: `✗ start  stopped after 2.1 s`
    func stop() {
        let now = time.now()
        for step in steps.withLock(\.self) {
            let elapsed = (now - step.began).worded
            end(step.mark, "  \("✗", .bad) \(step.mark.name)  \("stopped after \(elapsed)", .dim)")
        }
    }

    /// Shows that time passes, until its task is cancelled.
    func keepMoving() async {
        while !Task.isCancelled {
            await time.sleep(isRedrawn ? .milliseconds(100) : .seconds(1))
            tick()
            progress.tick(at: time.now())
        }
    }

    func tick() {
        let now = time.now()
        // A step that ends meanwhile must not come back.
        steps.withLock { steps in
            for step in steps {
                progress.update(
                    Self.key(step.mark), "  \(EventWords.step(step.mark))",
                    detail: detail(step, now), at: now)
            }
        }
    }

    /// `20 s  not yet  status 503`; a line that stands for itself says that this goes on.
    private func detail(_ step: Step, _ now: Duration) -> Text {
        let elapsed = (now - step.began).worded
        let clock: Text = isRedrawn ? "\(elapsed, .dim)" : "still running, \(elapsed)"
        return step.answer.map { clock + "  " + $0 } ?? clock
    }

    /// Two steps may have the same name.
    private static func key(_ mark: StepMark) -> String { "\(mark.phase.rawValue) \(mark.index)" }
}
