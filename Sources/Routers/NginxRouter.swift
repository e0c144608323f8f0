package import Contracts
package import PipelineModel

/// nginx, switched by renaming a file that it looks for at every request.
package struct NginxRouter: Router {
    package static let kind = "nginx"
    package static let summary = "nginx: one file, renamed, looked for at every request; no reload."
    package static let settings = SlotSettings.description("nginx")

    private let slot: SlotSwitch

    package init?(_ settings: Section, world: World) {
        let slot = settings.readingAlone {
            SlotSettings.slotSwitch($0, proxy: Self.kind, world: world)
        }
        guard let slot else { return nil }
        self.slot = slot
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
