import ArgumentParser
import Console
import Contracts
import PipelineModel

/// `bluegreen validate`: every mistake of the pipeline at once, touching nothing.
struct Validate: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check the pipeline file and show every mistake at once.",
        usage: "bluegreen validate [<options>]",
        discussion: """
            EXAMPLES
              bluegreen validate
              bluegreen validate -f bluegreen.yaml -f production.yaml
              bluegreen validate --stage production

            Exit 78 with a mistake. Asks nobody: 'plan' and 'doctor' do.
            """,
        aliases: ["lint"])

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let workplace = try Workplace.open(place, in: session, needsStage: false)
        warnIfUnwatched(workplace)
        DiagnosticView(session).showValid(workplace.pipeline, workplace.report.diagnostics)
        return .done
    }

    /// A CI job that is killed in its bake leaves nobody who would bring traffic back.
    private func warnIfUnwatched(_ workplace: Workplace) {
        let pipeline = workplace.pipeline
        guard workplace.world.host.environment("CI") == "true", pipeline.rollsBackAutomatically,
            let position = pipeline.bake?.position
        else { return }
        workplace.report.warning(
            at: position, "only the CI job watches this bake; if it is killed, nobody goes back",
            hint: "run 'bluegreen watch' by a timer on a machine that stays: docs/guides/watch.md")
    }
}
