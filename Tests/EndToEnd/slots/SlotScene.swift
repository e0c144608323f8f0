import Testing
import TrafficRig

/// A shop behind a proxy that is switched by a slot file.
struct SlotScene: Production {
    let folder: TemporaryFolder
    let blue: ExampleService
    let green: ExampleService
    let proxy: SlotProxyRig

    var url: String { proxy.url }

    /// Opens a shop whose pipeline is `pipeline`, runs `body`, ends every process.
    static func open(
        _ proxy: SlotProxy, _ pipeline: PipelineText = PipelineText(),
        change: (String) -> String = { $0 }, _ body: (SlotScene) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let blue = try await ExampleService.start(color: "blue", version: "1", logs: folder)
            defer { blue.process.killAtOnce() }
            let green = try await ExampleService.start(color: "green", version: "2", logs: folder)
            defer { green.process.killAtOnce() }
            try await SlotProxyRig.open(
                proxy, blue: blue.port, green: green.port, change: change
            ) { proxy in
                let scene = SlotScene(folder: folder, blue: blue, green: green, proxy: proxy)
                try scene.write(pipeline)
                try await body(scene)
            }
        }
    }

    func write(_ pipeline: PipelineText) throws {
        let router = """
              \(proxy.proxy.name):
                slot: \(proxy.slot)
                readBack: \(url)/.bluegreen
            """
        try folder.write(pipeline.text(for: self, router: router), to: "bluegreen.yaml")
    }

    /// Runs `bluegreen WORDS` while users ask who must notice nothing, and judges how it ended.
    func expectUntouched(
        by words: String..., status: Int32, says: String
    ) async throws {
        let live = try await live()
        let summary = try await underLoad { client in
            let done = try await run(words)
            #expect(done.status == status, "\(done)")
            #expect(done.errors.contains(says), "\(done)")
            try await client.wait(for: 50)
            return []
        }
        #expect(summary.errorCount == 0, "\(summary)")
        #expect(summary.colors.keys.sorted() == [live].compactMap(\.self), "\(summary)")
    }
}

/// Which proxies the tests are run against.
enum SlotProxies {
    /// Those that are installed. A missing one is skipped, and said; in CI that is a failure instead.
    static let wanted = SlotProxy.all.filter { proxy in
        if proxy.program != nil || environmentVariable("CI") != nil { return true }
        print("skipped: \(proxy) is not installed")
        return false
    }
}
