import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen status`: which colour is live, asked now.
struct Status: Subcommand {
    static let configuration = CommandConfiguration(
        abstract: "Say which colour is live: asked of the router now.",
        discussion: """
            EXAMPLES
              bluegreen status
              bluegreen status -o json | jq .live.color

            Puts the record, the router, the router after a reload and the public address side by
            side. Never writes, never waits. Exit 20: unknown or unfinished; 22: nobody watches a
            bake, or it failed; 33: record and router differ.
            """)

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let workplace = try Workplace.open(place, in: session)
        let findings = try await findings(workplace)
        let report = StatusReport(findings)
        StatusView(session).show(report, now: session.world.time.wall())
        return ExitStatus(rawValue: report.exit) ?? .internalError
    }

    private func findings(_ workplace: Workplace) async throws(Failure) -> StatusFindings {
        let world = workplace.world
        let stored = try workplace.store.load()
        let record = stored.record
        let entrance = Equipping(workplace.pipeline, world: world).entrance(
            releases: record.releases)
        let prober = entrance.map {
            Prober(entrance: $0, world: world, constants: workplace.pipeline.constants)
        }
        let target = record.openIntent?.from ?? record.wayBack
        async let open = prober?.askPublic(timeout: .seconds(1))
        async let back = Self.ask(target, prober)
        let began = world.time.now()
        let seen = await RouterPanel.observe(workplace.routers)
        let observing = world.time.now() - began
        return StatusFindings(
            service: workplace.pipeline.service, stage: workplace.pipeline.stage,
            situation: Situation(stored: stored, seen: seen), routers: workplace.routers,
            kinds: Dictionary(
                workplace.pipeline.routers.map { (RouterID($0.name), $0.kind) },
                uniquingKeysWith: { $1 }),
            location: workplace.store.location, retireAfter: workplace.pipeline.retire.after,
            dataPlane: await open, wayBack: await back, observing: observing,
            now: world.time.wall())
    }

    private static func ask(_ color: Color?, _ prober: Prober?) async -> Prober.Answer? {
        guard let color else { return nil }
        return await prober?.askDirectly(color, timeout: .milliseconds(300))
    }
}
