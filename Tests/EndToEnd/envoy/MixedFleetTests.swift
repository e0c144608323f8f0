import Testing
import TrafficRig

/// A shop behind one HAProxy, `lb-1`, through which users are proven, and one Envoy, `lb-2`.
private struct MixedFleetScene: Production {
    let folder: TemporaryFolder
    let blue: ExampleService
    let green: ExampleService
    let haproxy: HAProxyRig
    let envoy: ProxyRig

    var url: String { haproxy.url }
    var addresses: [String] { [haproxy.url, envoy.url] }

    /// Opens a shop on blue, runs `body`, ends every process.
    static func open(
        _ pipeline: PipelineText, _ body: (MixedFleetScene) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let blue = try await ExampleService.start(color: "blue", version: "1", logs: folder)
            defer { blue.process.killAtOnce() }
            let green = try await ExampleService.start(color: "green", version: "2", logs: folder)
            defer { green.process.killAtOnce() }
            let configuration = HAProxyConfiguration(blue: [blue.port], green: [green.port])
            try await HAProxyRig.open(configuration, in: folder) { haproxy in
                try await ProxyRig.open(.envoyByLayer, blue: blue.port, green: green.port) {
                    let scene = MixedFleetScene(
                        folder: folder, blue: blue, green: green, haproxy: haproxy, envoy: $0)
                    let routers = [pipeline.haproxy(haproxy, .map()), $0.section]
                    try folder.write(
                        pipeline.text(for: scene, routers: routers), to: "bluegreen.yaml")
                    try await eventually("HAProxy to see both colours") {
                        try haproxy.serverStates().values.allSatisfy { $0 == "UP" }
                    }
                    try await body(scene)
                }
            }
        }
    }

    /// Who answers so many fresh requests through each of the two.
    func answersEverywhere(_ count: Int = 100) async throws -> [[String?]: Int] {
        var colors: [[String?]: Int] = [:]
        for _ in 0..<count { colors[try await lives(at: addresses), default: 0] += 1 }
        return colors
    }

    /// Waits until both are seen to have this share.
    func shared(_ percent: Int) async throws {
        try await eventually("a share of \(percent)% on both", within: .seconds(20)) {
            try await run("status").output.contains("\(percent)% of the requests")
        }
    }
}

extension RealHAProxy {
    /// A share behind routers of two kinds, each of which keeps and counts it in its own way.
    @Suite(.serialized, .enabled(if: ProxyKind.envoyByLayer.isWanted))
    struct MixedFleetTests {
        private static func pipeline(_ steps: String, errors: Int = 0) -> PipelineText {
            PipelineText(
                deploy: PipelineText.release(errors: errors),
                bake: PipelineText.bake("2s", interval: "200ms", minimum: 1),
                more: """
                    switch:
                      canary: [\(steps)]
                    """)
        }

        @Test func `a good release gets its share on both, step by step, and no request is lost`()
            async throws
        {
            let pipeline = Self.pipeline("{weight: 10%, for: 4s}, {weight: 50%, for: 3s}")
            try await MixedFleetScene.open(pipeline) { scene in
                let summaries = try await scene.underLoad(at: scene.addresses) { _ in
                    try await scene.beside("deploy", "2.1.0") { process in
                        for percent in [10, 50] { try await scene.shared(percent) }
                        // At 50% each has shown both, but once in more times than anybody counts.
                        let colors = try await scene.answersEverywhere().keys
                        #expect(Set(colors.map { $0[0] }) == ["blue", "green"])
                        #expect(Set(colors.map { $0[1] }) == ["blue", "green"])
                        let done = try await process.finish(within: .seconds(40))
                        #expect(done.status == 0, "\(done)")
                    }
                    return []
                }
                #expect(summaries.allSatisfy { $0.errorCount == 0 }, "\(summaries)")
                #expect(try await scene.answersEverywhere() == [["green", "green"]: 100])
                #expect(try scene.journal().count { $0.k == "canaryJudged" } == 2)
                try await scene.expectStatus(0)
            }
        }

        @Test func `a bad release loses its share on both at its first step`() async throws {
            let pipeline = Self.pipeline("{weight: 10%, for: 60s}", errors: 50)
            try await MixedFleetScene.open(pipeline) { scene in
                let summaries = try await scene.underLoad(at: scene.addresses) { _ in
                    let done = try await scene.run("deploy", "2.1.0")
                    #expect(done.status == 11, "\(done)")
                    #expect(done.errors.contains("The canary at 10% failed"), "\(done)")
                    return []
                }
                // Both have shown it to somebody.
                #expect(summaries.allSatisfy { $0.colors["green"] ?? 0 > 0 }, "\(summaries)")
                #expect(try await scene.answersEverywhere() == [["blue", "blue"]: 100])
                #expect(try scene.journal().filter { $0.k == "switchIntended" }.isEmpty)
                try await scene.expectStatus(0)
            }
        }

        @Test(arguments: ["resume", "rollback"])
        func `a share that nobody watches any more is taken back on both`(
            verb: String
        ) async throws {
            let pipeline = Self.pipeline("{weight: 10%, for: 60s}")
            try await MixedFleetScene.open(pipeline) { scene in
                try await scene.beside("deploy", "2.1.0") { process in
                    try await scene.shared(10)
                    process.killAtOnce()
                }
                try await scene.expectStatus(20, "10% of the requests", "next: bluegreen resume")
                let done = try await scene.run(verb)
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.answersEverywhere() == [["blue", "blue"]: 100])
                try await scene.expectStatus(0)
            }
        }
    }
}
