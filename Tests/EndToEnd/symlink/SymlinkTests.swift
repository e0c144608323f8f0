import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealSlots {
    /// Files that a real nginx serves through a link.
    @Suite(.serialized, .enabled(if: ProxyKind.symlink.isWanted))
    struct SymlinkTests {
        @Test func `250 switches under load lose nothing and confuse nobody`() async throws {
            try await SiteScene.open { scene in
                let router = MeasuredRouter("symlink", by: "a symbolic link, renamed", .synchronous)
                let summary = try await scene.underLoad(keepAlive: 32, close: 8) { client in
                    // What an answer takes before the first switch.
                    try await client.wait(for: 300)
                    var changes: [Switch] = []
                    for number in 0..<250 {
                        let color = number % 2 == 0 ? "green" : "blue"
                        let change = try await Switch.measure(to: color) {
                            let done = try await scene.run("switch", color, "--no-bake")
                            guard done.status == 0 else { throw RigFailure("\(number): \(done)") }
                        }
                        try await client.wait(for: color, after: change.acknowledged)
                        changes.append(change)
                    }
                    return try scene.acknowledged(changes, by: router)
                }
                print(router.line(summary))
                #expect(summary.isClean, "\(summary)")
                #expect(summary.switches.count { $0.firstNew != nil } == 250)
                #expect(scene.target == "blue")
            }
        }

        @Test func `a download that is under way ends with the bytes of its own colour`()
            async throws
        {
            try await SiteScene.open(change: {
                $0.replacing("open_file_cache off;", with: "open_file_cache off; limit_rate 200k;")
            }) { scene in
                async let answer = FreshRequest("GET", scene.url + "/big.txt").send()
                try await eventually("nginx to have the file open") {
                    scene.isOpen("blue/big.txt")
                }
                try await scene.switches(to: "green")
                let body = try await answer.body
                #expect(body.utf8.count == 400_000)
                #expect(body.utf8.allSatisfy { $0 == UInt8(ascii: "b") })
            }
        }

        @Test func `two switches at once end as one of them says`() async throws {
            try await SiteScene.open { scene in try await scene.expectOneWriterAtATime() }
        }

        @Test func `a reload and a restart keep the colour, and a rollback brings it back`()
            async throws
        {
            try await SiteScene.open { scene in
                let there = try await scene.run("switch", "green", "--no-bake")
                #expect(there.status == 0, "\(there)")
                try await scene.proxy.reload()
                #expect(try await scene.live() == "green")
                try await scene.proxy.restart()
                #expect(try await scene.live() == "green")
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
                let back = try await scene.run("rollback")
                #expect(back.status == 0, "\(back)")
                #expect(try await scene.live() == "blue")
            }
        }

        @Test(.needsStrace)
        func `a switch that is killed at any moment leaves a link, and a rollback works`()
            async throws
        {
            try await SiteScene.open { scene in
                var left: Set<String> = []
                let landed = try await scene.killSwitches(touching: scene.proxy.slot) {
                    let target = try #require(scene.target)
                    #expect(try await scene.live() == target)
                    left.insert(target)
                }
                #expect(scene.target == "blue")
                #expect(landed > 0)
                #expect(left == ["blue", "green"], "one side of the write only")
            }
        }

        @Test func `one that is synced before it starts has the colour of the other`()
            async throws
        {
            try await SiteScene.open { scene in
                let ports = (blue: try FreePort.next(), green: try FreePort.next())
                try await ProxyRig.open(.symlink, blue: ports.blue, green: ports.green) { second in
                    try scene.change(
                        "router:\n\(scene.proxy.section)",
                        to: "routers:\n\(scene.proxy.sections(with: second))")
                    try await scene.switches(to: "green")
                    await second.stop()
                    let link = try await ChildProcess.run(["ln", "-sfn", "blue", second.link])
                    #expect(link.status == 0, "\(link)")
                    try FileManager.default.removeItem(atPath: second.slot + "/.current.bluegreen")
                    let done = try await scene.run("router", "sync", "--from", "lb-1")
                    #expect(done.status == 0, "\(done)")
                    #expect(done.output.contains("lb-2 will start with green"), "\(done)")
                    try await second.restart()
                    let answer = try await FreshRequest("GET", second.url + second.kind.page).send()
                    #expect(answer.color == "green")
                    let status = try await scene.run("status")
                    #expect(status.status == 0, "\(status)")
                }
            }
        }

        // MARK: What is not right

        @Test func `a link that was turned by hand is drift, and said`() async throws {
            try await SiteScene.open { scene in
                for color in ["green", "blue"] { try await scene.switches(to: color) }
                try await scene.turn(to: "green")
                let status = try await scene.run("status")
                #expect(status.status == 33, "\(status)")
                try await scene.expectUntouched(
                    by: "switch", "green", status: 33, says: "green")
                try await scene.turn(to: "elsewhere")
                let foreign = try await scene.run("status")
                #expect(foreign.status == 20, "\(foreign)")
                #expect(foreign.output.contains("elsewhere"), "\(foreign)")
                let back = try await scene.run("rollback", "--to", "blue", "--reason", "test")
                #expect(back.status == 0, "\(back)")
                #expect(scene.target == "blue")
            }
        }

        @Test func `a link that cannot be replaced is said, and nothing moves`() async throws {
            try await SiteScene.open { scene in
                // Even root cannot put a link where a folder is.
                try FileManager.default.createDirectory(
                    atPath: scene.proxy.slot + "/.current.tmp",
                    withIntermediateDirectories: false)
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 11, says: "cannot be changed")
                #expect(scene.target == "blue")
            }
        }

        @Test(arguments: [
            (RudeServer.Manner.silence, "did not answer"),
            (.answerThenHangUp("nonsense"), "is no whole answer of HTTP"),
            (
                .answerThenHangUp("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npurple"),
                "is not a colour"
            ),
        ])
        func `an answer about itself that is of no use stops what goes forward`(
            manner: RudeServer.Manner, says: String
        ) async throws {
            try await SiteScene.open { scene in
                try await RudeServer.open({ _ in manner }) { server in
                    try scene.change(
                        "readBack: \(scene.identity)", to: "readBack: \(server.url)")
                    try await scene.expectUntouched(
                        by: "switch", "green", "--no-bake", status: 40, says: says)
                }
                #expect(scene.target == "blue")
            }
        }

        @Test func `a colour without a folder never gets traffic`() async throws {
            try await SiteScene.open(
                more: """
                        targets:
                          green: nowhere
                    """
            ) { scene in
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 11,
                    says: "/slot/nowhere for green")
                #expect(scene.target == "blue")
            }
        }

        @Test func `a missing link stops what goes forward, and a rollback makes one`()
            async throws
        {
            try await SiteScene.open { scene in
                try FileManager.default.removeItem(atPath: scene.proxy.link)
                let done = try await scene.run("switch", "green", "--no-bake")
                #expect(done.status == 10, "\(done)")
                #expect(done.errors.contains("no value"), "\(done)")
                let back = try await scene.run("rollback", "--to", "blue", "--reason", "test")
                #expect(back.status == 0, "\(back)")
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `a cache of open files that hides the switch is noticed and undone`()
            async throws
        {
            try await SiteScene.open(change: {
                $0.replacing("open_file_cache off", with: "open_file_cache max=100")
            }) { scene in
                // Every worker has a cache of its own: all must have looked.
                for _ in 1...100 { #expect(try await scene.live() == "blue") }
                let done = try await scene.run("switch", "green", "--no-bake")
                #expect(done.status == 11, "\(done)")
                #expect(scene.target == "blue")
                #expect(try await scene.live() == "blue")
            }
        }

        @Test(arguments: ["", "http {"])
        func `a cache of open files is found in the configuration before traffic moves`(
            above: String
        ) async throws {
            let cache = "open_file_cache max=100;"
            try await SiteScene.open(change: {
                // Of its own, or that of the block around it.
                above.isEmpty
                    ? $0.replacing("open_file_cache off;", with: cache)
                    : $0.replacing("open_file_cache off;", with: "")
                        .replacing(above, with: "\(above) \(cache)")
            }) { scene in
                let call = ProxyKind.symlink.start("nginx", scene.proxy.folder)
                try scene.change(
                    "    link: ", to: "    command: [\(call.joined(separator: ", "))]\n    link: ")
                let doctor = try await scene.run("doctor")
                #expect(doctor.output.contains("✗  symlink configured"), "\(doctor)")
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 10, says: "hides a switch")
                #expect(scene.target == "blue")
            }
        }
    }
}
