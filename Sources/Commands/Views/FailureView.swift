import Console
import Contracts

/// Says the four things of a failure: what happened, where production is, what to do, where to read on.
struct FailureView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    private struct Document: Encodable {
        var schemaVersion = 1
        var type = "failure"
        var failure: Failure
        var production: String
        var exit: Int32
    }

    /// A failure that came before anything was changed.
    func show(_ failure: Failure, _ status: ExitStatus) {
        let production = "not touched by this command"
        if session.isJSON {
            session.terminal.output.print(
                json: JSONOut.line(
                    Document(
                        failure: failure.advised(session.advice), production: production,
                        exit: status.rawValue)))
            return
        }
        for line in lines(failure, production: production) { session.terminal.error.print(line) }
    }

    func lines(_ failure: Failure, production: String, log: String? = nil) -> [Text] {
        let failure = failure.advised(session.advice)
        var lines: [Text] = ["\("error:", .bad) \(failure.message)"]
        lines += failure.evidence.map { "  \(session.secrets.masker.evidence($0), .dim)" }
        lines.append("  \("production:", .bold) \(session.advice(production))")
        if let hint = failure.hint { lines.append("  \("next:", .bold) \(hint)") }
        if let log { lines.append("  \("log:", .bold) \(session.advice(log))") }
        lines.append("  \("help: bluegreen explain " + failure.code.rawValue, .dim)")
        return lines
    }
}

extension Failure {
    /// The same, with hints that can be typed as they stand.
    func advised(_ advice: Advice) -> Failure {
        var advised = self
        advised.hint = hint.map { advice($0) }
        return advised
    }
}
