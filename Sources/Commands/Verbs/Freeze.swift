import ArgumentParser
import Console
import Contracts

/// `bluegreen freeze`: nothing goes forward for a while.
struct Freeze: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze",
        abstract: "Refuse deploys and switches for a while.",
        usage: "bluegreen freeze --reason <text> [<options>]",
        discussion: """
            EXAMPLES
              bluegreen freeze --for 12h --reason "Black Friday"
              bluegreen freeze --release 2.8.0 --reason "loses carts"    only that version
              bluegreen unfreeze

            'deploy' and 'switch' are refused (32) while it lasts, and so is a 'resume' that would \
            ship a release of which no traffic has moved. What brings production to safety is \
            never frozen: rollback, retire, abort, adopt, and a resume that finishes a move or a \
            bake. A rollback freezes the release that it leaves, for 24 hours.
            """)

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "For so long, such as 90m or 12h; default until 'unfreeze'.", valueName: "duration"),
        transform: { try Length($0, as: "--for 12h") })
    var length: Length?

    @Option(help: ArgumentHelp("Why; shown to everybody who is refused.", valueName: "text"))
    var reason: String

    @Option(
        help: ArgumentHelp("Only this version.", valueName: "version"),
        transform: { try ReleaseReader.version($0, as: "--release 2.8.0") })
    var release: String?

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let record = try RecordPlace(place, in: session)
        let (host, now) = (session.world.host, session.world.time.wall())
        let freeze = FreezeRecord(
            release.map { .version($0) } ?? .everything,
            reason: session.secrets.masker.masked(reason), by: "\(host.user)@\(host.name)",
            since: now, until: length.map { now.advanced(by: $0.duration) })
        let former = try record.store.freezes().first {
            $0.scope == freeze.scope && !$0.isOver(at: now)
        }
        try await record.store.changeFreezes(patience: .seconds(2)) { $0.adding(freeze) }
        let replaced = former.map {
            " It replaces the one by \($0.by), \(FreezeRules.length(until: $0.until, now)): \($0.reason)."
        }
        let what = release.map { "\($0) of \(record.service)" } ?? record.service
        return AnswerView(session).say(
            .done,
            "\(what) is frozen \(FreezeRules.length(until: freeze.until, now)). End it with"
                + " '\(FreezeRules.command(freeze))'." + (replaced ?? ""))
    }
}
