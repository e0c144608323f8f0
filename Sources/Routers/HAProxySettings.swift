import Contracts
package import PipelineModel

extension HAProxyRouter {
    package static let settings = SettingsDescription([
        Setting(
            "socket", .text(.fixed), .optional, "The unix socket of the runtime API, level admin."),
        Setting(
            "address", .text(.fixed), .optional,
            "Instead of socket: host:port of the runtime API. Whoever reaches it rules HAProxy."),
        Setting("key", .text(.fixed), .required, "The name of the service inside HAProxy."),
        Setting(
            "map", .text(.fixed), .optional,
            "The map that holds the key, as HAProxy's configuration names it."),
        Setting(
            "mapFile", .text(.fixed), .optional,
            "The map's file on this machine, where its path differs from map."
        ),
        Setting(
            "register", .section(register), .optional,
            "Instead of map: a variable that compares tokens."),
        Setting("backends", .section(backends), .optional, "The names of the backends."),
        Setting(
            "master", .text(.fixed), .optional,
            "The unix socket of the master process: old workers are counted through it."),
    ])

    private static let register = SettingsDescription([
        Setting("variable", .text(.fixed), .required, "The name of the variable, without 'proc.'."),
        Setting(
            "socket", .text(.fixed), .optional, "The unix socket of the control frontend."),
        Setting(
            "address", .text(.fixed), .optional,
            "Instead of socket: host:port of the control frontend. Whoever reaches it can switch."),
        Setting(
            "file", .text(.fixed), .optional,
            "The configuration file that sets the variable at the start; required with socket."),
    ])

    private static let backends = SettingsDescription([
        Setting("blue", .text(.fixed), .standard("<key>_blue"), "The backend of blue."),
        Setting("green", .text(.fixed), .standard("<key>_green"), "The backend of green."),
    ])
}

/// The settings as they will be used.
struct HAProxySettings {
    /// The two ways of keeping the datum.
    enum Way {
        /// `file` is `nil` where it is on another machine.
        case map(String, file: String?)
        case register(variable: String, control: StreamRequest.Endpoint, file: String?)
    }

    let key: String
    let endpoint: StreamRequest.Endpoint
    let master: String?
    let backends: [Color: String]
    let way: Way

    /// Reads everything before it gives up, so that all mistakes show at once.
    init?(_ settings: Section) {
        let key = settings.name("key")
        let endpoint = Self.endpoint(settings)
        let way = Self.way(settings)
        master = settings.path("master")
        backends = Self.backends(settings, key: key ?? "")
        guard let key, let endpoint, let way else { return nil }
        self.key = key
        self.endpoint = endpoint
        self.way = way
    }

    func keeper(asking runtime: HAProxyRuntime, world: World) -> any HAProxyKeeper {
        let names = Color.allCases.compactMap { backends[$0] }
        switch way {
        case .map(let map, let file):
            return HAProxyMap(
                runtime: runtime, map: map, key: key, backends: names,
                file: file.map {
                    PersistedLine(path: $0, locate: HAProxyMap.locate(key), world: world)
                }, files: world.files)
        case .register(let variable, let control, let file):
            return HAProxyRegister(
                runtime: runtime,
                control: HAProxyRuntime(endpoint: control, streams: world.streams),
                variable: variable, backends: names,
                file: file.map {
                    PersistedLine(
                        path: $0, locate: HAProxyRegister.locate(variable), world: world)
                })
        }
    }

    private static func endpoint(_ settings: Section) -> StreamRequest.Endpoint? {
        guard settings.hasExactlyOne(of: "socket", "address") else { return nil }
        if settings.has("socket") { return settings.path("socket").map { .unix(path: $0) } }
        guard let address = settings.text("address") else { return nil }
        guard let endpoint = tcp(address) else {
            settings.report.error(
                at: settings.position(of: "address"), "'address' is not host:port",
                hint: "write it like 127.0.0.1:9999")
            return nil
        }
        return endpoint
    }

    private static func backends(_ settings: Section, key: String) -> [Color: String] {
        let named = settings.section("backends")
        var backends: [Color: String] = [:]
        for color in Color.allCases {
            backends[color] = named?.name(color.rawValue) ?? "\(key)_\(color)"
        }
        if backends[.blue] == backends[.green] {
            settings.report.error(
                at: settings.position(of: "backends"), "blue and green have the same backend",
                hint: "give each colour a backend of its own")
        }
        return backends
    }

    private static func way(_ settings: Section) -> Way? {
        guard settings.hasExactlyOne(of: "map", "register") else { return nil }
        if let register = settings.section("register") { return registerWay(register) }
        let file = settings.path("mapFile")
        guard let map = settings.path("map") else { return nil }
        return .map(map, file: file ?? (settings.has("address") ? nil : map))
    }

    private static func registerWay(_ register: Section) -> Way? {
        let variable = register.name("variable")
        let control = endpoint(register)
        let file = register.path("file")
        guard register.has("file") || register.has("address") else {
            register.report.error(
                at: register.position, "'file' is missing",
                hint: "without it a reload of HAProxy forgets the colour")
            return nil
        }
        guard let variable, let control, file != nil || !register.has("file") else { return nil }
        guard !variable.contains(where: { $0 == "-" || $0 == ":" }) else {
            register.report.error(
                at: register.position(of: "variable"), "'variable' cannot hold '-' or ':'",
                hint: "HAProxy allows letters, digits, '.' and '_'")
            return nil
        }
        return .register(variable: variable, control: control, file: file)
    }

    /// `127.0.0.1:9999`, `haproxy.internal:9999`, `[::1]:9999`
    private static func tcp(_ text: String) -> StreamRequest.Endpoint? {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard SafeWord.isPath(String(host)) else { return nil }
        return .tcp(host: String(host), port: port)
    }
}
