import Console
import Contracts
import PipelineModel
import RunEngine

/// Shows checks that are asked without a run: what goes on, and how each has ended.
final class CheckView: Sendable {
    private let session: Session
    private let color: Color
    private let progress: Progress
    private let steps: StepLines

    init(_ session: Session, _ color: Color) {
        self.session = session
        self.color = color
        progress = Progress(on: session.terminal.error)
        steps = StepLines(progress, on: session.terminal.error, time: session.world.time)
    }

    private struct Line: Encodable {
        var schemaVersion = 1
        var type = "check"
        var color: Color
        var check: String
        var ending: StepEnding
    }

    private var isSilent: Bool { session.isJSON || session.output.quiet }

    /// While `body` asks, shows how long each check is asked and what it answered last.
    func whileMoving<Answer>(_ body: () async -> Answer) async -> Answer {
        await withTaskGroup(of: Void.self) { group in
            if !isSilent { group.addTask { await self.steps.keepMoving() } }
            let answer = await body()
            group.cancelAll()
            await group.waitForAll()
            progress.close()
            return answer
        }
    }

    func show(_ news: RunProgress) {
        guard !isSilent else { return }
        switch news {
        case .event(.stepBegan(let mark)): steps.begin(mark)
        case .asked(let mark, let answer, let inARow):
            let evidence = session.secrets.masker.evidence(answer.evidence)
            steps.note(EventWords.asked(answer.isGood, inARow: inARow, evidence), of: mark)
        case .event, .lost, .line, .retrying, .sampled, .measuring, .waiting: break
        }
    }

    func show(_ mark: StepMark, _ ending: StepEnding) {
        guard !session.isJSON else {
            return session.terminal.output.print(
                json: JSONOut.line(Line(color: color, check: mark.name, ending: ending)))
        }
        let ending = ending.masked(by: session.secrets.masker)
        steps.forget(mark)
        progress.aside { printProse(mark, ending) }
    }

    private func printProse(_ mark: StepMark, _ ending: StepEnding) {
        guard case .failed(let failure, _) = ending else {
            guard !session.output.quiet else { return }
            return session.terminal.output.print(EventWords.ended(mark, ending))
        }
        session.terminal.output.print(EventWords.ended(mark, ending))
        for line in failure.evidence { session.terminal.output.print("    \(line, .dim)") }
    }
}
