package import Contracts
package import PipelineModel

/// Apache, switched by replacing the file of a `RewriteMap` that it looks at for every request.
package struct ApacheRouter: Router {
    package static let kind = "apache"
    package static let summary =
        "Apache: the file of a RewriteMap, replaced in one rename; nothing is reloaded."
    package static let settings = SettingsDescription([
        Setting(
            "map", .text(.fixed), .required,
            "The file of the RewriteMap, as an absolute path; bluegreen alone writes it."),
        Setting(
            "readBack", .text(.fixed), .optional,
            "An http:// address at which Apache itself says which colour it serves."),
    ])

    private let slot: SlotSwitch

    package init?(_ settings: Section, world: World) {
        let slot = settings.readingAlone { Self.slot($0, world) }
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

    private static func slot(_ settings: Section, _ world: World) -> SlotSwitch? {
        let path = SlotSettings.absolutePath(
            "map", of: "a file", as: "/var/lib/bluegreen/shop/live.map", settings)
        let address = settings.adminAddress(
            "readBack", example: "http://127.0.0.1/.bluegreen")
        guard let path else { return nil }
        return SlotSwitch(
            proxy: "Apache", manual: kind, slot: ApacheMap(path: path, world: world),
            readBack: address.map {
                ReadBack(proxy: "Apache", manual: kind, address: $0, streams: world.streams)
            })
    }
}
