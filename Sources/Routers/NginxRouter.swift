package import Contracts
package import PipelineModel

/// nginx, switched by renaming a file that it looks for at every request.
package struct NginxRouter: Router {
    package static let kind = "nginx"
    package static let summary = "nginx: one file, renamed, looked for at every request; no reload."
    package static let settings = SlotSettings.description(
        "nginx",
        and: Setting(
            "accessLog", .text(.fixed), .optional,
            "nginx's access log in the format that 'init' writes: what 'router:' metrics count."))

    private let slot: SlotSwitch
    private let log: NginxAccessLog?

    package init?(_ settings: Section, world: World) {
        let read = settings.readingAlone { settings -> (SlotSwitch, NginxAccessLog?)? in
            let slot = SlotSettings.slotSwitch(settings, proxy: Self.kind, world: world)
            let log = SlotSettings.absolutePath(
                "accessLog", of: "a file", as: "/var/log/nginx/shop-bluegreen.log", settings)
            return slot.map { slot in
                (slot, log.map { NginxAccessLog(path: $0, files: world.files) })
            }
        }
        guard let (slot, log) = read else { return nil }
        (self.slot, self.log) = (slot, log)
    }

    package var fencing: Fencing { slot.fencing }
    package var abilities: RouterAbilities { slot.abilities }
    package var address: String { slot.slot.path }
    package var firstValue: String { slot.firstValue }

    package func observe() async throws(Failure) -> Observation { try await slot.observe() }

    package func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        await slot.write(datum, expecting: expecting)
    }
}

extension NginxRouter: MeteredRouter {
    package static let metrics = RouterMetricName.allCases

    package var meter: (any MeteredRouter)? { log == nil ? nil : self }

    package func counters() async throws(Failure) -> [Color: TrafficCounters] {
        try log?.counters() ?? [:]
    }
}
