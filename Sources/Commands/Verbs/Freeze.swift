import ArgumentParser
import Console
import Contracts

/// `bluegreen freeze`: nothing goes forward for a while.
struct Freeze: PlacedSubcommand {
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
            ship a release of which no traffic has moved. A run under way is named; one that has \
            moved no traffic yet stops before its switch. What brings production to safety is \
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
        try await record.store.changeFreezes(patience: .seconds(2), isLenient: false) {
            $0.adding(freeze)
        }
        let replaced = former.map {
            " It replaces the one by \($0.by), \(FreezeRules.length(until: $0.until, now)): \($0.reason)."
        }
        let what = release.map { "\($0) of \(record.name)" } ?? record.name
        return AnswerView(session).say(
            .done,
            "\(what) is frozen \(FreezeRules.length(until: freeze.until, now)). End it with"
                + " '\(FreezeRules.command(freeze))'." + (replaced ?? ""),
            warnings: underWay(record.store, freeze, now))
    }

    private static let isTooLate = "A freeze does not stop what has begun to move traffic."

    /// The run that moves what is frozen forward at this moment.
    private func underWay(
        _ store: any StateStore, _ freeze: FreezeRecord, _ now: WallTime
    ) -> [String] {
        // Losing the error is right: the freeze is written, whoever works here.
        guard let stored = try? store.load(), stored.isOwnerAlive,
            let run = stored.record.run, run.outcome == nil,
            FreezeRules.holds(freeze, run.beginning.plan.release)
        else { return [] }
        let holder = RunWords.holder(run, bake: stored.record.bake, now: now)
        switch (run.phase, run.beginning.plan.entry) {
        case (.starting, .deploying), (.starting, .checking), (.starting, .switching),
            (.deploying, _), (.checking, _), (.ready, _):
            return [
                stored.record.openIntent == nil
                    ? "\(holder) It stops before its switch, unless that begins this very moment."
                    : "\(holder) \(Self.isTooLate)"
            ]
        case (.canary, _), (.switching, _), (.switched, _), (.baking, _), (.judged, _):
            return ["\(holder) \(Self.isTooLate)"]
        case (.starting, _), (.undoing, _), (.unsettled, _), (.rollingBack, _), (.levelling, _),
            (.retiring, _), (.ended, _):
            return []
        }
    }
}
