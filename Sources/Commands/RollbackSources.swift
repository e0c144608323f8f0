import Contracts
import PipelineModel
import Routers
import RunEngine
import StateStores

/// What a rollback can still find out: the routers from the command line where it names them, else from
/// the record, else from what is readable of the pipeline. Never fails because something is broken, only
/// when nothing is left.
struct RollbackSources: Sendable {
    /// Routers that can be made from one source.
    private struct Reach {
        var origin: String
        var recipes: [Recipe]
        var routers: [RouterID: any Router]
        /// Of the same fleet, but nothing can be made of what is written about them.
        var unusable: Set<RouterID>

        func recipe(of id: RouterID) -> Recipe? { recipes.last { $0.router == id } }

        /// These as the other source has them.
        mutating func take(_ ids: Set<RouterID>, from other: Reach) {
            recipes.removeAll { ids.contains($0.router) }
            recipes += other.recipes.filter { ids.contains($0.router) }
            for id in ids { routers[id] = other.routers[id] }
            unusable.subtract(ids)
        }
    }

    let service: String
    let store: any StateStore
    let stored: StoredRecord
    /// There is a record, but not for this user or this disk.
    let isUnread: Bool
    private var reach: Reach
    /// Where they are as well, as another source has it.
    private let otherReach: Reach?
    let entrance: Entrance?
    let colors: [Color: String]
    /// Where the pipeline has them now.
    private let written: [Color: String]
    /// What the pipeline says about its fleet; a rollback itself is for all of them.
    let requirement: FleetRequirement
    let constants: Constants
    private let closesOnRollback: Bool
    /// What could not be used, for a person.
    private(set) var notes: [String]

    var recipes: [Recipe] { reach.recipes }
    var routers: [RouterID: any Router] { reach.routers }
    /// Only what every router can do is asked of them; absent where nothing is closed.
    var closesTunnels: Bool? {
        closesOnRollback && routers.values.allSatisfy { $0.closer != nil } ? true : nil
    }

    /// Enough to move traffic with: no steps, no checks, no bake.
    func equipment(_ world: World) -> RunEquipment {
        RunEquipment(
            world: world, routers: routers, recipes: recipes, constants: constants,
            entrance: entrance, colors: colors)
    }

    func prober(_ world: World) -> Prober? {
        entrance.map { Prober(entrance: $0, world: world, constants: constants) }
    }

    init(
        _ place: PlaceOptions, settings: String?, in session: Session
    ) throws {
        let world = session.world
        let files = PipelineFiles(place, in: session)
        var notes: [String] = []
        let lenient = Self.pipeline(files, place, &notes)
        let service = try RecordPlace.service(place, lenient, files, world)
        self.service = service
        // Who names the router needs no record.
        if settings == nil {
            try RecordPlace.choice(service, lenient, files, world).check(place.stage)
        }
        store = FileStateStore(
            root: files.stateRoot, service: service, stage: place.stage, world: world)
        let (stored, isUnread) = Self.load(store, &notes)
        self.stored = stored
        self.isUnread = isUnread
        world.names.fallBack(stored.record.addresses ?? [:])
        constants = files.constants
        closesOnRollback = lenient?.closesOnRollback ?? false
        var known: [Reach] = []
        for (origin, recipes) in try Self.recipes(
            stored.record, lenient, settings, files, world.host)
        {
            var mistakes: [String] = []
            var reach = Self.reach(origin, recipes, files, world, &mistakes)
            if known.isEmpty { notes += mistakes }
            if origin == Self.pipelineOrigin, let unclear = lenient?.unclearRouters {
                reach?.unusable.formUnion(unclear.map { RouterID($0) })
            }
            if let reach { known.append(reach) }
        }
        guard let first = known.first else { throw Self.nowhere(notes) }
        reach = first
        otherReach = known.dropFirst().first { $0.recipes != first.recipes }
        entrance =
            stored.record.entrance
            ?? lenient.flatMap { Self.entrance($0, files.constants, world.host) }
        requirement = lenient?.fleet ?? .all
        colors = stored.record.entrance?.direct ?? lenient?.colors.mapValues(\.url) ?? [:]
        written = lenient?.colors.mapValues(\.url) ?? [:]
        self.notes = notes
    }

    /// One question to an environment where it was at the last switch; where it does not serve there,
    /// where the pipeline has it now, and that this was so.
    func ask(
        _ color: Color?, _ world: World
    ) async -> (answer: Prober.Answer?, note: String?) {
        guard let color, let prober = prober(world) else { return (nil, nil) }
        let answer = await prober.askPatiently(color)
        guard let first = answer, !first.isFit, let known = prober.entrance.direct[color],
            let now = written[color], now != known
        else { return (answer, nil) }
        var entrance = prober.entrance
        entrance.direct[color] = now
        let moved = prober.with(entrance)
        let both = "\(color) \(first.unfitness) at \(known), from the record"
        guard let there = await moved.askPatiently(color), there.isFit else {
            return (answer, "\(both), nor at \(now), from \(Self.pipelineOrigin)")
        }
        return (there, "\(both); asked at \(now), from \(Self.pipelineOrigin)")
    }

    /// Asks the routers; in place of one that does not answer, the one of that name that the other
    /// source knows; where none answers, all that it knows.
    mutating func look() async -> Situation {
        var seen = await RouterPanel.observe(routers)
        for id in reach.unusable {
            seen[id] = .failure(
                Failure(
                    .routerUnreachable, "What \(reach.origin) says about it cannot be used."))
        }
        guard let other = otherReach else { return Situation(stored: stored, seen: seen) }
        let silent = Set(seen.filter { if case .failure = $0.value { true } else { false } }.keys)
        let isLost = silent.count == seen.count
        let wanted = other.routers.filter { id, _ in
            (isLost || silent.contains(id)) && other.recipe(of: id) != reach.recipe(of: id)
        }
        guard !wanted.isEmpty else { return Situation(stored: stored, seen: seen) }
        let elsewhere = await RouterPanel.observe(wanted)
        let found = elsewhere.filter { if case .success = $0.value { true } else { false } }
        guard !found.isEmpty else {
            let addresses = Self.addresses(wanted)
            let note = "nor does \(addresses), from \(other.origin)"
            return Situation(
                stored: stored,
                seen: seen.mapValues { $0.mapError { $0.with(evidence: note) } })
        }
        notes.append(
            "\(Self.addresses(routers.filter { silent.contains($0.key) })), from \(reach.origin),"
                + " does not answer; taken from \(other.origin):"
                + " \(Self.addresses(wanted.filter { found[$0.key] != nil }))")
        if isLost {
            reach = other
            // What both know in the same way was asked.
            seen = seen.filter { other.routers[$0.key] != nil }.merging(elsewhere) { $1 }
        } else {
            reach.take(Set(found.keys), from: other)
            seen.merge(found) { _, new in new }
        }
        return Situation(stored: stored, seen: seen)
    }

    private static func addresses(_ routers: [RouterID: any Router]) -> String {
        routers.sorted { $0.key < $1.key }.map(\.value.address).joined(separator: ", ")
    }

    private static func pipeline(
        _ files: PipelineFiles, _ place: PlaceOptions, _ notes: inout [String]
    ) -> LenientPipeline? {
        do throws(Failure) {
            let lenient = LenientPipeline(
                try files.read(), stage: place.stage, vocabulary: .built,
                constants: files.constants)
            if lenient.report.hasErrors { notes.append("the pipeline has mistakes") }
            for name in lenient.unclearRouters {
                notes.append("the pipeline does not say clearly what router \(name) is")
            }
            return lenient
        } catch {
            notes.append(error.message)
            return nil
        }
    }

    /// An unreadable record counts as none: it must not stop the way home.
    private static func load(
        _ store: any StateStore, _ notes: inout [String]
    ) -> (record: StoredRecord, isUnread: Bool) {
        do throws(Failure) {
            return (try store.load(), false)
        } catch {
            notes.append(error.message)
            let nothing = StoredRecord(
                record: Record(), condition: .absent, isOwnerAlive: false)
            return (nothing, true)
        }
    }

    private static let pipelineOrigin = "the pipeline"

    /// In the order in which they are believed; what a person types is not doubted.
    private static func recipes(
        _ record: Record, _ lenient: LenientPipeline?, _ settings: String?, _ files: PipelineFiles,
        _ host: Host
    ) throws -> [(origin: String, recipes: [Recipe])] {
        if let settings { return [("--router-settings", try recipes(from: settings))] }
        let written = (lenient?.routers ?? []).map { $0.recipe(host) }
        // An older record says no folder, and means this one.
        let here = host.wholePath(of: StartingFolder(files.directory))
        let recorded = record.recipes.map { recipe in
            var placed = recipe
            placed.folder = recipe.folder ?? here
            return placed
        }
        let known = [("the record", recorded), (pipelineOrigin, written)]
            .filter { !$0.1.isEmpty }
        guard !known.isEmpty else {
            throw Failure(
                .nothingToRollBackTo,
                "No router is known: neither a record nor a pipeline names one.",
                hint: "Name it: bluegreen rollback --to COLOR --router-settings"
                    + " '{\"haproxy\": {\"socket\": \"/run/haproxy/admin.sock\", ...}}'")
        }
        return known
    }

    /// `{"haproxy": {…}}`, as it would stand under `router:`, or `{"routers": {"lb-1": …}}`.
    private static func recipes(from settings: String) throws -> [Recipe] {
        let report = Report()
        let section = Section(
            recipe: settings, named: "--router-settings", constants: Constants(), report: report)
        guard let section, case .mapping(let entries) = section.node.content, entries.count == 1
        else { throw unusable }
        guard entries[0].key == "routers" else { return [try recipe(section, named: nil)] }
        guard let fleet = section.section("routers"),
            case .mapping(let members) = fleet.node.content, !members.isEmpty
        else { throw unusable }
        return try members.map { member in
            guard let router = fleet.section(member.key) else { throw unusable }
            return try recipe(router, named: member.key)
        }
    }

    private static var unusable: UsageRefusal {
        UsageRefusal(
            message: "--router-settings takes JSON such as '{\"haproxy\": {\"socket\": ...}}'.")
    }

    private static func recipe(_ section: Section, named name: String?) throws -> Recipe {
        guard case .mapping(let entries) = section.node.content, entries.count == 1,
            let inner = section.section(entries[0].key)
        else { throw unusable }
        let kind = entries[0].key
        let report = section.report
        // Readers trust that a shape was held against what they read.
        ShapeReader(vocabulary: .built, report: report).check(
            section.node, against: .adapter(.router, beside: SettingsDescription()),
            named: "the router")
        inner.refuseWrittenSecrets()
        guard !report.hasErrors else { throw InvalidPipeline(report.diagnostics) }
        return Recipe(router: RouterID(name ?? kind), kind: kind, settings: inner.recipe())
    }

    /// `nil` where not one router can be made; why is noted.
    private static func reach(
        _ origin: String, _ recipes: [Recipe], _ files: PipelineFiles, _ world: World,
        _ notes: inout [String]
    ) -> Reach? {
        var routers: [RouterID: any Router] = [:]
        for recipe in recipes {
            let report = Report()
            let section = Section(
                recipe: recipe.settings,
                named: "the settings of \(recipe.router) in \(origin)",
                constants: files.constants, report: report,
                folder: folder(of: recipe, files, world.host))
            let router = section.flatMap {
                RouterCatalog.router(recipe.kind, $0, world: world)
            }
            guard let router, !report.hasErrors else {
                notes += report.diagnostics.map { "\($0.position): \($0.message)" }
                continue
            }
            routers[recipe.router] = router
        }
        guard !routers.isEmpty else { return nil }
        let unusable = Set(recipes.map(\.router)).subtracting(routers.keys)
        return Reach(origin: origin, recipes: recipes, routers: routers, unusable: unusable)
    }

    private static func folder(
        of recipe: Recipe, _ files: PipelineFiles, _ host: Host
    ) -> StartingFolder {
        let here = StartingFolder(files.directory)
        // The short path, where it is the same folder: that of a socket must not be long.
        guard let folder = recipe.folder, folder != host.wholePath(of: here) else { return here }
        return StartingFolder(folder)
    }

    private static func nowhere(_ notes: [String]) -> Failure {
        Failure(
            .nothingToRollBackTo, "No router can be reached with what is known.",
            evidence: notes, hint: "Give its settings with --router-settings JSON.")
    }

    private static func entrance(
        _ lenient: LenientPipeline, _ constants: Constants, _ host: Host
    ) -> Entrance? {
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
            caFile: open.caFile.map(host.wholePath(to:)), connectTo: open.connectTo,
            headers: open.headers, consecutive: 20, within: .seconds(5),
            direct: lenient.colors.mapValues(\.url))
    }
}

extension Failure {
    fileprivate func with(evidence line: String) -> Failure {
        Failure(code, message, evidence: evidence + [line], hint: hint)
    }
}
