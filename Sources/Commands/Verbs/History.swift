import ArgumentParser
import Console
import Contracts
import PipelineModel

/// `bluegreen history`: the runs of a service, newest first.
struct History: Subcommand {
    static let configuration = CommandConfiguration(
        abstract: "List the runs, newest first.",
        discussion: """
            EXAMPLES
              bluegreen history
              bluegreen history --limit 5 -o json
              bluegreen history --before r-000041-7k3q9x
            """)

    @Option(help: "How many runs.")
    var limit = 20

    @Option(help: "Only runs before this one, to page on.")
    var before: String?

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit takes 1 to 10000.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let record = try RecordPlace(place, world: session.world)
        let runs = try record.store.runs(before: before.map { RunID($0) }, limit: limit)
        HistoryView(session).show(runs, now: session.world.time.wall())
        return .done
    }
}

/// `bluegreen show`: everything that one run wrote down.
struct Show: Subcommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what one run did, step by step.",
        discussion: """
            EXAMPLES
              bluegreen show                       the newest run
              bluegreen show r-000041-7k3q9x
              bluegreen show -o json               its journal as JSON lines
            """)

    @Argument(help: "The run; default the newest.")
    var id: String?

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let record = try RecordPlace(place, world: session.world)
        let newest = try record.store.runs(before: nil, limit: 1).first?.beginning.run
        guard let run = id.map({ RunID($0) }) ?? newest else {
            session.terminal.output.print("No run yet.")
            return .done
        }
        guard let entries = try record.store.entries(of: run) else {
            throw UsageRefusal(message: "There is no run '\(run)'; see 'bluegreen history'.")
        }
        ShowView(session).show(entries)
        return .done
    }
}
