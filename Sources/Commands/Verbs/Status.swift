import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen status`: which colour is live, asked now.
struct Status: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say which colour is live: asked of the router now.",
        usage: "bluegreen status [<options>]",
        discussion: """
            EXAMPLES
              bluegreen status
              bluegreen status -q          only the live colour
              bluegreen status -o json | jq .live.color

            Puts the record, the router, the router after a reload and the public address side by \
            side. Never writes, never waits. Exit 20: unknown or unfinished; 22: nobody watches a \
            bake, or it failed; 33: record and router differ.
            """)

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let place = try StatusPlace.open(place, in: session)
        let report = StatusReport(await findings(place, session.world)).advised(session.advice)
        StatusView(session).show(report, now: session.world.time.wall())
        return ExitStatus(rawValue: report.exit) ?? .internalError
    }

    private func findings(_ place: StatusPlace, _ world: World) async -> StatusFindings {
        async let open = place.prober?.askPublic(timeout: .seconds(1))
        async let blue = place.glance(at: .blue)
        async let green = place.glance(at: .green)
        let began = world.time.now()
        var seen = await RouterPanel.observe(place.routers)
        let observing = world.time.now() - began
        var stored = place.stored
        // A living run changes record and router: both must be of one moment. What cannot be read
        // again is judged as it was.
        for _ in 1...3 where stored.isOwnerAlive {
            guard let newer = try? place.store.load(), newer != stored else { break }
            stored = newer
            seen = await RouterPanel.observe(place.routers)
        }
        let situation = Situation(
            stored: stored, seen: seen, requirement: place.requirement, of: place.routers)
        let answer = await open
        return StatusFindings(
            place: place, situation: situation, dataPlane: answer,
            nameless: await Self.nameless(answer, situation, place),
            direct: [.blue: await blue, .green: await green].compactMapValues { $0 },
            observing: observing, lastProof: situation.lastProof(in: place.store),
            hosted: place.hosted, freezes: place.freezes, now: world.time.wall())
    }

    /// Asked only where the answer was that of no colour: `status` is quick.
    private static func nameless(
        _ answer: Prober.Answer?, _ situation: Situation, _ place: StatusPlace
    ) async -> Failure? {
        guard let answer, answer.isServed, !situation.isRunAlive, let prober = place.identity,
            let live = situation.liveColor
        else { return nil }
        if case .color = answer.kind { return nil }
        return await LiveIdentity(prober, live: live).failure()
    }
}
