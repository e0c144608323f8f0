package import Contracts
package import PipelineModel

/// A symbolic link that is replaced in one rename: static sites, and what is laid out as Capistrano does.
package struct SymlinkRouter: ForwardingRouter {
    package static let kind = "symlink"
    package static let summary =
        "A symbolic link to one of two folders, replaced in one rename; for static files."
    package static let settings = SettingsDescription([
        Setting(
            "link", .text(.fixed), .required,
            "The absolute path of the link that the server has as its root."),
        Setting(
            "targets", .section(targets), .optional,
            "What the link says for each colour; the standard is blue and green beside it."),
        Setting(
            "readBack", .text(.fixed), .optional,
            "An http:// address whose answer is only blue or green, out of the folder served."),
        Setting(
            "command", .list(.text(.fixed)), .optional,
            "Where nginx serves: how it is called, before -T. 'doctor' and each switch look so for"
                + " open_file_cache."),
    ])

    private static let targets = SettingsDescription(
        Color.allCases.map {
            Setting($0.rawValue, .text(.fixed), .standard($0.rawValue), "The folder of \($0).")
        })

    let way: any RouterWay
    private let cache: NginxCacheLook?

    package init?(_ settings: Section, world: World) {
        guard let read = settings.readingAlone({ Self.read($0, world) }) else { return nil }
        (way, cache) = read
    }

    /// The server may be another program: it is asked only where the settings say how.
    package func inspect(isBeforeSwitch _: Bool) async -> Inspection? { await cache?.inspect() }

    private static func read(
        _ settings: Section, _ world: World
    ) -> (any RouterWay, NginxCacheLook?)? {
        let path = SlotSettings.absolutePath(
            "link", of: "a link", as: "/var/www/shop/current", settings)
        let readBack = settings.adminAddress(
            "readBack", example: "http://127.0.0.1/live")
        let named = settings.section("targets")
        var targets: [Color: String] = [:]
        for color in Color.allCases {
            targets[color] = named?.path(color.rawValue) ?? color.rawValue
        }
        let command = settings.texts("command")
        guard let path else { return nil }
        let link = SlotLink(path: path, targets: targets, world: world)
        if link.folder(of: .blue) == link.folder(of: .green) {
            settings.report.error(
                at: settings.position(of: "targets"), "blue and green have the same folder",
                hint: "give each colour a folder of its own")
        }
        let way = SlotSwitch(
            proxy: "The server", manual: kind,
            slot: link,
            readBack: readBack.map {
                ReadBack(proxy: "The server", manual: kind, address: $0, streams: world.streams)
            })
        let cache = command.map {
            NginxCacheLook(
                command: $0, place: path, manual: kind, harm: "hides a switch", world: world)
        }
        return (way, cache)
    }
}
