import ArgumentParser
import Console
import PipelineModel

/// `bluegreen schema`: the language of the pipeline file, for editors.
struct Schema: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of the pipeline file, or its reference.",
        discussion: """
            EXAMPLES
              bluegreen schema > bluegreen.schema.json
              bluegreen schema --reference > pipeline.md
            """)

    @Flag(help: "The reference in Markdown instead.")
    var reference = false

    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let out = session.terminal.output
        if reference {
            out.print(Text(lines: Reference.pipeline(.built)))
        } else {
            out.print(json: JSONSchema.document(.built))
        }
        return .done
    }
}
