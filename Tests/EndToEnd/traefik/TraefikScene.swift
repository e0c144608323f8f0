import Testing
import TrafficRig

/// A shop behind a real Traefik.
struct TraefikScene: Production {
    let folder: TemporaryFolder
    let blue: ExampleService
    let green: ExampleService
    let traefik: TraefikRig

    var url: String { traefik.url }

    /// Opens a shop whose pipeline is `pipeline`, runs `body`, ends every process.
    static func open(
        _ pipeline: PipelineText = PipelineText(deploy: "", checks: ""),
        change: (String) -> String = { $0 }, _ body: (TraefikScene) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let blue = try await ExampleService.start(color: "blue", version: "1", logs: folder)
            defer { blue.process.killAtOnce() }
            let green = try await ExampleService.start(color: "green", version: "2", logs: folder)
            defer { green.process.killAtOnce() }
            try await TraefikRig.open(blue: blue.port, green: green.port, change: change) {
                let scene = TraefikScene(folder: folder, blue: blue, green: green, traefik: $0)
                try scene.write(pipeline)
                try await body(scene)
            }
        }
    }

    func write(_ pipeline: PipelineText) throws {
        let router = """
              traefik:
                file: \(traefik.file)
                api: http://127.0.0.1:\(traefik.apiPort)
                name: shop
            """
        try folder.write(pipeline.text(for: self, router: router), to: "bluegreen.yaml")
    }

    func switches(to color: String) async throws {
        let done = try await run("switch", color, "--no-bake")
        #expect(done.status == 0, "\(done)")
        #expect(try await live() == color)
    }

    /// A missing program is skipped, and said; in CI that is a failure instead.
    static let isWanted: Bool = {
        if TraefikRig.program != nil || environmentVariable("CI") != nil { return true }
        print("skipped: traefik is not installed")
        return false
    }()
}
