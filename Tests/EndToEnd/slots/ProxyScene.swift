import Testing
import TrafficRig

/// A shop behind a real proxy that is switched by a file.
struct ProxyScene: Production {
    let folder: TemporaryFolder
    let blue: ExampleService
    let green: ExampleService
    let proxy: ProxyRig

    var url: String { proxy.url }

    /// Opens a shop whose pipeline is `pipeline`, runs `body`, ends every process. `change` sees the
    /// configuration of the proxy and may change it.
    static func open(
        _ kind: ProxyKind, _ pipeline: PipelineText = PipelineText(deploy: "", checks: ""),
        change: (String) -> String = { $0 }, _ body: (ProxyScene) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let blue = try await ExampleService.start(color: "blue", version: "1", logs: folder)
            defer { blue.process.killAtOnce() }
            let green = try await ExampleService.start(color: "green", version: "2", logs: folder)
            defer { green.process.killAtOnce() }
            try await ProxyRig.open(kind, blue: blue.port, green: green.port, change: change) {
                let scene = ProxyScene(folder: folder, blue: blue, green: green, proxy: $0)
                let text = pipeline.text(for: scene, router: $0.section)
                try folder.write(text, to: "bluegreen.yaml")
                try await body(scene)
            }
        }
    }
}

extension ProxyScene {
    /// Asks at another address what the proxy serves.
    func ask(at url: String) throws {
        try change("readBack: \(proxy.url)", to: "readBack: \(url)")
        try change(proxy.adminURL, to: url)
    }

    /// Makes the proxy send somewhere else what belongs to `port`.
    func lead(_ port: Int, to other: Int) async throws {
        for file in [proxy.kind.configuration, "slot/shop.yml"] {
            guard let text = try? proxy.folder.read(file) else { continue }
            try proxy.folder.write(text.replacing("\(port)", with: "\(other)"), to: file)
        }
        try await proxy.restart()
    }

    /// A run that led users nowhere comes back by itself and says so.
    func expectUndone(_ words: String...) async throws {
        let done = try await run(words)
        #expect(done.status == 11, "\(done)")
        #expect(done.errors.contains("did not show green often enough"), "\(done)")
        #expect(try await live() == "blue")
    }

    /// Switches to and fro by configurations, of blue and of green, that the proxy reads anew under load.
    func eightReloads(
        of configurations: [String], _ reload: () async throws -> Void
    ) async throws -> LoadSummary {
        try await underLoad(rate: 1500, keepAlive: 64, close: 16) { client in
            var changes: [Switch] = []
            for number in 1...8 {
                let color = number % 2
                try proxy.configure(configurations[color])
                let change = try await Switch.measure(to: color == 1 ? "green" : "blue", reload)
                changes.append(change)
                try await client.wait(for: 1500)
            }
            return changes
        }
    }
}

extension ProxyRig {
    /// Its section in a pipeline file, indented by two.
    var section: String {
        (["  \(kind.name):"] + settings.map { "    \($0): \($1)" }).joined(separator: "\n")
    }

    /// The sections of it and of a second one as the routers `lb-1` and `lb-2`.
    func sections(with second: ProxyRig) -> String {
        [self, second].enumerated().map { index, proxy in
            let lines = proxy.section.split(separator: "\n").map { "  \($0)" }
            return "  lb-\(index + 1):\n" + lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
