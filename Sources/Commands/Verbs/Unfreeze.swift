import ArgumentParser
import Console
import Contracts

/// `bluegreen unfreeze`: deploys and switches are allowed again.
struct Unfreeze: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "unfreeze",
        abstract: "Allow deploys and switches again.",
        usage: "bluegreen unfreeze [<options>]",
        discussion: """
            EXAMPLES
              bluegreen unfreeze
              bluegreen unfreeze --release 2.8.0    what was frozen by hand or by a rollback

            'bluegreen status' shows what is frozen.
            """)

    @Option(
        help: ArgumentHelp(
            "Only this version; default the freeze of the whole service.", valueName: "version"),
        transform: { try ReleaseReader.version($0, as: "--release 2.8.0") })
    var release: String?

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let record = try RecordPlace(place, in: session)
        let now = session.world.time.wall()
        let known = try record.store.freezes().filter { !$0.isOver(at: now) }
        let (ending, staying) = (
            known.filter { $0.version == release }, known.filter { $0.version != release }
        )
        let what = release.map { "\($0) of \(record.name)" } ?? record.name
        let rest = Set(
            staying.map { "\($0.version ?? "the service") ('\(FreezeRules.command($0))')" })
        let also =
            rest.isEmpty ? "" : " Still frozen: \(rest.sorted().joined(separator: ", "))."
        guard !ending.isEmpty else {
            return AnswerView(session).say(
                .nothingToDo, "Nothing to do: \(what) is not frozen.\(also)")
        }
        try await record.store.changeFreezes(patience: .seconds(2), isLenient: false) { [release] in
            $0.filter { $0.version != release && !$0.isOver(at: now) }
        }
        return AnswerView(session).say(.done, "\(what) is not frozen any more.\(also)")
    }
}
