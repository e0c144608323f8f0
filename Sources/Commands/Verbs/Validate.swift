import ArgumentParser
import Console
import Contracts
import PipelineModel

/// `bluegreen validate`: every mistake of the pipeline at once, touching nothing.
struct Validate: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check the pipeline file and show every mistake at once.",
        discussion: """
            EXAMPLES
              bluegreen validate
              bluegreen validate -f bluegreen.yaml -f production.yaml
            """,
        aliases: ["lint"])

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let workplace = try Workplace.open(place, in: session)
        DiagnosticView(session).showValid(workplace.pipeline, workplace.report.diagnostics)
        return .done
    }
}
