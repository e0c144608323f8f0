import ArgumentParser
import Console
import Contracts
import RunEngine

/// `bluegreen wait`: returns when something has become true.
struct Wait: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until a colour is live, a bake was passed, or nobody works here.",
        usage: "bluegreen wait --for <what> [<options>]",
        discussion: """
            EXAMPLES
              bluegreen wait --for healthy --timeout 30m    the last bake was passed
              bluegreen wait --for green                    asked of the router
              bluegreen wait --for free                     nobody deploys

            Exit 124 when the time has passed. What can never come true any more is said at once: \
            20 where a switch was never finished, 22 where the bake failed or nobody watches it, \
            and for 'healthy' the status of a run that ended badly, \
            or 32 where no bake was begun, as after a rollback: what is gone back to is not baked. \
            A router that was left out and shows the other colour is waited for, too.
            """)

    enum Wish: String, ExpressibleByArgument, CaseIterable {
        case free
        case blue
        case green
        case healthy
    }

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("free, blue, green or healthy.", valueName: "what"))
    var wish: Wish

    @Option(
        help: ArgumentHelp(
            "Give up after this long (exit 124); default 10m.", valueName: "duration"),
        transform: { try Length($0, as: "--timeout 10m", orZero: true) })
    var timeout: Length?

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    private static let interval = Duration.milliseconds(500)
    private static let reminder = Duration.seconds(10)

    func run(in session: Session) async throws -> ExitStatus {
        let place = try StatusPlace.open(place, in: session)
        let time = session.world.time
        let limit = timeout?.duration ?? .seconds(600)
        let start = time.now()
        var said: Duration?
        while true {
            let situation = Situation(
                stored: try place.store.load(), seen: await RouterPanel.observe(place.routers),
                requirement: place.requirement)
            let answer = WaitDecision(situation: situation, now: time.wall()).answer(to: wish)
            guard case .pending(let why) = answer else {
                return end(answer, situation, session)
            }
            let waited = time.now() - start
            guard waited < limit else {
                return AnswerView(session).say(
                    .timedOut, "Not \(wish.rawValue) after \(limit.worded): \(why)",
                    live: situation.liveColor, status: .timedOut)
            }
            guard session.stop.interruption == nil else { throw Failure.stoppedBeforehand }
            if said.map({ waited - $0 >= Self.reminder }) ?? true, !output.quiet {
                session.terminal.error.print("waiting for '\(wish.rawValue)': \(why)")
                said = waited
            }
            await time.sleep(min(Self.interval, limit - waited))
        }
    }

    private func end(
        _ answer: WaitDecision.Answer, _ situation: Situation, _ session: Session
    ) -> ExitStatus {
        let view = AnswerView(session)
        switch answer {
        case .met(let what): return view.say(.done, what, live: situation.liveColor)
        case .never(let why, let status):
            return view.say(
                .never, "'\(wish.rawValue)' will not come: \(why)", live: situation.liveColor,
                status: status)
        case .pending: preconditionFailure("The loop goes on while something is pending.")
        }
    }
}
