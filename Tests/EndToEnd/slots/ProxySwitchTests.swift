import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealSlots {
    /// What every proxy that is switched by a file has to show.
    @Suite(.serialized)
    struct ProxySwitchTests {
        @Test(arguments: proxies)
        func `250 switches under load lose nothing, confuse nobody and repeat no order`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                try await scene.expectCleanSwitches(of: proxy.measured)
            }
        }

        @Test(arguments: proxies + haproxy)
        func `a reload and a restart keep the colour`(proxy: ProxyKind) async throws {
            try await ProxyScene.open(proxy) { scene in
                for color in ["green", "blue", "green"] {
                    try await scene.switches(to: color)
                    if proxy.canReload {
                        try await scene.proxy.reload()
                        #expect(try await scene.live() == color)
                    }
                    try await scene.proxy.restart()
                    #expect(try await scene.live() == color)
                    let status = try await scene.run("status")
                    #expect(status.status == 0, "\(status)")
                }
            }
        }

        /// With another step, for `init` leaves that to the user, and a shorter bake.
        @Test(arguments: begun)
        func `the pipeline that init writes deploys, and rolls back`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                let written = try await scene.proxy.initialPipeline(
                    blue: scene.blue.port, green: scene.green.port)
                try scene.folder.write(written, to: "bluegreen.yaml")
                try scene.change(
                    #"["docker", "compose", "-p", "shop-${color}", "up", "-d", "--wait"]"#,
                    to: #"["curl", "-fsS", "-d", "{\"version\":\"${version}\"}", "${url}/control"]"#
                )
                try scene.change("for: 5m ", to: "for: 5s ")
                let summary = try await scene.deployAndRollBack()
                #expect(summary.errorCount == 0, "\(summary)")
                #expect(try scene.journal().contains { $0.k == "bakeJudged" })
            }
        }

        @Test(arguments: drainers)
        func `what is under way on the colour before is counted until it ends`(
            proxy: ProxyKind
        ) async throws {
            func idle(_ scene: ProxyScene) async throws -> String {
                let status = try await scene.run("status").output
                return status.split(separator: "\n").first { $0.contains(" IDLE ") }
                    .map(String.init) ?? status
            }
            try await ProxyScene.open(proxy) { scene in
                async let slow = FreshRequest("GET", scene.url + "/slow?ms=5000").send()
                try await eventually("the slow request to reach blue") {
                    try await scene.blue.statistics().paths["/slow"]?.total == 1
                }
                try await scene.switches(to: "green")
                let during = try await idle(scene)
                #expect(during.contains("blue") && during.contains("1 under way"), "\(during)")
                #expect(try await slow.color == "blue")
                try await eventually("nothing to be under way on blue") {
                    try await !idle(scene).contains("under way")
                }
            }
        }

        @Test(arguments: fallbacks)
        func `what is under way at a reload ends on its own colour, and no order is repeated`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                let summary = try await scene.underLoad(posts: 4) { _ in
                    for color in ["green", "blue", "green"] {
                        let long = try await LongRequests.start(through: scene)
                        try await scene.switches(to: color)
                        try await long.expectTheirOwnColour(cutsTalks: proxy.cutsWebSockets)
                    }
                    return []
                }
                // Of an order whose answer was lost nobody knows whether it was placed.
                let placed = try await scene.ordersPlacedOnce()
                #expect(Set(summary.placedOrders).isSubset(of: placed))
            }
        }

        @Test(arguments: proxies + fallbacks)
        func `two switches at once end as one of them says`(proxy: ProxyKind) async throws {
            try await ProxyScene.open(proxy) { scene in
                try await scene.expectOneWriterAtATime(losingNothing: !proxy.isReloadedToSwitch)
            }
        }

        @Test(arguments: counters)
        func `a release that fails its bake goes back by itself`(proxy: ProxyKind) async throws {
            let pipeline = PipelineText(
                deploy: PipelineText.release(errors: 50), checks: "",
                bake: PipelineText.bake("30s", metric: "router: errorRate"))
            try await ProxyScene.open(proxy, pipeline) { scene in
                let summary = try await scene.underLoad { _ in
                    let done = try await scene.run("deploy", "2.1.0")
                    #expect(done.status == 11, "\(done)")
                    #expect(try await scene.live() == "blue")
                    return []
                }
                #expect((summary.colors["green"] ?? 0) > 0, "\(summary)")
            }
        }

        /// Without data a bake ends inconclusive (22), and of our own questions alone there are fewer.
        @Test(arguments: counted)
        func `what the proxy counts of users is there for a bake`(
            proxy: ProxyKind, metric: String, pass: String
        ) async throws {
            let pipeline = PipelineText(
                deploy: PipelineText.release(), checks: "",
                bake: PipelineText.bake("3s", metric: "router: \(metric)", pass: "\"\(pass)\""))
            try await ProxyScene.open(proxy, pipeline) { scene in
                let summary = try await scene.underLoad { _ in
                    let done = try await scene.run("deploy", "2.1.0")
                    #expect(done.status == 0, "\(done)")
                    return []
                }
                #expect(summary.errorCount == 0, "\(summary)")
                #expect(try scene.journal().contains { $0.k == "bakeJudged" })
            }
        }

        // MARK: What is not right

        @Test(arguments: proxies)
        func `a file that cannot be written is said, and nothing moves`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy, PipelineText()) { scene in
                // Even root cannot write to a folder as to a file.
                try FileManager.default.createDirectory(
                    atPath: "\(scene.proxy.slot)/\(proxy.aside)",
                    withIntermediateDirectories: false)
                try await scene.expectUntouched(
                    by: "deploy", "2.1.0", status: 10, says: "cannot be changed")
            }
        }

        @Test(arguments: proxies + fallbacks)
        func `a colour that is down never becomes live`(proxy: ProxyKind) async throws {
            try await ProxyScene.open(proxy) { scene in
                scene.green.process.killAtOnce()
                try await scene.expectUntouched(
                    by: "switch", "green", status: 10, says: "green does not answer as green")
            }
        }

        @Test(arguments: proxies + haproxy)
        func `a colour whose address in the proxy leads to the other one is noticed, and undone`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                try await scene.lead(scene.green.port, to: scene.blue.port)
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 11,
                    says: "did not show green often enough")
            }
        }

        @Test(arguments: proxies)
        func `a colour whose address in the proxy leads nowhere is noticed, and undone`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                try await scene.lead(scene.green.port, to: FreePort.next())
                // Envoy asks for the health of its clusters, and tells before anything moves.
                guard proxy.name.hasPrefix("envoy") else {
                    return try await scene.expectUndone("switch", "green", "--no-bake")
                }
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 10,
                    says: "green has 0 of 1 servers up")
            }
        }

        @Test(arguments: proxies, Stranger.allCases)
        func `a colour whose address in the proxy leads to another service is noticed, and undone`(
            proxy: ProxyKind, stranger: Stranger
        ) async throws {
            let pipeline = PipelineText(deploy: "", checks: "", more: Stranger.proof)
            try await ProxyScene.open(proxy, pipeline) { scene in
                try await scene.expectUndone("switch", "green", "--no-bake", with: stranger) {
                    try await scene.lead(scene.green.port, to: $0)
                }
            }
        }

        @Test(
            arguments: proxies + fallbacks,
            [
                (RudeServer.Manner.silence, "did not answer"),
                (.answerThenHangUp("nonsense"), "is no whole answer of HTTP"),
                (
                    .answerThenHangUp("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npurple"),
                    "What http://"
                ),
            ])
        func `an answer about itself that is of no use stops what goes forward`(
            proxy: ProxyKind, answer: (manner: RudeServer.Manner, says: String)
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                try await RudeServer.open({ _ in answer.manner }) { server in
                    try scene.ask(at: String(server.url.dropLast()))
                    try await scene.expectUntouched(
                        by: "switch", "green", "--no-bake", status: 40, says: answer.says)
                }
            }
        }

        @Test(arguments: talkers)
        func `a proxy that hangs is unreachable, and users of blue stay there`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                scene.proxy.signal(SIGSTOP)
                let done = try await scene.run("switch", "green", "--no-bake")
                scene.proxy.signal(SIGCONT)
                #expect(done.status == 40, "\(done)")
                #expect(done.errors.contains("did not answer"), "\(done)")
                #expect(try await scene.live() == "blue")
            }
        }
    }
}
