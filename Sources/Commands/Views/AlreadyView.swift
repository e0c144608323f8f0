import Console
import Contracts
import PipelineModel

/// Says that there is nothing to do.
struct AlreadyView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    private struct Document: Encodable {
        var schemaVersion = 1
        var type = "outcome"
        var ending = "nothingToDo"
        var live: Color
        var release: Release?
        var exit: Int32 = 0
    }

    func show(_ release: Release?, on live: Color) -> ExitStatus {
        guard !session.isJSON else {
            session.terminal.output.print(
                json: JSONOut.line(Document(live: live, release: release)))
            return .done
        }
        let name = release.map { " " + $0.version } ?? ""
        session.terminal.output.print(
            "Nothing to do: \(live.rawValue, Style(live))\(name) is live already.")
        return .done
    }
}

extension Style {
    init(_ color: Color) {
        self = color == .blue ? .blue : .green
    }
}
