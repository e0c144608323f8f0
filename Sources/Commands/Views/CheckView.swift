import Console
import Contracts

/// Shows the answers of checks that were asked without a run.
struct CheckView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    private struct Line: Encodable {
        var schemaVersion = 1
        var check: String
        var ending: StepEnding
    }

    func show(_ mark: StepMark, _ ending: StepEnding) {
        guard !session.isJSON else {
            return session.terminal.output.print(
                json: JSONOut.line(Line(check: mark.name, ending: ending)))
        }
        session.terminal.output.print(EventWords.words(.stepEnded(mark, ending)))
        guard case .failed(let failure, _) = ending else { return }
        for line in failure.evidence { session.terminal.output.print("    \(line, .dim)") }
    }
}
