import ArgumentParser
import Console
import Contracts
import PipelineModel

/// `bluegreen history`: the runs of a service, newest first.
struct History: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the runs, newest first.",
        usage: "bluegreen history [<options>]",
        discussion: """
            EXAMPLES
              bluegreen history
              bluegreen history --limit 5 -o json
              bluegreen history --before r-000041-7k3q9x
            """)

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("How many runs.", valueName: "count"), transform: History.count)
    var limit = 20

    @Option(help: ArgumentHelp("Only runs before this one, to page on.", valueName: "run"))
    var before: String?

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    private static func count(_ written: String) throws(ValidationError) -> Int {
        guard let count = Int(written), (1...10_000).contains(count) else {
            throw ValidationError("a whole number from 1 to 10000, as in --limit 50")
        }
        return count
    }

    func run(in session: Session) async throws -> ExitStatus {
        let record = try RecordPlace(place, in: session)
        let end = try before.map(record.run)
        // One more than asked for tells whether there are older ones.
        let found = try record.store.runs(before: end, limit: limit + 1)
        let runs = Array(found.prefix(limit))
        // Losing the error is right: the list is what was asked for, and it could be read.
        let stored = try? record.store.load()
        // Here too: nothing is decided by them.
        let syncs = before == nil ? (try? record.store.syncs()) ?? [] : []
        HistoryView(session).show(
            runs, syncs, hasOlder: found.count > limit,
            living: stored?.isOwnerAlive == true ? stored?.record.run?.beginning.run : nil,
            now: session.world.time.wall())
        return .done
    }
}
