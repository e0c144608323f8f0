import Contracts
import PipelineModel

/// The settings of every router that is switched by a slot file.
enum SlotSettings {
    static func description(_ proxy: String) -> SettingsDescription {
        SettingsDescription([
            Setting(
                "slot", .text(.fixed), .required,
                "The folder of the slot file: the one file in it is named after the live colour."),
            Setting(
                "readBack", .text(.fixed), .optional,
                "An http:// address at which \(proxy) itself says which colour it serves."),
        ])
    }

    /// Reads everything before it gives up, so that all mistakes show at once.
    static func slotSwitch(_ settings: Section, proxy: String, world: World) -> SlotSwitch? {
        let path = folder(settings)
        let address = settings.adminAddress(
            "readBack", example: "http://127.0.0.1/.bluegreen")
        guard let path else { return nil }
        return SlotSwitch(
            proxy: proxy, folder: SlotFolder(path: path, world: world),
            readBack: address.map {
                ReadBack(
                    page: AdminPage(
                        proxy: proxy, setting: "readBack", address: $0, streams: world.streams))
            })
    }

    private static func folder(_ settings: Section) -> String? {
        guard var path = settings.path("slot") else { return nil }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard path.hasPrefix("/"), path != "/" else {
            settings.report.error(
                at: settings.position(of: "slot"), "'slot' is not the absolute path of a folder",
                hint: "write it as in the proxy's configuration: /var/lib/bluegreen/shop")
            return nil
        }
        return path
    }
}
