import Testing
import TrafficRig

extension RealSlots {
    /// A fleet of two proxies that are switched by a file; the second is rebuilt.
    @Suite(.serialized)
    struct SlotSyncTests {
        @Test(arguments: proxies)
        func `one that is synced before it starts never answers with the old colour`(
            proxy: ProxyKind
        ) async throws {
            try await withSecond(proxy) { scene, second in
                try await keepFirstDay(of: second)
                try await scene.switches(to: "green")
                await second.stop()
                try await restoreFirstDay(of: second)
                let done = try await scene.run("router", "sync", "--from", "lb-1")
                #expect(done.status == 0, "\(done)")
                #expect(done.output.contains("lb-2 will start with green"), "\(done)")
                #expect(try await colorsAtStart(of: second) == ["green"])
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
                try await scene.switches(to: "blue")
            }
        }

        @Test(arguments: proxies)
        func `one that runs already is synced as it runs`(proxy: ProxyKind) async throws {
            try await withSecond(proxy) { scene, second in
                try await keepFirstDay(of: second)
                try await scene.switches(to: "green")
                await second.stop()
                try await restoreFirstDay(of: second)
                #expect(try await colorsAtStart(of: second) == ["blue"])
                let done = try await scene.run("router", "sync", "--from", "lb-1", "lb-2")
                #expect(done.status == 0, "\(done)")
                #expect(done.output.contains("lb-2 shows now: green"), "\(done)")
                #expect(
                    try await FreshRequest("GET", second.url + "/version").send().color == "green")
            }
        }

        private func withSecond(
            _ kind: ProxyKind, _ body: (ProxyScene, ProxyRig) async throws -> Void
        ) async throws {
            try await ProxyScene.open(kind) { scene in
                try await ProxyRig.open(kind, blue: scene.blue.port, green: scene.green.port) {
                    let text = PipelineText(deploy: "", checks: "")
                        .text(for: scene, router: scene.proxy.sections(with: $0))
                    try scene.folder.write(
                        text.replacing("router:\n", with: "routers:\n"), to: "bluegreen.yaml")
                    try await body(scene, $0)
                }
            }
        }

        private func keepFirstDay(of proxy: ProxyRig) async throws {
            try await shell("cp -a slot slot.first", in: proxy)
        }

        private func restoreFirstDay(of proxy: ProxyRig) async throws {
            try await shell("rm -r slot && cp -a slot.first slot", in: proxy)
        }

        private func shell(_ command: String, in proxy: ProxyRig) async throws {
            let done = try await ChildProcess.run(
                ["sh", "-c", command], directory: proxy.folder.path)
            guard done.status == 0 else { throw RigFailure("\(command): \(done)") }
        }

        private func colorsAtStart(of proxy: ProxyRig) async throws -> [String] {
            try await LoadClient.colors(at: proxy.url + "/", rate: 200) {
                try await proxy.restart()
            }
        }
    }
}
