import ArgumentParser
import Console
import Contracts

/// `bluegreen lock`: who owns the service now.
struct Lock: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Show who works on the service now, or end that process.",
        usage: "bluegreen lock [<options>]",
        discussion: """
            EXAMPLES
              bluegreen lock
              bluegreen lock --release --reason "the job hangs in its tests"

            The lock is the kernel's: it ends with its process, and there is no file to delete. \
            --release ends a living owner on this machine and writes nothing; what it left is then \
            finished with 'resume', or taken back with 'rollback', which does not need this.
            """)

    @Flag(help: "End the process that owns the service; needs --reason.")
    var release = false

    @Option(help: ArgumentHelp("Why; shown with the answer.", valueName: "text"))
    var reason: String?

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        guard !release || reason != nil else {
            throw UsageRefusal(message: "--release needs --reason TEXT.")
        }
        let store = try RecordPlace(place, in: session).store
        let stored = try store.load()
        let report = LockReport(
            stored, isBeingWritten: try store.isBeingWritten(), at: store.location)
        guard release else {
            LockView(session).show(report, now: session.world.time.wall())
            return .done
        }
        guard let run = Situation(stored: stored, seen: [:]).openRun, stored.isOwnerAlive else {
            return AnswerView(session).say(
                .nothingToDo, "Nothing to release: \(report.sentence)")
        }
        return try await end(run, store, session)
    }

    private func end(
        _ run: RunRecord, _ store: any StateStore, _ session: Session
    ) async throws -> ExitStatus {
        let owner = run.beginning.owner
        let name = "\(RunWords.owner(owner)), which is \(RunWords.phase(run.phase))"
        guard try await session.isAgreed("End \(name)?", yes: yes) else {
            return AnswerView(session).say(.declined, "Nothing was ended: you said no.")
        }
        let isGone = await Preemption(session: session).end(owner)
        let stored = try store.load()
        guard isGone, !stored.isOwnerAlive else {
            throw Failure(
                .lockHeld, "\(RunWords.owner(owner)) could not be ended from here.",
                hint: owner.host == session.world.host.name
                    ? "End that process yourself." : "End it on \(owner.host).")
        }
        let why = reason.map { " (\(session.secrets.masker.masked($0)))" } ?? ""
        return AnswerView(session).say(
            .done,
            "Ended \(name)\(why). Next: \(Self.next(Situation(stored: stored, seen: [:]), run))")
    }

    /// It may have ended in order, or just died.
    private static func next(_ situation: Situation, _ run: RunRecord) -> String {
        if let open = situation.openRun { return RunWords.next(afterDeathOf: open) }
        let ended = situation.record.run?.outcome.flatMap {
            RunWords.next(after: $0, of: run.beginning)
        }
        return ended ?? "bluegreen status"
    }
}
