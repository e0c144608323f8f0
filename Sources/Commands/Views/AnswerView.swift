import Console
import Contracts
import PipelineModel

/// Says in one sentence what a verb found where it does not run anything.
struct AnswerView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    private struct Document: Encodable {
        var schemaVersion = 1
        var type = "outcome"
        /// `nothingToDo`, `wouldDo` or `declined`
        var ending: Ending
        var message: String
        var live: Color?
        var release: Release?
        var exit: Int32
    }

    enum Ending: String, Encodable {
        case nothingToDo
        case wouldDo
        case declined
    }

    func say(
        _ ending: Ending, _ message: String, live: Color? = nil, release: Release? = nil
    ) -> ExitStatus {
        let status: ExitStatus = ending == .declined ? .refused : .done
        guard session.isJSON else {
            session.terminal.output.print(Text(message))
            return status
        }
        session.terminal.output.print(
            json: JSONOut.line(
                Document(
                    ending: ending, message: message, live: live, release: release,
                    exit: status.rawValue)))
        return status
    }

    /// Traffic is where it should be.
    func already(_ release: Release?, on live: Color) -> ExitStatus {
        let name = release.map { " " + $0.version } ?? ""
        return say(
            .nothingToDo, "Nothing to do: \(live)\(name) is live already.", live: live,
            release: release)
    }
}

extension Style {
    init(_ color: Color) {
        self = color == .blue ? .blue : .green
    }
}
