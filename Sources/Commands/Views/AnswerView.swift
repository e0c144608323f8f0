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
        /// `done`, `nothingToDo`, `wouldDo`, `declined`, `never` or `timedOut`
        var ending: Ending
        var message: String
        var live: Color?
        var release: Release?
        var warnings: [String]?
        var exit: Int32
    }

    enum Ending: String, Encodable {
        case done
        case nothingToDo
        case wouldDo
        case declined
        case never
        case timedOut
    }

    func say(
        _ ending: Ending, _ message: String, live: Color? = nil, release: Release? = nil,
        warnings: [String] = [], status known: ExitStatus? = nil
    ) -> ExitStatus {
        let status = known ?? (ending == .declined ? .refused : .done)
        let message = session.advice(message)
        let warnings = warnings.map { session.advice($0) }
        guard session.isJSON else {
            for warning in warnings {
                session.terminal.error.print("\("warning:", .warning) \(warning)")
            }
            session.terminal.output.print(Text(message))
            return status
        }
        session.terminal.output.print(
            json: JSONOut.line(
                Document(
                    ending: ending, message: message, live: live, release: release,
                    warnings: warnings.isEmpty ? nil : warnings, exit: status.rawValue)))
        return status
    }

    /// Traffic is where it should be, although not all that `status` says may be well: what is live and
    /// was not found healthy pages, as when it was found.
    func already(
        _ live: Color, _ situation: Situation, because reason: String? = nil,
        isServed: (Color) -> Bool = { _ in true }
    ) -> ExitStatus {
        let release = situation.record.releases[live]
        let name = release.map { " " + $0.version } ?? ""
        let drift = situation.drift.map {
            (StatusWords.drift($0), situation.mend($0, isServed: isServed))
        }
        return say(
            .nothingToDo,
            "Nothing to do: \(live)\(name) is live already\(reason.map { ": \($0)" } ?? "").",
            live: live,
            release: release,
            warnings: drift.map { "\($0.0) Next: \($0.1)" } + doubts(situation),
            status: situation.isInDoubt ? .unhealthy : nil)
    }

    func nothingToResume(_ situation: Situation) -> ExitStatus {
        guard let verdict = situation.badVerdict else {
            return say(.nothingToDo, "Nothing to resume.")
        }
        return say(
            .nothingToDo, "Nothing to resume.",
            warnings: ["\(StatusWords.bake(verdict)) Next: bluegreen status"], status: .unhealthy)
    }

    func nothingToStop(_ situation: Situation) -> ExitStatus {
        say(
            .nothingToDo, "Nothing to stop: no run is under way.", live: situation.liveColor,
            warnings: doubts(situation), status: situation.isInDoubt ? .unhealthy : nil)
    }

    /// Of what is live: nobody watches it, or it was not found healthy.
    private func doubts(_ situation: Situation) -> [String] {
        if let orphan = StatusWords.orphanedBake(situation, now: session.world.time.wall()) {
            return ["\(orphan) Next: bluegreen resume"]
        }
        return situation.badVerdict.map { ["\(StatusWords.bake($0)) Next: bluegreen status"] }
            ?? []
    }
}

extension Style {
    init(_ color: Color) {
        self = color == .blue ? .blue : .green
    }
}
