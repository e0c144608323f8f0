import ArgumentParser
import Console
import Contracts
import PipelineModel

/// `bluegreen show`: everything that one run wrote down.
struct Show: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what one run did, step by step.",
        usage: "bluegreen show [<run>] [<options>]",
        discussion: """
            EXAMPLES
              bluegreen show                       the newest run
              bluegreen show r-000041-7k3q9x       or its beginning, r-000041
              bluegreen show -o json               its journal as JSON lines
            """)

    @Argument(
        help: ArgumentHelp("The run, or its beginning; default the newest.", valueName: "run"))
    var id: String?

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let record = try RecordPlace(place, in: session)
        let newest = try record.store.runs(before: nil, limit: 1).first?.beginning.run
        guard let run = try id.map(record.run) ?? newest else {
            return AnswerView(session).say(.nothingToDo, "No run yet.")
        }
        ShowView(session).show(try record.store.entries(of: run) ?? [], of: run)
        return .done
    }
}
