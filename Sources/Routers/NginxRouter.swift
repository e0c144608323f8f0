package import Contracts
package import PipelineModel

/// nginx, switched by renaming a file that it looks for at every request; or, where its configuration
/// cannot look, by a link that it reads at a reload.
package struct NginxRouter: Router {
    package static let kind = "nginx"
    package static let summary = "nginx: one file, renamed, looked for at every request; no reload."
    package static let settings = NginxSettings.description

    private let slot: SlotSwitch
    private let log: NginxAccessLog?
    private let reload: NginxReload?

    package init?(_ settings: Section, world: World) {
        guard let read = settings.readingAlone({ NginxSettings($0, world: world) }) else {
            return nil
        }
        (slot, log, reload) = (read.slot, read.log, read.reload)
    }

    package var fencing: Fencing { slot.fencing }
    package var abilities: RouterAbilities { slot.abilities }
    package var address: String { slot.slot.path }
    package var firstValue: String { slot.firstValue }
    package var usualDelay: Duration { reload?.usualDelay ?? .zero }

    package func observe() async throws(Failure) -> Observation {
        var observation = try await slot.observe()
        observation.oldWorkers = reload?.oldWorkers
        return observation
    }

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
