import FoundationEssentials
import Testing
import TrafficRig

extension RealHAProxy {
    /// Corners that a real first day meets.
    @Suite(.serialized)
    struct FirstDayTests {
        private func expectUntouched(
            _ scene: Scene, _ done: FinishedProcess, status: Int32, says: String
        ) async throws {
            #expect(done.status == status, "\(done)")
            #expect(done.errors.contains(says), "\(done)")
            #expect(try await scene.live() == "blue")
        }

        @Test func `the first deployment needs nothing on the live colour`() async throws {
            try await Scene.open { scene in
                scene.shop.blue.process.killAtOnce()
                try await eventually("HAProxy to see blue down") {
                    try scene.shop.haproxy.serverStates()["shop_blue/s1"] == "DOWN"
                }
                let done = try await scene.run("deploy", "2.1.0")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `the release that is live is not deployed twice`() async throws {
            try await Scene.open { scene in
                let first = try await scene.run("deploy", "2.1.0")
                #expect(first.status == 0, "\(first)")
                let second = try await scene.run("deploy", "2.1.0")
                #expect(second.status == 0, "\(second)")
                #expect(second.output.contains("Nothing to do: green 2.1.0 is live already."))
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `the same release may run on both sides`() async throws {
            try await Scene.open { scene in
                for color in ["green", "blue"] {
                    let done = try await scene.run("deploy", "2.1.0", "--redeploy")
                    #expect(done.status == 0, "\(done)")
                    #expect(try await scene.live() == color)
                }
                let back = try await scene.run("rollback")
                #expect(back.status == 0, "\(back)")
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `a proxy that the environment names for the way out is not asked`()
            async throws
        {
            try await Scene.open { scene in
                let names = ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"]
                // Nobody listens there.
                let environment = Dictionary(
                    uniqueKeysWithValues: names.map { ($0, "http://127.0.0.1:9") })
                let done = try await scene.run("deploy", "2.1.0", environment: environment)
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `a changed configuration is a release`() async throws {
            let release = """
                release:
                  config: [deploy.env]
                """
            try await Scene.open(.map(), PipelineText(release: release)) { scene in
                try scene.folder.write("LIMIT=1\n", to: "deploy.env")
                for (limit, color) in [(1, "green"), (1, "green"), (2, "blue")] {
                    try scene.folder.write("LIMIT=\(limit)\n", to: "deploy.env")
                    let done = try await scene.run("deploy", "2.1.0")
                    #expect(done.status == 0, "\(done)")
                    #expect(try await scene.live() == color)
                }
            }
        }

        @Test(arguments: [
            ("shop purple:green:0:0", 33, "shows 'purple:green:0:0'"),
            ("other blue:green:0:0", 10, "no value"),
            ("shop blue:green:0:12802", 33, "There is no record"),
        ])
        func `a router that shows no colour of ours is left alone`(
            line: String, status: Int, says: String
        ) async throws {
            try await Scene.open { scene in
                try scene.folder.write(line + "\n", to: "bluegreen.map")
                try await scene.shop.haproxy.reload()
                let done = try await scene.run("deploy", "2.1.0")
                #expect(done.status == Int32(status), "\(done)")
                #expect(done.errors.contains(says), "\(done)")
                #expect(try scene.folder.read("bluegreen.map") == line + "\n")
                let shown = try await scene.run("status")
                #expect(shown.status == (says == "There is no record" ? 33 : 20), "\(shown)")
            }
        }

        @Test func `a lost record is noticed, and adopting it again is a decision`() async throws {
            try await Scene.open { scene in
                for color in ["green", "blue"] {
                    _ = try await scene.run("switch", color, "--no-bake")
                }
                try FileManager.default.removeItem(atPath: scene.folder.file(".bluegreen"))
                let refused = try await scene.run("deploy", "2.1.0")
                try await expectUntouched(scene, refused, status: 33, says: "There is no record")
                let done = try await scene.run("deploy", "2.1.0", "--adopt")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `a record from an old backup is noticed`() async throws {
            try await Scene.open { scene in
                _ = try await scene.run("switch", "green", "--no-bake")
                let files = FileManager.default
                try files.copyItem(
                    atPath: scene.folder.file(".bluegreen"), toPath: scene.folder.file("backup"))
                _ = try await scene.run("switch", "blue", "--no-bake")
                try files.removeItem(atPath: scene.folder.file(".bluegreen"))
                try files.moveItem(
                    atPath: scene.folder.file("backup"), toPath: scene.folder.file(".bluegreen"))
                let refused = try await scene.run("deploy", "2.1.0")
                try await expectUntouched(scene, refused, status: 33, says: "The record says green")
                let status = try await scene.run("status")
                #expect(status.status == 33, "\(status)")
            }
        }

        @Test func `the record of another service is refused`() async throws {
            try await Scene.open { scene in
                _ = try await scene.run("switch", "green", "--no-bake")
                _ = try await scene.run("switch", "blue", "--no-bake")
                try FileManager.default.moveItem(
                    atPath: scene.record, toPath: scene.folder.file(".bluegreen/office"))
                try scene.write(PipelineText(service: "office"))
                let refused = try await scene.run("deploy", "2.1.0")
                try await expectUntouched(
                    scene, refused, status: 33, says: "this is the record of 'shop'")
            }
        }

        @Test func `rollback uses the routers that the deploy used, not the edited pipeline`()
            async throws
        {
            try await Scene.open { scene in
                _ = try await scene.run("deploy", "2.1.0")
                var edited = PipelineText()
                edited.socket = scene.folder.file("no-such.sock")
                try scene.write(edited)
                let back = try await scene.run("rollback")
                #expect(back.status == 0, "\(back)")
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `a second deploy during a bake names its holder and how long it lasts`()
            async throws
        {
            try await Scene.open(.map(), PipelineText(bake: PipelineText.bake("60s"))) { scene in
                try await scene.beside("deploy", "2.1.0") { first in
                    try await scene.until("bakeBegan")
                    let second = try await scene.run("deploy", "2.2.0")
                    #expect(second.status == 30, "\(second)")
                    #expect(second.errors.contains("pid \(first.pid)"), "\(second)")
                    #expect(second.errors.contains("is baking, for about"), "\(second)")
                    #expect(first.endedAs == nil)
                }
            }
        }
    }
}
