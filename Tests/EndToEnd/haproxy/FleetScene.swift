import Testing
import TrafficRig

/// A shop behind several HAProxys, three where nothing else is said. The second of three keeps its colour
/// in a register unless all shall have a map, the others, and always the last, in a map.
struct FleetScene: Production {
    let folder: TemporaryFolder
    let blue: ExampleService
    let green: ExampleService
    /// `lb-1`, `lb-2`...; users are proven through the first.
    let proxies: [HAProxyRig]
    private let mechanisms: [HAProxyConfiguration.Mechanism]

    var url: String { proxies[0].url }
    var last: HAProxyRig { proxies[proxies.count - 1] }

    /// Opens a shop on blue, runs `body`, ends every process.
    static func open(
        _ pipeline: PipelineText = PipelineText(deploy: "", checks: ""), quorum: Int? = nil,
        count: Int = 3, hasRegister: Bool = true, _ body: (FleetScene) async throws -> Void
    ) async throws {
        let mechanisms: [HAProxyConfiguration.Mechanism] = (0..<count).map {
            $0 == 1 && count > 2 && hasRegister ? .register() : .map()
        }
        try await withTemporaryFolder { folder in
            let blue = try await ExampleService.start(
                color: "blue", version: "1.0.0", logs: folder)
            defer { blue.process.killAtOnce() }
            let green = try await ExampleService.start(
                color: "green", version: "2.0.0", logs: folder)
            defer { green.process.killAtOnce() }
            try await Self.proxies(mechanisms, blue, green) { proxies in
                let scene = FleetScene(
                    folder: folder, blue: blue, green: green, proxies: proxies,
                    mechanisms: mechanisms)
                try scene.write(pipeline, quorum: quorum)
                for proxy in proxies {
                    try await eventually("HAProxy to see both colours") {
                        try proxy.serverStates().values.allSatisfy { $0 == "UP" }
                    }
                }
                try await body(scene)
            }
        }
    }

    /// The same with a gate before the runtime API of the last one.
    static func openGated(
        _ pipeline: PipelineText = PipelineText(deploy: "", checks: ""), count: Int = 3,
        _ body: (FleetScene, RuntimeGate) async throws -> Void
    ) async throws {
        try await open(pipeline, count: count) { scene in
            try await scene.gated(pipeline, from: count - 1) { gates in
                try await body(scene, gates[0].runtime)
            }
        }
    }

    /// The same with gates before each of them.
    static func openGatedEverywhere(
        _ pipeline: PipelineText, count: Int,
        _ body: (FleetScene, [HAProxyGates]) async throws -> Void
    ) async throws {
        try await open(pipeline, count: count) { scene in
            try await scene.gated(pipeline, from: 0) { try await body(scene, $0) }
        }
    }

    /// Opens gates before the proxies from number `first` on while `body` runs.
    private func gated(
        _ pipeline: PipelineText, from first: Int, _ opened: [HAProxyGates] = [],
        _ body: ([HAProxyGates]) async throws -> Void
    ) async throws {
        let next = first + opened.count
        guard next < proxies.count else {
            try write(pipeline, gates: opened)
            return try await body(opened)
        }
        try await HAProxyGates.open(before: proxies[next], mechanisms[next]) {
            try await gated(pipeline, from: first, opened + [$0], body)
        }
    }

    private static func proxies(
        _ mechanisms: [HAProxyConfiguration.Mechanism], _ blue: ExampleService,
        _ green: ExampleService, _ started: [HAProxyRig] = [],
        _ body: ([HAProxyRig]) async throws -> Void
    ) async throws {
        guard started.count < mechanisms.count else { return try await body(started) }
        try await withTemporaryFolder { folder in
            let configuration = HAProxyConfiguration(
                mechanisms[started.count], blue: [blue.port], green: [green.port])
            try await HAProxyRig.open(configuration, in: folder) { proxy in
                try await proxies(mechanisms, blue, green, started + [proxy], body)
            }
        }
    }

    /// `gates` stand before the last ones.
    func write(
        _ pipeline: PipelineText, quorum: Int? = nil, gates: [HAProxyGates] = []
    ) throws {
        let open = proxies.count - gates.count
        let routers = proxies.enumerated().map { index, proxy in
            (index < open ? pipeline : pipeline.through(gates[index - open]))
                .haproxy(proxy, mechanisms[index])
        }
        try folder.write(
            pipeline.text(for: self, routers: routers, quorum: quorum), to: "bluegreen.yaml")
    }

    /// Who answers a user on a fresh connection, through each of the first `count` proxies.
    func lives(_ count: Int = 3) async throws -> [String?] {
        try await lives(at: proxies.prefix(count).map(\.url))
    }

    /// What each of them holds.
    var router: FleetOfHAProxy {
        FleetOfHAProxy(
            members: proxies.enumerated().map { index, proxy in
                switch mechanisms[index] {
                case .map, .plainMap: MapOfHAProxy(haproxy: proxy)
                case .register: RegisterOfHAProxy(haproxy: proxy)
                }
            })
    }

    /// Runs `body` while users ask through each of the first `count` proxies.
    func underLoadEverywhere(
        _ count: Int = 3, rate: Int = 100,
        _ body: ([LoadClient]) async throws -> [Switch]
    ) async throws -> [LoadSummary] {
        try await underLoad(at: proxies.prefix(count).map(\.url), rate: rate, body)
    }
}
