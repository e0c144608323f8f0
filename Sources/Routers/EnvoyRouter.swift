package import Contracts
package import PipelineModel

/// Envoy, switched by renaming the file from which it takes its routes, or the link that a layer of its
/// runtime follows.
///
/// Its routes are the user's own. In a file they have weights for the two clusters; with a layer, one of
/// them applies to the share of requests that the runtime key `NAME.green` says. Each worker uses the
/// new value a moment after the rename.
package struct EnvoyRouter: ForwardingRouter {
    package static let kind = "envoy"
    package static let mayShareTraffic = true
    package static let summary =
        "Envoy: the file of its routes, or the link of a runtime layer, replaced in one rename."
    package static let settings = SettingsDescription(
        [
            Setting(
                "routes", .text(.fixed), .optional,
                "The file from which Envoy takes its routes (RDS by path_config_source)."),
            Setting(
                "runtime", .text(.fixed), .optional,
                "Instead of 'routes': the link that a disk layer of Envoy's runtime has as its"
                    + " symlink_root."),
            Setting(
                "admin", .text(.fixed), .required,
                "Envoy's admin address: http://127.0.0.1:9901."),
            Setting(
                "name", .text(.fixed), .required,
                "'shop' means the clusters shop_blue and shop_green, the routes 'shop', and the runtime"
                    + " key shop.green."),
        ], exactlyOneOf: ["routes", "runtime"])

    let way: any RouterWay
    private let admin: EnvoyAdmin

    package init?(_ settings: Section, world: World) {
        let read = settings.readingAlone { Self.read($0, world) }
        guard let (slot, admin) = read else { return nil }
        (way, self.admin) = (slot, admin)
    }

    package var firstValue: String { way.firstValue + " Then restart Envoy." }
    package func believed() async -> Set<RouterAbilities.Believed> { [.testers] }
    package var abilities: RouterAbilities {
        var abilities = way.abilities
        abilities.showsDrain = true
        abilities.routesTesters = true
        return abilities
    }

    package func observe() async throws(Failure) -> Observation {
        var observation = try await way.observe()
        observation.pools = try await admin.statistics().compactMapValues(Pool.init)
        return observation
    }

    package func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        do throws(Failure) {
            let clusters = try await admin.statistics().compactMapValues(Pool.init)
            let needed = datum.idlePercent == nil ? [datum.live] : Color.allCases
            if let missing = needed.first(where: { clusters[$0] == nil }) {
                throw Failure(
                    .routerTargetMissing, "Envoy has no cluster \(admin.name)_\(missing).",
                    hint: "Define it, or mend 'name' in the pipeline.")
            }
        } catch {
            return .notApplied(error)
        }
        return await way.write(datum, expecting: expecting)
    }

    /// Reads everything before it gives up, so that all mistakes show at once.
    private static func read(_ settings: Section, _ world: World) -> (SlotSwitch, EnvoyAdmin)? {
        let address = settings.adminAddress("admin", example: "http://127.0.0.1:9901")
        let name = settings.name("name")
        guard settings.hasExactlyOne(of: "routes", "runtime") else { return nil }
        let path =
            settings.has("routes")
            ? SlotSettings.absolutePath(
                "routes", of: "a file", as: "/var/lib/bluegreen/shop/routes.yaml", settings)
            : SlotSettings.absolutePath(
                "runtime", of: "a link", as: "/var/lib/bluegreen/shop/current", settings)
        guard let path, let address, let name else { return nil }
        let admin = EnvoyAdmin(
            page: AdminPage(
                proxy: "Envoy", manual: kind, setting: "admin", address: address,
                streams: world.streams), name: name)
        return (
            settings.has("routes")
                ? routes(path, admin, world) : layer(path, admin, world), admin
        )
    }

    private static func routes(_ path: String, _ admin: EnvoyAdmin, _ world: World) -> SlotSwitch {
        let file = EnvoyRoutes(path: path, service: admin.name, world: world)
        return slot(file, EnvoyRoutesWitness(page: admin.page, file: file))
    }

    private static func layer(_ path: String, _ admin: EnvoyAdmin, _ world: World) -> SlotSwitch {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        let link = SlotLink(
            path: path, targets: [.blue: "blue", .green: "green"], world: world,
            shares: EnvoyShares(folder: folder, name: admin.name, world: world))
        return slot(link, admin)
    }

    private static func slot(_ slot: any Slot, _ witness: any ColorWitness) -> SlotSwitch {
        SlotSwitch(
            proxy: "Envoy", manual: kind, slot: slot, readBack: witness, fencing: .asynchronous,
            patience: 30)
    }
}

extension EnvoyRouter: MeteredRouter {
    package static let metrics: [RouterMetricName] = [.errorRate, .requestRate]

    /// What Envoy answered for each cluster, its own 503 where it reached nobody included.
    package func counters() async throws(Failure) -> [Color: TrafficCounters] {
        let numbers = try await admin.statistics()
        return Dictionary(
            uniqueKeysWithValues: Color.allCases.map { color in
                let own = numbers[color] ?? [:]
                return (
                    color,
                    TrafficCounters(
                        requests: own["upstream_rq_completed"] ?? 0,
                        errors: own["upstream_rq_5xx"] ?? 0,
                        inFlight: own["upstream_rq_active"] ?? 0)
                )
            })
    }
}

extension Pool {
    /// `nil` where these are not the numbers of a cluster.
    fileprivate init?(_ numbers: [String: Int]) {
        guard let up = numbers["membership_healthy"], let all = numbers["membership_total"] else {
            return nil
        }
        self.init(
            serversUp: up, serversInAll: all, inFlight: numbers["upstream_rq_active"] ?? 0)
    }
}
