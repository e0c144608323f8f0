import FoundationEssentials
import Testing
import TrafficRig

extension RealHAProxy {
    /// A proxy of a fleet that was rebuilt, with the colour of its first day.
    @Suite(.serialized)
    struct SyncTests {
        /// `lb-2` keeps its colour in a register, `lb-3` in a map.
        @Test(arguments: [2, 3])
        func `one that is synced before it starts never answers with the old colour`(
            number: Int
        ) async throws {
            try await FleetScene.open { scene in
                let proxy = scene.proxies[number - 1]
                let firstDay = try FirstDay(of: proxy)
                try await scene.moveToGreen()
                await proxy.stop()
                try firstDay.restore()
                let done = try await scene.run("router", "sync", "--from", "lb-1", "lb-\(number)")
                #expect(done.status == 0, "\(done)")
                #expect(done.output.contains("lb-\(number) will start with green"), "\(done)")
                let colors = try await scene.colorsAtStart(of: proxy)
                #expect(colors == ["green"])
                let again = try await scene.run("router", "sync", "--from", "lb-1", "lb-\(number)")
                #expect(again.status == 0, "\(again)")
                #expect(again.output.contains("Nothing to do"), "\(again)")
                try await scene.expectStatus(0, "ROLLBACK READY")
                #expect(try await scene.run("rollback").status == 0)
                #expect(try await scene.lives() == ["blue", "blue", "blue"])
            }
        }

        @Test func `one that is not synced answers with the old colour, which this rig sees`()
            async throws
        {
            try await FleetScene.open(count: 2) { scene in
                let firstDay = try FirstDay(of: scene.last)
                try await scene.moveToGreen()
                await scene.last.stop()
                try firstDay.restore()
                #expect(try await scene.colorsAtStart(of: scene.last) == ["blue"])
                let done = try await scene.run("router", "sync", "--from", "lb-1")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.lives(2) == ["green", "green"])
                try await scene.expectStatus(0)
            }
        }

        /// Without `runuser`: this machine has no user `deploy`.
        @Test func `the unit of the example asks first, and starts a proxy though nobody answers`()
            async throws
        {
            try await FleetScene.open(count: 2) { scene in
                let firstDay = try FirstDay(of: scene.last)
                try await scene.moveToGreen()
                await scene.last.stop()
                try firstDay.restore()
                let done = try await scene.startPre("lb-2")
                #expect(done.status == 0, "\(done)")
                #expect(done.output.contains("lb-2 will start with green"), "\(done)")
                #expect(try await scene.colorsAtStart(of: scene.last) == ["green"])
                await scene.proxies[0].stop()
                let alone = try await scene.startPre("lb-2")
                #expect(alone.status == 0, "\(alone)")
                #expect(alone.errors.contains("lb-1"), "\(alone)")
                let mistyped = try await scene.startPre("lb-9")
                #expect(mistyped.status == 1, "\(mistyped)")
                try await scene.proxies[0].restart()
            }
        }

        @Test func `a sync waits for a switch that is under way, and takes what it left`()
            async throws
        {
            try await FleetScene.openGated { scene, gate in
                gate.hold(scene.last.mapping("green"), .beforeHAProxy)
                try await scene.beside("switch", "green", "--no-bake") { change in
                    try await gate.waitUntilHolding()
                    let refused = try await scene.run(
                        "router", "sync", "--from", "lb-1", "lb-2", "--lock-timeout", "0s")
                    #expect(refused.status == 30, "\(refused)")
                    try await scene.beside("router", "sync", "--from", "lb-1", "lb-2") { sync in
                        gate.release()
                        let switched = try await change.finish()
                        #expect(switched.status == 0, "\(switched)")
                        let done = try await sync.finish()
                        #expect(done.status == 0, "\(done)")
                        #expect(done.output.contains("lb-2 shows green"), "\(done)")
                    }
                }
                #expect(try await scene.lives() == ["green", "green", "green"])
                try await scene.expectStatus(0)
            }
        }

        @Test func `killed in its write, a sync is repeated`() async throws {
            try await FleetScene.openGated { scene, gate in
                let firstDay = try FirstDay(of: scene.last)
                try await scene.moveToGreen()
                await scene.last.stop()
                try firstDay.restore()
                try await scene.last.restart()
                gate.hold(scene.last.mapping("green"), .beforeHAProxy)
                try await scene.beside("router", "sync", "--from", "lb-1", "lb-3") { sync in
                    try await gate.waitUntilHolding()
                    sync.killAtOnce()
                }
                gate.forget()
                try await scene.expectStatus(20, "SPLIT    green on lb-1, lb-2 · blue on lb-3")
                let done = try await scene.run("router", "sync", "--from", "lb-1", "lb-3")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.lives() == ["green", "green", "green"])
                try await scene.expectStatus(0)
            }
        }

        @Test func `one that is there and hangs is not taken for one that does not run`()
            async throws
        {
            try await FleetScene.open { scene in
                try await scene.moveToGreen()
                try scene.last.freeze()
                let done = try await scene.run("router", "sync", "--from", "lb-1", "lb-3")
                try scene.last.thaw()
                #expect(done.status == 40, "\(done)")
                #expect(done.errors.contains("lb-3 was not changed"), "\(done)")
            }
        }

        @Test func `a sync during a bake does not end it`() async throws {
            try await FleetScene.open(PipelineText(bake: PipelineText.bake("60s"))) { scene in
                let firstDay = try FirstDay(of: scene.last)
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await scene.until("bakeBegan")
                    await scene.last.stop()
                    try firstDay.restore()
                    let done = try await scene.run("router", "sync", "--from", "lb-1", "lb-3")
                    #expect(done.status == 0, "\(done)")
                    try await scene.last.restart()
                    #expect(try await scene.lives() == ["green", "green", "green"])
                    #expect(deploy.endedAs == nil)
                }
            }
        }
    }
}

/// What a proxy found when it started first.
private struct FirstDay {
    private let proxy: HAProxyRig
    private let files: [String: String]

    init(of proxy: HAProxyRig) throws {
        self.proxy = proxy
        let folder = proxy.folder
        files = [HAProxyRig.mapName, HAProxyRig.registerName].reduce(into: [:]) {
            // A proxy has one of them.
            $0[$1] = try? folder.read($1)
        }
    }

    func restore() throws {
        for (name, text) in files { try proxy.folder.write(text, to: name) }
    }
}

extension FleetScene {
    fileprivate func moveToGreen() async throws {
        let done = try await run("switch", "green", "--no-bake")
        #expect(done.status == 0, "\(done)")
    }

    /// Runs `ExecStartPre` of examples/fleet in the folder of the pipeline.
    fileprivate func startPre(_ router: String) async throws -> FinishedProcess {
        let path = ExampleTests.folder + "/fleet/shop-proxy@.service"
        let unit = try String(contentsOfFile: path, encoding: .utf8)
        let line = unit.replacing("\\\n", with: "").split(separator: "\n")
            .first { $0.hasPrefix("ExecStartPre=") }
        let parts = try #require(line).split(separator: "'")
        #expect(parts[0].contains(" -- /bin/sh -c "))
        let script = parts[1].replacing("/usr/local/bin/bluegreen", with: Products.bluegreen)
            .replacing("%i", with: router).replacing("$$", with: "$")
        return try await ChildProcess.run(
            ["/bin/sh", "-c", String(script)], environment: ["SYNC_FROM": "lb-1"],
            directory: folder.path)
    }

    fileprivate func colorsAtStart(of proxy: HAProxyRig) async throws -> [String] {
        try await LoadClient.colors(at: proxy.url + "/", rate: 300) { try await proxy.restart() }
    }
}
