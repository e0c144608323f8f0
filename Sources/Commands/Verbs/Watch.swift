import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen watch`: does what nobody else is there to do.
struct Watch: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Take over bakes that nobody watches, and retire what is due.",
        usage: "bluegreen watch [<options>]",
        discussion: """
            EXAMPLES
              bluegreen watch --once           for a systemd timer: examples/watch
              bluegreen watch --interval 30s   until Ctrl-C or SIGTERM, which end it with 0

            A bake whose process died is watched again for its full length, as 'resume' does. The \
            old environment is retired once retire.after has passed, as 'retire' does, and only \
            after a bake that passed. A switch or a canary that was never finished is left to a \
            person, and told.

            --once exits with the worst status of what it did, 0 when there was nothing to do.

            \(RunOptions.jsonLines)
            """)

    @Flag(help: "Look once, do what is due, and end.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "How long to wait between two looks; default 10s.", valueName: "duration"),
        transform: { try Length($0, as: "--interval 10s") })
    var interval: Length?

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        var told: String?
        var hasLooked = false
        if once { return try await lookOnce(session, &told) }
        while session.stop.interruption == nil {
            do {
                _ = try await lookOnce(session, &told)
            } catch let refusal as UsageRefusal where !hasLooked {
                // No wait makes the command line right.
                throw refusal
            } catch let trouble {
                tell("\(trouble)", &told) { show(trouble, session) }
            }
            hasLooked = true
            await rest(session)
        }
        return .done
    }

    /// Said when it begins, not every ten seconds while it lasts.
    private func tell(_ what: String, _ told: inout String?, _ show: () -> Void) {
        if told != what { show() }
        told = what
    }

    private func show(_ trouble: any Error, _ session: Session) {
        switch trouble {
        case let invalid as InvalidPipeline: DiagnosticView(session).show(invalid)
        case let failure as Failure: FailureView(session).show(failure, status(for: failure))
        case let refusal as UsageRefusal:
            session.terminal.error.print("\("error:", .bad) \(session.advice(refusal.message))")
        default: session.terminal.error.print("\("error:", .bad) \("\(trouble)")")
        }
    }

    private func rest(_ session: Session) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.world.time.sleep(interval?.duration ?? .seconds(10)) }
            group.addTask { _ = await session.stop.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    /// A bake that passes may leave something to retire.
    private func lookOnce(
        _ session: Session, _ told: inout String?
    ) async throws -> ExitStatus {
        var worst = ExitStatus.done
        var done: Set<WatchDecision.Due> = []
        var left: String?
        while session.stop.interruption == nil {
            let decision = try await decision(session)
            left = decision.left
            guard let due = decision.due, done.insert(due).inserted else { break }
            do {
                worst = ExitStatus.worse(worst, try await perform(due, session))
            } catch let failure as Failure
                where failure.code == .lockHeld || failure.code == .refused
            {
                // Somebody works now, or requests are still under way: there will be another look.
                tell(failure.message, &told) { say("not now: \(failure.message)", session) }
                return worst
            }
        }
        if let left {
            tell(left, &told) { say("left to a person: \(session.advice(left))", session) }
        } else if done.isEmpty {
            told = nil
        }
        return worst
    }

    private func decision(_ session: Session) async throws -> WatchDecision {
        // A process that lives for days must not go by the addresses of its first one.
        session.world.names.forget()
        let workplace = try Workplace.open(place, in: session)
        let situation = try await workplace.situation()
        if case .unreadable(let failure) = situation.live { throw failure }
        let adapters = Equipping(workplace.pipeline, world: session.world).allAdapters()
        return WatchDecision(
            situation: situation, retireAfter: workplace.pipeline.retire.after,
            canRetire: !adapters.retire.isEmpty,
            liveFor: situation.liveAge(in: workplace.store, session.world))
    }

    private func perform(_ due: WatchDecision.Due, _ session: Session) async throws -> ExitStatus {
        var brief = output
        brief.quiet = !output.verbose
        // What ends one run, as a rollback that overtakes it, does not end the loop.
        let stop = StopRequest()
        let inner = Session(
            world: session.world, terminal: session.terminal, stop: stop,
            proxy: session.proxy, output: brief, secrets: session.secrets,
            advice: session.advice)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { if let wish = await session.stop.wait() { stop.ask(wish) } }
            defer { group.cancelAll() }
            switch due {
            case .bake:
                say("nobody watches the bake: watching it again", session)
                return try await resumption(brief).run(in: inner)
            case .retire: return try await retirement(brief).run(in: inner)
            }
        }
    }

    private func say(_ what: String, _ session: Session) {
        guard !output.quiet, !session.isJSON else { return }
        session.terminal.error.print(
            "\("\(session.world.time.wall().clock)", .dim) \(what)")
    }

    private func resumption(_ output: OutputOptions) throws -> Resume {
        var resume = try Resume.parse(["--reason", "bluegreen watch"])
        (resume.place, resume.output) = (place, output)
        return resume
    }

    private func retirement(_ output: OutputOptions) throws -> Retire {
        var retire = try Retire.parse(["--reason", "bluegreen watch", "-y"])
        (retire.place, retire.output) = (place, output)
        return retire
    }
}

extension ExitStatus {
    /// What a person has to know first.
    static func worse(_ one: ExitStatus, _ other: ExitStatus) -> ExitStatus {
        let pages: [ExitStatus] = [.unknown, .rollbackImpossible, .unhealthy]
        return pages.first { $0 == one || $0 == other } ?? (one == .done ? other : one)
    }
}
