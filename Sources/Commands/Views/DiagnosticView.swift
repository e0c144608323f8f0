import Console
import Contracts
import PipelineModel

/// Shows the mistakes of a pipeline file where they are.
struct DiagnosticView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    private struct Row: Encodable {
        var severity: String
        var file: String
        var line: Int
        var column: Int
        var message: String
        var hint: String?

        init(_ diagnostic: Diagnostic) {
            severity = diagnostic.severity.rawValue
            file = diagnostic.position.file
            line = diagnostic.position.line
            column = diagnostic.position.column
            message = diagnostic.message
            hint = diagnostic.hint
        }
    }

    private struct Document: Encodable {
        var schemaVersion = 1
        var type = "validation"
        var valid: Bool
        var service: String?
        var diagnostics: [Row]
    }

    func show(_ invalid: InvalidPipeline) {
        let rows = invalid.diagnostics
        guard !session.isJSON else {
            return session.terminal.output.print(
                json: JSONOut.document(
                    Document(valid: false, service: nil, diagnostics: rows.map(Row.init))))
        }
        draw(rows)
        let errors = rows.count { $0.severity == .error }
        session.terminal.error.print(
            """
            \("\(Wording.amount(errors, "mistake")).", .bold) \
            Nothing was changed; production was not touched.
            """)
    }

    func showValid(_ pipeline: Pipeline, _ warnings: [Diagnostic]) {
        guard !session.isJSON else {
            return session.terminal.output.print(
                json: JSONOut.document(
                    Document(
                        valid: true, service: pipeline.service,
                        diagnostics: warnings.map(Row.init))))
        }
        draw(warnings)
        guard !session.output.quiet else { return }
        session.terminal.output.print(
            """
            \("valid:", .good) \(pipeline.service), \(count(pipeline.deploy, "deploy step")), \
            \(count(pipeline.checks, "check")), \(pipeline.bake == nil ? "no bake" : "a bake")
            """)
    }

    private func count(_ items: [some Any], _ noun: String) -> String {
        Wording.amount(items.count, noun)
    }

    private func draw(_ diagnostics: [Diagnostic]) {
        var sources: [String: [Substring]] = [:]
        for diagnostic in diagnostics {
            let file = diagnostic.position.file
            let source = sources[file] ?? lines(of: file)
            sources[file] = source
            let snippet = SourceSnippet(
                diagnostic.severity.rawValue, file: file, line: diagnostic.position.line,
                column: diagnostic.position.column, message: diagnostic.message,
                hint: diagnostic.hint)
            session.terminal.error.print(snippet.text(source: source))
        }
    }

    /// What stands for a file, such as `--router-settings`, has no text to show.
    private func lines(of file: String) -> [Substring] {
        guard let bytes = try? session.world.files.read(file, 1 << 20) else { return [] }
        return SourceSnippet.lines(of: String(decoding: bytes, as: UTF8.self))
    }
}
