import Contracts
import PipelineModel

/// What the pipeline says about an nginx.
struct NginxSettings {
    static let description = SettingsDescription(
        [
            Setting(
                "slot", .text(.fixed), .optional,
                "The folder of the slot file: the one file in it is named after the live colour."),
            Setting(
                "reload", .section(reloading), .optional,
                "Instead of 'slot', where nginx cannot look for a file: a switch by a reload, which loses"
                    + " requests."),
            Setting(
                "command", .list(.text(.fixed)), .optional,
                "With slot: how nginx is called, before -T. 'doctor' looks so for open_file_cache, and each"
                    + " switch where this is said."),
            Setting(
                "readBack", .text(.fixed), .optional,
                "An http:// address at which nginx itself says which colour it serves."),
            Setting(
                "accessLog", .text(.fixed), .optional,
                "nginx's access log in the format that 'init' writes: what 'router:' metrics count."
            ),
        ], exactlyOneOf: ["slot", "reload"])

    private static let reloading = SettingsDescription([
        Setting(
            "include", .text(.fixed), .required,
            "The link that nginx includes; blue.conf and green.conf lie beside it."),
        Setting(
            "command", .list(.text(.fixed)), .standard("[nginx]"),
            "How nginx is called, before -t and -s reload."),
        Setting(
            "pid", .text(.fixed), .standard("/run/nginx.pid"),
            "nginx's pid file: its workers that shut down are waited for, for a second, and shown."),
    ])

    let slot: SlotSwitch
    let log: NginxAccessLog?
    /// Where nginx looks for a slot file.
    let cache: NginxCacheLook?

    /// Reads everything before it gives up, so that all mistakes show at once.
    init?(_ settings: Section, world: World) {
        let logPath = SlotSettings.absolutePath(
            "accessLog", of: "a file", as: "/var/log/nginx/shop-bluegreen.log", settings)
        log = logPath.map { NginxAccessLog(path: $0, files: world.files) }
        guard let section = settings.section("reload") else {
            guard
                let slot = SlotSettings.slotSwitch(
                    settings, proxy: NginxRouter.kind, world: world)
            else { return nil }
            self.slot = slot
            cache = NginxCacheLook(
                command: settings.texts("command") ?? ["nginx"], place: slot.slot.path,
                world: world)
            return
        }
        cache = nil
        if settings.has("command") {
            settings.report.error(
                at: settings.position(of: "command"), "'command' belongs to 'slot'",
                hint: "'reload' has one of its own")
        }
        guard let slot = Self.reload(section, settings, world) else { return nil }
        self.slot = slot
    }

    private static func reload(
        _ section: Section, _ settings: Section, _ world: World
    ) -> SlotSwitch? {
        let include = SlotSettings.absolutePath(
            "include", of: "a link", as: "/etc/nginx/bluegreen/live.conf", section)
        let pid =
            section.has("pid")
            ? SlotSettings.absolutePath("pid", of: "a file", as: "/run/nginx.pid", section)
            : "/run/nginx.pid"
        let address = settings.adminAddress("readBack", example: "http://127.0.0.1/.bluegreen")
        if !settings.has("readBack") {
            settings.report.error(
                at: settings.position(of: "reload"), "'reload' needs 'readBack'",
                hint: "a reload that nginx ignores is seen only in what it serves")
        }
        guard let include, let pid, let address else { return nil }
        let readBack = ReadBack(
            proxy: "nginx", manual: NginxRouter.kind, address: address, streams: world.streams)
        let reload = NginxReload(
            command: section.texts("command") ?? ["nginx"], include: include, pid: pid,
            readBack: readBack, world: world)
        let link = SlotLink(
            path: include, targets: [.blue: "blue.conf", .green: "green.conf"], world: world,
            kind: .file)
        // What a master that is slow reads late is noticed, and not kept out.
        return SlotSwitch(
            proxy: "nginx", manual: NginxRouter.kind, slot: link, readBack: readBack,
            fencing: .asynchronous, patience: 30, loader: reload)
    }
}
