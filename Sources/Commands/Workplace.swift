import Console
import Contracts
import PipelineModel
import Routers
import RunEngine
import StateStores

/// One service of one pipeline, opened: the file as values, its record, its routers.
struct Workplace: Sendable {
    let session: Session
    let pipeline: Pipeline
    let report: Report
    let store: any StateStore
    let routers: [RouterID: any Router]
    /// Where relative paths of the pipeline start.
    let directory: String
    let pipelineDigest: String
    /// The pipeline's files, for people.
    let fileNames: String

    var world: World { session.world }

    /// Reads the pipeline and makes its adapters; touches nothing outside.
    ///
    /// - Throws: `InvalidPipeline` with every mistake; `Failure` where a file cannot be read.
    static func open(
        _ place: PlaceOptions, in session: Session, needsStage: Bool = true
    ) throws -> Workplace {
        let files = PipelineFiles(place, in: session)
        func choice(_ read: Pipeline?) -> StageChoice {
            StageChoice(
                written: read?.stages, service: place.service ?? read?.service,
                root: files.stateRoot, world: session.world)
        }
        let sources: [PipelineReader.Source]
        do throws(Failure) {
            sources = try files.read()
        } catch {
            try choice(nil).check(place.stage)
            throw error
        }
        let report = Report()
        let read = PipelineReader.readable(
            sources, stage: place.stage, vocabulary: .built, constants: files.constants,
            report: report, readings: session.world.readings)
        // One that is named and not there is a mistake like the others.
        if place.stage == nil, needsStage { try choice(read).check(nil) }
        let routers = read.map { Self.routers(of: $0, session.world) } ?? [:]
        // Making every adapter once shows the mistakes that only they can see beside all others.
        if let read {
            let equipping = Equipping(read, world: session.world)
            _ = equipping.allAdapters()
            equipping.checkMetrics(against: routers)
        }
        read?.checkAddresses()
        guard var pipeline = read, !report.hasErrors else {
            throw InvalidPipeline(report.diagnostics)
        }
        try RecordPlace.refuseStranger(place, besides: pipeline.service)
        if let version = session.world.host.environment("BLUEGREEN_VERSION"), !version.isEmpty {
            pipeline.release.version = version
        }
        return Workplace(
            session: session, pipeline: pipeline, report: report,
            store: FileStateStore(
                root: files.stateRoot, service: pipeline.service, stage: place.stage,
                world: session.world),
            routers: routers, directory: files.directory,
            pipelineDigest: Fingerprint.sha256(sources.flatMap(\.bytes)),
            fileNames: files.names.joined(separator: ", "))
    }

    private static func routers(
        of pipeline: Pipeline, _ world: World
    ) -> [RouterID: any Router] {
        // `bluegreen proxy` serves one.
        for second in pipeline.routers.filter({ $0.kind == EmbeddedRouter.kind }).dropFirst() {
            second.section.report.error(
                at: second.section.position, "only one router can be 'embedded'",
                hint: "it is for development; a fleet has HAProxy, nginx or Caddy")
        }
        var routers: [RouterID: any Router] = [:]
        for settings in pipeline.routers {
            let router = RouterCatalog.router(settings.kind, settings.section, world: world)
            routers[RouterID(settings.name)] = router
            if let router { check(router, settings, against: pipeline.switching) }
        }
        return routers
    }

    /// What a switch does beside moving everything at once, the router must be able to do.
    private static func check(
        _ router: any Router, _ settings: RouterSettings, against switching: SwitchSettings
    ) {
        if let preview = switching.preview, !router.abilities.routesTesters {
            settings.section.report.error(
                at: preview.position, "\(settings.kind) has no way in for testers",
                hint: "leave `preview` out; idle has an address of its own: colors.COLOR.url")
        }
        if let step = switching.canary.first, !router.abilities.sharesTraffic {
            settings.section.report.error(
                at: step.position, "\(settings.kind) cannot send a share of the traffic to idle",
                hint: "leave `canary` out; docs/guides/canary.md says how these can:"
                    + " \(RouterCatalog.sharing)")
        }
    }

    var recipes: [Recipe] {
        pipeline.routers.map { $0.recipe(world.host) }
    }

    /// What is done next is done as the pipeline says now; the run before may have gone by another one.
    func sayIfEdited(since run: RunRecord?) {
        guard let run, let digest = run.beginning.pipelineDigest, digest != pipelineDigest else {
            return
        }
        session.terminal.error.print(
            """
            \("warning:", .warning) \(fileNames) was edited since run \(run.beginning.run.text); it is \
            used as it is now.
            """)
    }

    /// Reads the record and asks every router, both at once.
    func situation() async throws(Failure) -> Situation {
        async let seen = RouterPanel.observe(routers)
        let stored = try store.load()
        var situation = Situation(
            stored: stored, seen: await seen, requirement: pipeline.fleet, of: routers)
        situation.places = recipes.map(StatusWords.place)
        return situation
    }
}

extension RouterSettings {
    /// How to reach it without the pipeline, from whatever folder.
    func recipe(_ host: Host) -> Recipe {
        Recipe(
            router: RouterID(name), kind: kind, settings: section.recipe(),
            folder: host.wholePath(of: section.folder))
    }
}

extension Host {
    func wholePath(of folder: StartingFolder) -> String { wholePath(to: folder.path) }

    func wholePath(to path: String) -> String {
        StartingFolder(workingDirectory).path(to: path)
    }
}
