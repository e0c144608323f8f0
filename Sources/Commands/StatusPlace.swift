import Contracts
import Deployers
import PipelineModel
import RunEngine

/// What `status` looks at: from the pipeline, else from the record and what is readable of the pipeline.
struct StatusPlace {
    var service: String
    var stage: String?
    var store: any StateStore
    var stored: StoredRecord
    var routers: [RouterID: any Router]
    var recipes: [Recipe]
    var requirement: FleetRequirement
    var prober: Prober?
    /// Expects only what no version decides, as a deploy does before it begins.
    var identity: Prober?
    var retireAfter: Duration?
    /// What may keep something running on the colours, started by this pipeline or an earlier one.
    var hosts: [any Hosting]
    /// Whether the pipeline has a step that keeps something running.
    var isHosting = false
    /// Why the record is not known.
    var unreadable: Failure?
    /// Why it is not the pipeline, and what helps.
    var note: (what: String, next: String)?

    /// A broken or missing pipeline must not hide where traffic is; where nothing else helps, what is
    /// wrong with it is thrown.
    static func open(_ place: PlaceOptions, in session: Session) throws -> StatusPlace {
        do {
            return try StatusPlace(Workplace.open(place, in: session))
        } catch let invalid as InvalidPipeline {
            guard var found = fallback(place, session) else { throw invalid }
            let count = invalid.diagnostics.count { $0.severity == .error }
            found.note = (
                "The pipeline has \(Wording.amount(count, "mistake")).", "bluegreen validate"
            )
            return found
        } catch let failure as Failure where failure.code == .pipelineMissing {
            guard var found = fallback(place, session), found.stored.condition != .absent else {
                throw failure
            }
            found.note = (failure.message, failure.hint ?? "bluegreen validate")
            return found
        }
    }

    private static func fallback(_ place: PlaceOptions, _ session: Session) -> StatusPlace? {
        // Losing the error is right: the mistake in the pipeline is the one to be told.
        guard let sources = try? RollbackSources(place, settings: nil, in: session) else {
            return nil
        }
        return StatusPlace(sources, stage: place.stage, session.world)
    }

    /// What runs on each colour because a deploy started it.
    var hosted: [Color: HostedProcess] {
        var hosted: [Color: HostedProcess] = [:]
        for color in Color.allCases {
            // Else what has ended may be started in another way now, and is not missed.
            hosted[color] = hosts.compactMap { $0.observe(color, in: store.location) }
                .first { isHosting || $0.facts != nil }
        }
        return hosted
    }

    /// One quick question to an environment where the pipeline has it; where it does not serve there,
    /// where it was at the last switch, as a rollback would ask.
    func glance(at color: Color) async -> Prober.Answer? {
        guard let prober, let answer = await prober.glance(at: color) else { return nil }
        guard !answer.isFit, let recorded = stored.record.entrance,
            let address = recorded.direct[color], address != prober.entrance.direct[color],
            let there = await prober.with(recorded).glance(at: color), there.isFit
        else { return answer }
        return there
    }

    var freezes: Result<[FreezeRecord], Failure> {
        do throws(Failure) {
            return .success(try store.freezes())
        } catch {
            return .failure(error)
        }
    }

    private init(_ workplace: Workplace) {
        let pipeline = workplace.pipeline
        service = pipeline.service
        stage = pipeline.stage
        store = workplace.store
        do throws(Failure) {
            stored = try workplace.store.load()
        } catch {
            // Which colour is live is asked of the routers.
            stored = StoredRecord(
                record: Record(), condition: .corrupt(error.message), isOwnerAlive: false)
            unreadable = error
        }
        routers = workplace.routers
        recipes = workplace.recipes
        requirement = pipeline.fleet
        prober = Equipping(pipeline, world: workplace.world).entrance(
            releases: stored.record.releases, recorded: stored.record.entrance
        ).map { Prober(entrance: $0, world: workplace.world, constants: pipeline.constants) }
        identity = workplace.identity
        retireAfter = pipeline.retire.after
        hosts = DeployerCatalog.hosts(workplace.world)
        isHosting = Equipping(pipeline, world: workplace.world).isHosting
    }

    private init(_ sources: RollbackSources, stage: String?, _ world: World) {
        service = sources.service
        self.stage = stage
        store = sources.store
        stored = sources.stored
        routers = sources.routers
        recipes = sources.recipes
        requirement = sources.requirement
        prober = sources.prober(world)
        hosts = DeployerCatalog.hosts(world)
    }
}
