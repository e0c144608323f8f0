import Contracts
import PipelineModel
import Routers
import StateStores

/// What a rollback can still find out: the routers from the record, else from what is readable of the
/// pipeline, else from the command line. Never fails because something is broken, only when nothing is
/// left.
struct RollbackSources: Sendable {
    let service: String
    let store: any StateStore
    let stored: StoredRecord
    let recipes: [Recipe]
    let routers: [RouterID: any Router]
    let entrance: Entrance?
    let colors: [Color: String]
    let constants: Constants
    /// What could not be used, for a person.
    let notes: [String]

    init(
        _ place: PlaceOptions, settings: String?, in session: Session
    ) throws {
        let world = session.world
        let files = PipelineFiles(place, in: session)
        var notes: [String] = []
        let lenient = Self.pipeline(files, place, &notes)
        let service = try RecordPlace.service(place, lenient, files, world)
        self.service = service
        store = FileStateStore(
            root: files.stateRoot, service: service, stage: place.stage, world: world)
        let stored = Self.load(store, &notes)
        self.stored = stored
        constants = files.constants
        let found = try Self.recipes(stored.record, lenient, settings)
        recipes = found
        routers = try Self.routers(found, in: files.directory, files.constants, world, &notes)
        let known = files.constants
        entrance = stored.record.entrance ?? lenient.flatMap { Self.entrance($0, known) }
        colors = stored.record.entrance?.direct ?? lenient?.colors.mapValues(\.url) ?? [:]
        self.notes = notes
    }

    private static func pipeline(
        _ files: PipelineFiles, _ place: PlaceOptions, _ notes: inout [String]
    ) -> LenientPipeline? {
        do throws(Failure) {
            let lenient = LenientPipeline(
                try files.read(), stage: place.stage, vocabulary: .built,
                constants: files.constants)
            if lenient.report.hasErrors { notes.append("the pipeline has mistakes") }
            return lenient
        } catch {
            notes.append(error.message)
            return nil
        }
    }

    /// An unreadable record counts as none: it must not stop the way home.
    private static func load(_ store: any StateStore, _ notes: inout [String]) -> StoredRecord {
        do throws(Failure) {
            return try store.load()
        } catch {
            notes.append(error.message)
            return StoredRecord(record: Record(), condition: .absent, isOwnerAlive: false)
        }
    }

    private static func recipes(
        _ record: Record, _ lenient: LenientPipeline?, _ settings: String?
    ) throws -> [Recipe] {
        if let settings { return [try recipe(from: settings)] }
        if !record.recipes.isEmpty { return record.recipes }
        let routers = lenient?.routers ?? []
        guard !routers.isEmpty else {
            throw Failure(
                .nothingToRollBackTo, "No router is known: no record, and no readable pipeline.",
                hint: "Name it: bluegreen rollback --to COLOR --router-settings"
                    + " '{\"haproxy\": {\"socket\": \"/run/haproxy/admin.sock\", ...}}'")
        }
        return routers.map {
            Recipe(router: RouterID($0.name), kind: $0.kind, settings: $0.section.recipe())
        }
    }

    /// `{"haproxy": {…}}`, as it would stand under `router:`.
    private static func recipe(from settings: String) throws -> Recipe {
        let report = Report()
        let section = Section(
            recipe: settings, named: "--router-settings", constants: Constants(), report: report)
        guard let section, case .mapping(let entries) = section.node.content,
            entries.count == 1, let inner = section.section(entries[0].key)
        else {
            throw UsageRefusal(
                message: "--router-settings takes JSON such as '{\"haproxy\": {\"socket\": ...}}'.")
        }
        let kind = entries[0].key
        // Readers trust that a shape was held against what they read.
        ShapeReader(vocabulary: .built, report: report).check(
            section.node, against: .adapter(.router, beside: SettingsDescription()),
            named: "the router")
        guard !report.hasErrors else { throw InvalidPipeline(report.diagnostics) }
        return Recipe(router: RouterID(kind), kind: kind, settings: inner.recipe())
    }

    private static func routers(
        _ recipes: [Recipe], in folder: String, _ constants: Constants, _ world: World,
        _ notes: inout [String]
    ) throws -> [RouterID: any Router] {
        // Relative paths start where those of the pipeline start.
        let place = folder == "." ? "" : folder + "/"
        var routers: [RouterID: any Router] = [:]
        for recipe in recipes {
            let report = Report()
            let section = Section(
                recipe: recipe.settings, named: "\(place)the recorded settings of \(recipe.router)",
                constants: constants, report: report)
            let router = section.flatMap {
                RouterCatalog.router(recipe.kind, $0, world: world)
            }
            guard let router, !report.hasErrors else {
                notes += report.diagnostics.map { "\($0.position): \($0.message)" }
                continue
            }
            routers[recipe.router] = router
        }
        guard !routers.isEmpty else {
            throw Failure(
                .nothingToRollBackTo, "No router can be reached with what is known.",
                evidence: notes, hint: "Give its settings with --router-settings JSON.")
        }
        return routers
    }

    private static func entrance(_ lenient: LenientPipeline, _ constants: Constants) -> Entrance? {
        guard let open = lenient.entrance else { return nil }
        var expected: [Color: String] = [:]
        for color in Color.allCases {
            let substitutes = Substitutes(["color": color.rawValue], constants: constants)
            // A text that needs the release is unknown here; then only the router is asked.
            expected[color] = try? open.identity.expected.filled(substitutes)
        }
        guard expected.count == 2 else { return nil }
        return Entrance(
            url: open.url, place: Entrance.Place(open.identity.place), expected: expected,
            caFile: open.caFile, connectTo: open.connectTo, headers: open.headers,
            consecutive: 20, within: .seconds(5), direct: lenient.colors.mapValues(\.url))
    }
}
