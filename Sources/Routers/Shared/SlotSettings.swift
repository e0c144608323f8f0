import Contracts
import PipelineModel

/// The settings of every router that is switched by a slot file.
enum SlotSettings {
    /// Reads everything before it gives up, so that all mistakes show at once.
    static func slotSwitch(_ settings: Section, proxy: String, world: World) -> SlotSwitch? {
        let path = folder(settings)
        let address = settings.adminAddress(
            "readBack", example: "http://127.0.0.1/.bluegreen")
        guard let path else { return nil }
        return SlotSwitch(
            proxy: proxy, manual: proxy, slot: SlotFolder(path: path, world: world),
            readBack: address.map {
                ReadBack(proxy: proxy, manual: proxy, address: $0, streams: world.streams)
            })
    }

    private static func folder(_ settings: Section) -> String? {
        absolutePath("slot", of: "a folder", as: "/var/lib/bluegreen/shop", settings)
    }

    /// Without slashes at its end; anything but an absolute path below the root is reported.
    static func absolutePath(
        _ key: String, of what: String, as example: String, _ settings: Section
    ) -> String? {
        guard var path = settings.path(key) else { return nil }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard path.hasPrefix("/"), path != "/" else {
            settings.report.error(
                at: settings.position(of: key), "'\(key)' is not the absolute path of \(what)",
                hint: "write it as in the proxy's configuration: \(example)")
            return nil
        }
        return path
    }
}
