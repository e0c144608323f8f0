import Contracts
package import PipelineModel

/// Caddy, switched by renaming a file that it looks for at every request, or through its admin API.
package struct CaddyRouter: PlainRouter {
    package static let kind = "caddy"
    package static let summary =
        "Caddy: one file, renamed, looked for at every request; or its admin API, which cuts connections."
    package static let settings = SettingsDescription([
        Setting(
            "slot", .text(.fixed), .optional,
            "The folder of the slot file: the one file in it is named after the live colour."),
        Setting(
            "readBack", .text(.fixed), .optional,
            "With slot: an http:// address at which Caddy itself says which colour it serves."),
        Setting(
            "api", .text(.fixed), .optional,
            "Instead of slot: the http:// address of a vars handler in Caddy's admin API."),
        Setting(
            "resume", .boolean, .standard("false"),
            "With api: whether Caddy is started with --resume, and so keeps the colour."),
    ])

    let way: any RouterWay

    static func way(_ settings: Section, _ world: World) -> (any RouterWay)? {
        guard settings.hasExactlyOne(of: "slot", "api") else { return nil }
        guard settings.has("api") else {
            refuse("resume", of: "api", settings)
            return SlotSettings.slotSwitch(settings, proxy: kind, world: world)
        }
        refuse("readBack", of: "slot", settings)
        let address = settings.adminAddress("api", example: "http://127.0.0.1:2019/id/shop")
        guard let address else { return nil }
        return CaddyAPI(
            page: AdminPage(
                proxy: "Caddy", manual: kind, setting: "api", address: address,
                streams: world.streams),
            resumes: settings.boolean("resume") ?? false, time: world.time)
    }

    /// A setting that says something about the other way.
    private static func refuse(_ key: String, of way: String, _ settings: Section) {
        guard settings.has(key) else { return }
        settings.report.error(
            at: settings.position(of: key), "'\(key)' belongs to '\(way)'", hint: "leave it out")
    }
}
