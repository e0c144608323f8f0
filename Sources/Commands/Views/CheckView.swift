import Console
import Contracts
import PipelineModel

/// Shows the answers of checks that were asked without a run.
struct CheckView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    private struct Line: Encodable {
        var schemaVersion = 1
        var type = "check"
        var color: Color
        var check: String
        var ending: StepEnding
    }

    func show(_ mark: StepMark, _ ending: StepEnding, on color: Color) {
        guard !session.isJSON else {
            return session.terminal.output.print(
                json: JSONOut.line(Line(color: color, check: mark.name, ending: ending)))
        }
        let ending = ending.masked(by: session.secrets.masker)
        guard case .failed(let failure, _) = ending else {
            guard !session.output.quiet else { return }
            return session.terminal.output.print(EventWords.ended(mark, ending))
        }
        session.terminal.output.print(EventWords.ended(mark, ending))
        for line in failure.evidence { session.terminal.output.print("    \(line, .dim)") }
    }
}
