import Testing
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

    /// The same with green live, and a name in every address of the pipeline, the router's too.
    static func openByName(_ body: (Scene) async throws -> Void) async throws {
        try await open { scene in
            let socket = scene.shop.haproxy.socket
            try await RuntimeGate.open(before: socket, on: "127.0.0.1") { gate in
                let pipeline = try scene.folder.read("bluegreen.yaml")
                    .replacing("socket: \(socket)", with: "address: \(gate.path)")
                    .replacing("127.0.0.1", with: "localhost")
                try scene.folder.write(pipeline, to: "bluegreen.yaml")
                let deploy = try await scene.run("deploy", "2.0.0")
                #expect(deploy.status == 0, "\(deploy)")
                try await body(scene)
            }
        }
    }

    /// What was told only to HAProxy's memory is gone after a restart; nobody is left in the dark, and
    /// traffic can be moved again.
    func expectForgotten() async throws {
        try await shop.haproxy.restart()
        #expect(try await live() == "blue")
        let status = try await run("status")
        #expect(status.status == 33, "\(status)")
        let back = try await run("rollback", "--to", "green", "--reason", "test")
        #expect(back.status == 0, "\(back)")
        #expect(try await live() == "green")
    }

    /// What the pipeline says of its class is shown as that, until a probe has tested it; a lie is found.
    func expectDeclaredUntilProbed() async throws {
        let before = try await run("doctor")
        #expect(
            before.output.contains("class S, declared, not tested"), "\(before)")
        let plan = try await run("plan", "1.0")
        #expect(plan.output.contains("open connections may be cut"), "\(plan)")
        let probe = try await run("doctor", "--probe", "-y")
        #expect(probe.status == 0, "\(probe)")
        let after = try await run("status", "-v")
        #expect(after.output.contains("class S (declared and tested)"), "\(after)")
        try change("class: S", to: "class: T")
        let changed = try await run("status", "-v")
        #expect(changed.output.contains("class T (declared, not tested)"), "\(changed)")
        let lie = try await run("doctor", "--probe", "-y")
        #expect(lie.status == 10, "\(lie)")
        #expect(lie.output.contains("took the older token"), "\(lie)")
        #expect(try await live() == "blue")
    }

    func write(
        _ pipeline: PipelineText, _ mechanism: HAProxyConfiguration.Mechanism = .map()
    ) throws {
        let router = pipeline.haproxy(shop.haproxy, mechanism)
        try folder.write(pipeline.text(for: self, router: router), to: "bluegreen.yaml")
    }
}
