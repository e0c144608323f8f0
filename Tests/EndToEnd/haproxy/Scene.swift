import TrafficRig

/// A shop behind HAProxy.
struct Scene: Production {
    let shop: Shop

    var folder: TemporaryFolder { shop.folder }
    var url: String { shop.url }
    var blue: ExampleService { shop.blue }
    var green: ExampleService { shop.green }

    /// Opens a shop whose pipeline is `pipeline`, runs `body`, ends every process.
    static func open(
        _ mechanism: HAProxyConfiguration.Mechanism = .map(),
        _ pipeline: PipelineText = PipelineText(), _ body: (Scene) async throws -> Void
    ) async throws {
        try await Shop.open(mechanism) { shop in
            let scene = Scene(shop: shop)
            try scene.write(pipeline, mechanism)
            // HAProxy begins by believing that every server is up; let it look once.
            try await eventually("HAProxy to see both colours") {
                try shop.haproxy.serverStates().values.allSatisfy { $0 == "UP" }
            }
            try await body(scene)
        }
    }

    /// The same with a gate before the runtime API that the program talks to.
    static func openGated(
        _ pipeline: PipelineText = PipelineText(),
        _ body: (Scene, RuntimeGate) async throws -> Void
    ) async throws {
        try await open { scene in
            var pipeline = pipeline
            let path = scene.folder.file("gate.sock")
            pipeline.socket = path
            try scene.write(pipeline)
            try await RuntimeGate.open(before: scene.shop.haproxy.socket, at: path) { gate in
                try await body(scene, gate)
            }
        }
    }

    func write(
        _ pipeline: PipelineText, _ mechanism: HAProxyConfiguration.Mechanism = .map()
    ) throws {
        let router = pipeline.haproxy(shop.haproxy, mechanism)
        try folder.write(pipeline.text(for: self, router: router), to: "bluegreen.yaml")
    }
}
