import Console
import Contracts
import PipelineModel

/// Says what became of each router that was to be level with another one.
struct SyncView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    private struct Document: Encodable {
        struct Row: Encodable {
            enum Ending: String, Encodable {
                case nothingToDo
                case wouldDo
                case done
                case refused
                case unproven
            }

            var router: RouterID
            var ending: Ending
            /// Its proxy did not run: this is what it starts with.
            var isDown: Bool
            var showed: Observation.Sighting?
            var failure: Failure?
        }

        var schemaVersion = 1
        var type = "sync"
        var from: RouterID
        var live: Color
        var token: Token
        var routers: [Row]
        var exit: Int32
    }

    func show(_ report: SyncReport) -> ExitStatus {
        let status = report.status
        guard !session.isJSON else {
            let document = Document(
                from: report.source, live: report.datum.live, token: report.datum.token,
                routers: report.rows.map(documented), exit: status.rawValue)
            session.terminal.output.print(json: JSONOut.document(document))
            return status
        }
        if !report.isRecorded {
            session.terminal.error.print(
                """
                \("warning:", .warning) there is no record here: a switch by another machine at this \
                moment is only noticed, not waited for
                """)
        }
        for row in report.rows { show(row, report) }
        return status
    }

    private func show(_ row: SyncReport.Row, _ report: SyncReport) {
        let (out, err) = (session.terminal.output, session.terminal.error)
        let (id, what) = (row.router, words(report))
        switch row.state {
        case .level:
            out.print(
                "Nothing to do: \(id.name) \(row.isDown ? "will start with" : "shows") \(what).")
        case .behind: out.print("Would give \(id.name) \(what).\(former(row))")
        case .written:
            let now = row.isDown ? "will start with" : "shows now:"
            out.print("\(id.name) \(now) \(what).\(former(row))")
        case .refused(let failure):
            print(failure, "\(id) was not changed; \(report.source) is on \(report.datum.live)")
        case .unproven(let failure):
            print(failure, "\(id) was written, and what it shows is not known")
        }
        guard let why = row.shortcoming else { return }
        err.print("\("warning:", .warning) \(id.name): \(why.message)")
    }

    private func print(_ failure: Failure, _ production: String) {
        for line in FailureView(session).lines(failure, production: production) {
            session.terminal.error.print(line)
        }
    }

    /// `green, token 41.1, as lb-1 has it`
    private func words(_ report: SyncReport) -> Text {
        let live = report.datum.live
        return
            "\(live.rawValue, Style(live)), token \(report.datum.token.description), as \(report.source.name) has it"
    }

    private func former(_ row: SyncReport.Row) -> String {
        guard let showed = row.showed else { return "" }
        let token = showed.token.map { ", token \($0)" } ?? ""
        return " Before: \(StatusWords.sighting(showed.effective))\(token)."
    }

    private func documented(_ row: SyncReport.Row) -> Document.Row {
        var document = Document.Row(
            router: row.router, ending: .done, isDown: row.isDown, showed: row.showed?.effective,
            failure: row.shortcoming)
        switch row.state {
        case .level: document.ending = .nothingToDo
        case .behind: document.ending = .wouldDo
        case .written: break
        case .refused(let failure): (document.ending, document.failure) = (.refused, failure)
        case .unproven(let failure): (document.ending, document.failure) = (.unproven, failure)
        }
        return document
    }
}
