import ArgumentParser
import Console
import PipelineModel

/// `bluegreen schema`: the language of the pipeline file, for editors.
struct Schema: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of the pipeline file, or the reference of its language.",
        usage: "bluegreen schema [<options>]",
        discussion: """
            EXAMPLES
              bluegreen schema > bluegreen.schema.json
              bluegreen schema --reference > pipeline.md
              bluegreen schema --names > names.md      ${...} and environment variables
            """)

    @Flag(help: "The reference of the keys instead, in Markdown.")
    var reference = false

    @Flag(help: "The names in ${...} and the environment variables instead, in Markdown.")
    var names = false

    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let out = session.terminal.output
        guard !reference || !names else {
            throw UsageRefusal(message: "--reference and --names are two pages: choose.")
        }
        if names {
            out.print(Text(lines: NamesReference.page))
        } else if reference {
            out.print(Text(lines: Reference.pipeline(.built)))
        } else {
            out.print(json: JSONSchema.document(.built))
        }
        return .done
    }
}
