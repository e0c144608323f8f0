import FoundationEssentials
import Testing
import TrafficRig

/// The built program as proxy and as its switch, with traffic running; one after the other, as they
/// measure.
@Suite(.serialized)
struct EmbeddedTests {
    @Test func `250 switches under load lose nothing, confuse nobody and repeat no order`()
        async throws
    {
        try await EmbeddedScene.open { scene in
            try await scene.expectCleanSwitches(
                of: MeasuredRouter("embedded", by: "a value in its admin socket", .token))
        }
    }

    @Test func `two switches at once end as one of them says`() async throws {
        try await EmbeddedScene.open { scene in try await scene.expectOneWriterAtATime() }
    }

    @Test func `a colour that is down never becomes live`() async throws {
        try await EmbeddedScene.open { scene in
            try scene.change(PipelineText.check, to: "")
            scene.green.process.killAtOnce()
            try await scene.expectUntouched(
                by: "switch", "green", status: 10, says: "green does not answer as green")
        }
    }

    @Test(arguments: [
        (RuntimeGate.Hold.beforeHAProxy, "did not answer"),
        (.garbled, "is not one that the proxy gives"),
        (.halved, "is not one that the proxy gives"),
    ])
    func `an admin socket that is of no use stops what goes forward`(
        hold: RuntimeGate.Hold, says: String
    ) async throws {
        try await EmbeddedScene.open { scene in
            let pipeline = try scene.folder.read("bluegreen.yaml")
            try await scene.expectUntouched(asking: scene.admin, hold, says: says) { path in
                try scene.change("embedded:\n", to: "embedded:\n    admin: \(path)\n")
            }
            // The proxy itself is where it was.
            try scene.folder.write(pipeline, to: "bluegreen.yaml")
        }
    }

    @Test func `a deploy with its bake and a rollback lose nothing`() async throws {
        try await EmbeddedScene.open { scene in
            let summary = try await scene.deployAndRollBack()
            #expect(summary.isClean, "\(summary)")
            let status = try await scene.run("status")
            #expect(status.status == 0, "\(status)")
        }
    }

    @Test func `a release that fails in its bake goes back by itself`() async throws {
        try await EmbeddedScene.open { scene in
            let pipeline = try scene.folder.read("bluegreen.yaml")
                .replacing(#"\"errors\":0"#, with: #"\"errors\":50"#)
            try scene.folder.write(pipeline, to: "bluegreen.yaml")
            _ = try await scene.underLoad { _ in
                let done = try await scene.run("deploy", "3.0.0")
                #expect(done.status == 11, "\(done)")
                #expect(try await scene.live() == "blue")
                return []
            }
        }
    }

    @Test func `killed and started again, the proxy shows the colour that was switched to`()
        async throws
    {
        try await EmbeddedScene.open { scene in
            for color in ["green", "blue", "green"] {
                let done = try await patiently {
                    try await scene.run("switch", color, "--no-bake")
                }
                #expect(done.status == 0, "\(done)")
                try await scene.kill()
                let blind = try await scene.run("status")
                #expect(blind.status == 20, "\(blind)")
                #expect(blind.output.contains("bluegreen proxy --detach"), "\(blind)")
                try await scene.start()
                #expect(try await scene.live() == color)
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
            }
        }
    }

    @Test func `a torn register falls back to its copy, is mended, and the log says so`()
        async throws
    {
        try await EmbeddedScene.open { scene in
            _ = try await scene.run("switch", "green", "--no-bake")
            try await scene.kill()
            let sound = try scene.folder.read(scene.register)
            try scene.folder.write("{\"live\":\"bl", to: scene.register)
            try await scene.start()
            #expect(try await scene.live() == "green")
            try await scene.logs("is torn or was edited. Its copy counts: green")
            #expect(try scene.folder.read(scene.register) == sound)
            let status = try await scene.run("status")
            #expect(status.status == 0, "\(status)")
        }
    }

    @Test func `a writer with an older token is refused by the proxy itself`() async throws {
        try await EmbeddedScene.open { scene in
            _ = try await scene.run("switch", "green", "--no-bake")
            let answer = try UnixSocket.ask(scene.admin, "write blue free 0.1\n")
            #expect(answer.hasPrefix("stale "), "\(answer)")
            #expect(try await scene.live() == "green")
        }
    }

    @Test func `a second start says that the proxy runs`() async throws {
        try await EmbeddedScene.open { scene in
            for words in [["proxy", "--detach"], ["proxy"]] {
                let again = try await ChildProcess.run(
                    [Products.bluegreen] + words, directory: scene.folder.path)
                #expect(again.status == 0, "\(again)")
                #expect(again.output.contains("runs already"), "\(again)")
            }
        }
    }

    @Test func `a proxy that is stopped finishes what is under way`() async throws {
        try await EmbeddedScene.open { scene in
            async let slow = FreshRequest("GET", scene.url + "/slow?ms=1500").send()
            try await eventually("the slow request to arrive") {
                try await scene.blue.statistics().paths["/slow"]?.total == 1
            }
            let done = try await scene.run("proxy", "--stop")
            #expect(done.status == 0, "\(done)")
            #expect(try await slow.status == 200)
            await #expect(throws: (any Error).self) { try await scene.live() }
        }
    }

    @Test func `preview shows idle, and metrics count`() async throws {
        try await EmbeddedScene.open { scene in
            let preview = try await FreshRequest(
                "GET", "http://127.0.0.1:\(scene.preview)/version"
            ).send()
            #expect(preview.color == "green")
            _ = try await scene.live()
            let metrics = try await FreshRequest(
                "GET", "http://127.0.0.1:\(scene.metrics)/metrics"
            ).send()
            #expect(metrics.status == 200)
            #expect(metrics.body.contains(#"bluegreen_proxy_live{color="blue"} 1"#))
            #expect(
                metrics.body.contains(
                    #"bluegreen_proxy_responses_total{color="blue",class="2xx"} 1"#),
                "\(metrics.body)")
        }
    }

    @Test func `a rollback closes the WebSockets of the colour that it leaves, where it shall`()
        async throws
    {
        try await EmbeddedScene.open { scene in
            let pipeline = try scene.folder.read("bluegreen.yaml")
            try scene.folder.write(
                pipeline + "switch: {drain: {onRollback: close}}\n", to: "bluegreen.yaml")
            let switched = try await scene.run("switch", "green", "--no-bake")
            #expect(switched.status == 0, "\(switched)")
            try await withThrowingTaskGroup { group in
                group.addTask {
                    _ = try await WebSocketTalk.hold(
                        scene.url + "/talk", texts: 600, pause: .milliseconds(50))
                }
                try await eventually("the WebSocket to open") {
                    try UnixSocket.ask(scene.admin, "stats\n").contains(#""tunnels":1"#)
                }
                let back = try await scene.run("rollback")
                #expect(back.status == 0, "\(back)")
                #expect(back.errors.contains("tunnels to green are closed"), "\(back)")
                await #expect(throws: (any Error).self) { try await group.next() }
            }
            #expect(try !UnixSocket.ask(scene.admin, "stats\n").contains(#""tunnels":1"#))
        }
    }

    @Test func `rollback finds the proxy from another folder`() async throws {
        try await EmbeddedScene.open { scene in
            _ = try await scene.run("deploy", "2.1.0")
            try await withTemporaryFolder { elsewhere in
                let done = try await ChildProcess.run(
                    [
                        Products.bluegreen, "rollback", "-f",
                        scene.folder.file("bluegreen.yaml"),
                    ], directory: elsewhere.path)
                #expect(done.status == 0, "\(done)")
            }
            #expect(try await scene.live() == "blue")
        }
    }
}
