import ArgumentParser
import Console
import Contracts
import PipelineModel

/// `bluegreen explain`: what a failure means, where production then is, and what to do.
struct Explain: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain a failure by the code that it shows.",
        usage: "bluegreen explain [<code>] [<options>]",
        discussion: """
            EXAMPLES
              bluegreen explain router-unreachable
              bluegreen explain > errors.md      all of them, in Markdown
            """)

    @Argument(help: ArgumentHelp("The code; default all of them.", valueName: "code"))
    var code: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    private struct Document: Encodable {
        var schemaVersion = 1
        var type = "explanation"
        var code: String?
        var text: String
    }

    func run(in session: Session) async throws -> ExitStatus {
        let text = try code.map(Self.explanation) ?? ErrorPage.text
        if session.isJSON {
            session.terminal.output.print(json: JSONOut.line(Document(code: code, text: text)))
        } else {
            session.terminal.output.print(Text(lines: text))
        }
        return .done
    }

    private static func explanation(of code: String) throws -> String {
        guard let lines = ErrorPage.lines(about: code) else {
            let known = Failure.Code.allCases.map(\.rawValue)
            let hint = Suggestion.nearest(to: code, among: known)
            throw UsageRefusal(
                message: "There is no failure '\(code)'; "
                    + (hint.map { "did you mean '\($0)'?" }
                        ?? "known: \(known.joined(separator: ", "))."))
        }
        return lines.joined(separator: "\n")
    }
}
