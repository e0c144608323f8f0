import Testing
import TrafficRig

/// A shop behind several HAProxys, three where nothing else is said. The second keeps its colour in a
/// register, the others, and always the last, in a map.
struct FleetScene: Production {
    let folder: TemporaryFolder
    let blue: ExampleService
    let green: ExampleService
    /// `lb-1`, `lb-2`...; users are proven through the first.
    let proxies: [HAProxyRig]

    private static func mechanism(
        _ index: Int, of count: Int
    ) -> HAProxyConfiguration.Mechanism {
        index == 1 && count > 2 ? .register() : .map()
    }

    var url: String { proxies[0].url }
    var last: HAProxyRig { proxies[proxies.count - 1] }

    /// Opens a shop on blue, runs `body`, ends every process.
    static func open(
        _ pipeline: PipelineText = PipelineText(deploy: "", checks: ""), quorum: Int? = nil,
        count: Int = 3, _ body: (FleetScene) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let blue = try await ExampleService.start(
                color: "blue", version: "1.0.0", logs: folder)
            defer { blue.process.killAtOnce() }
            let green = try await ExampleService.start(
                color: "green", version: "2.0.0", logs: folder)
            defer { green.process.killAtOnce() }
            try await Self.proxies(count, blue, green) { proxies in
                let scene = FleetScene(
                    folder: folder, blue: blue, green: green, proxies: proxies)
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
            let path = scene.folder.file("gate.sock")
            try scene.write(pipeline, gate: path)
            try await RuntimeGate.open(before: scene.last.socket, at: path) { gate in
                try await body(scene, gate)
            }
        }
    }

    private static func proxies(
        _ count: Int, _ blue: ExampleService, _ green: ExampleService,
        _ started: [HAProxyRig] = [], _ body: ([HAProxyRig]) async throws -> Void
    ) async throws {
        guard started.count < count else { return try await body(started) }
        try await withTemporaryFolder { folder in
            let configuration = HAProxyConfiguration(
                mechanism(started.count, of: count), blue: [blue.port], green: [green.port])
            try await HAProxyRig.open(configuration, in: folder) { proxy in
                try await proxies(count, blue, green, started + [proxy], body)
            }
        }
    }

    /// `gate` stands before the runtime API of the last one.
    func write(_ pipeline: PipelineText, quorum: Int? = nil, gate: String? = nil) throws {
        let routers = proxies.enumerated().map { index, proxy in
            var pipeline = pipeline
            pipeline.socket = index == proxies.count - 1 ? gate : nil
            let mechanism = Self.mechanism(index, of: proxies.count)
            let lines = pipeline.haproxy(proxy, mechanism).split(separator: "\n")
            return (["  lb-\(index + 1):"] + lines.map { "  \($0)" }).joined(separator: "\n")
        }
        let rule = quorum.map { "\nfleet: {require: {quorum: \($0)}}" } ?? ""
        try folder.write(
            pipeline.text(for: self, router: routers.joined(separator: "\n") + rule)
                .replacing("router:\n", with: "routers:\n"), to: "bluegreen.yaml")
    }

    /// Who answers a user on a fresh connection, through each of the first `count` proxies.
    func lives(_ count: Int = 3) async throws -> [String?] {
        var colors: [String?] = []
        for proxy in proxies.prefix(count) {
            colors.append(try await FreshRequest("GET", proxy.url + "/version").send().color)
        }
        return colors
    }

    /// What each of them holds.
    var router: FleetOfHAProxy {
        FleetOfHAProxy(
            members: proxies.enumerated().map { index, proxy in
                switch Self.mechanism(index, of: proxies.count) {
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
        var clients: [LoadClient] = []
        for proxy in proxies.prefix(count) {
            clients.append(
                try await LoadClient.start(
                    LoadPlan(
                        url: proxy.url + "/", rate: rate, keepAlive: 8, close: 4, posts: 2)))
        }
        for client in clients { try await client.wait(for: 20) }
        do {
            let switches = try await body(clients)
            var summaries: [LoadSummary] = []
            for client in clients { summaries.append(try await client.stop(switches: switches)) }
            return summaries
        } catch {
            for client in clients { _ = try await client.stop() }
            throw error
        }
    }

    func expectStatus(_ expected: Int32, _ words: String...) async throws {
        let status = try await run("status")
        #expect(status.status == expected, "\(status)")
        for word in words { #expect(status.output.contains(word), "\(status)") }
    }
}
