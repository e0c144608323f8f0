package import Contracts
package import PipelineModel

/// The `embedded:` section: read by the router, and by the verb that starts the proxy.
package struct EmbeddedSettings: Sendable {
    /// A unix socket's path has 107 bytes at most.
    private static let longestPath = 107

    /// Everything but the upstreams and the place of the register.
    package let plan: ProxyPlan

    /// Reads everything before it gives up, so that all mistakes show at once.
    ///
    /// Each port has a folder of its own, so two stages never meet.
    package init?(_ settings: Section) {
        let listen = Self.address("listen", settings, standard: "127.0.0.1:8080")
        let folder = settings.folder.path(to: ".bluegreen/proxy-\(listen?.port ?? 0)")
        let admin = settings.path("admin").map(settings.folder.path)
        let preview = Self.address("preview", settings)
        let metrics = Self.address("metrics", settings)
        guard let listen else { return nil }
        var plan = ProxyPlan(
            listen: listen, admin: admin ?? folder + "/admin.sock", folder: folder)
        plan.preview = preview
        plan.metrics = metrics
        plan.trustedPeers = Set(settings.texts("trust") ?? [])
        plan.writesAccessLog = settings.boolean("accessLog") ?? false
        plan.showsLive = settings.boolean("showLive") ?? false
        plan.limits = Self.limits(settings.section("limits"))
        guard plan.admin.utf8.count <= Self.longestPath else {
            settings.report.error(
                at: settings.position(of: "admin"), "the path of the admin socket is too long",
                hint: "name a short one: 'admin: /run/shop/admin.sock'")
            return nil
        }
        self.plan = plan
    }

    private static func address(
        _ key: String, _ settings: Section, standard: String? = nil
    ) -> NetworkAddress? {
        guard let text = settings.text(key) ?? standard else { return nil }
        guard let address = NetworkAddress(text) else {
            settings.report.error(
                at: settings.position(of: key), "'\(key)' is not host:port",
                hint: "write it like 127.0.0.1:8080")
            return nil
        }
        return address
    }

    private static func limits(_ section: Section?) -> ProxyPlan.Limits {
        var limits = ProxyPlan.Limits()
        limits.body = section?.text("body").flatMap(ByteCount.parse)
        limits.connections = section?.integer("connections")
        limits.connectionsPerPeer = section?.integer("connectionsPerPeer")
        limits.idle = section?.positive("idle")
        limits.connect = section?.positive("connect")
        limits.response = section?.positive("response")
        return limits
    }
}

extension EmbeddedSettings {
    static let description = SettingsDescription([
        Setting(
            "listen", .text(.fixed), .standard("127.0.0.1:8080"),
            "Where production traffic is taken: host:port."),
        Setting(
            "admin", .text(.fixed), .optional,
            "The admin socket; the standard is .bluegreen/proxy-PORT/admin.sock beside this file."),
        Setting(
            "preview", .text(.fixed), .optional,
            "A second host:port, whose requests always go to the idle colour."),
        Setting(
            "metrics", .text(.fixed), .optional,
            "host:port where GET /metrics answers Prometheus. Without it nothing listens."),
        Setting(
            "accessLog", .boolean, .standard("false"), "Writes a JSON line for each request."),
        Setting(
            "showLive", .boolean, .standard("false"),
            "Adds X-Live with the chosen colour to every answer."),
        Setting(
            "trust", .oneOrMany(.text(.fixed)), .optional,
            "IP addresses whose X-Forwarded-* and Forwarded are believed."),
        Setting("limits", .section(limits), .optional, "What one client may cost."),
    ])

    private static let limits = SettingsDescription([
        Setting("body", .size, .optional, "The largest request body; without it any size."),
        Setting(
            "connections", .integer(1...1_000_000), .standard("10000"),
            "Open connections of clients, all together."),
        Setting(
            "connectionsPerPeer", .integer(1...1_000_000), .optional,
            "Open connections of one IP address; without it no limit."),
        Setting("idle", .duration, .standard("75s"), "Between two requests on one connection."),
        Setting("connect", .duration, .standard("3s"), "For a connection to a colour."),
        Setting(
            "response", .duration, .standard("60s"),
            "From the whole request to the beginning of the answer."),
    ])
}
