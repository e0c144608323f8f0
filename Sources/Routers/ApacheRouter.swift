import Contracts
package import PipelineModel

/// Apache, switched by replacing the file of a `RewriteMap` that it looks at for every request.
package struct ApacheRouter: PlainRouter {
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

    let way: any RouterWay

    static func way(_ settings: Section, _ world: World) -> (any RouterWay)? {
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
