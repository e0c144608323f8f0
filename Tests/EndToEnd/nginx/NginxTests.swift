import FoundationEssentials
import Glibc
import ProxyConformance
import Testing
import TrafficRig

extension RealSlots {
    /// What is peculiar to nginx: its traps, and what its reload costs.
    @Suite(.serialized, .enabled(if: ProxyKind.nginx.isWanted))
    struct NginxTests {
        /// A switch that nginx does not follow is noticed and undone.
        private func expectUndone(_ scene: ProxyScene, to color: String) async throws {
            let live = try await scene.live()
            let done = try await scene.run("switch", color, "--no-bake")
            #expect(done.status == 11, "\(done)")
            #expect(done.errors.contains("instead of \(color)"), "\(done)")
            #expect(try await scene.live() == live)
            #expect(try scene.proxy.slotFiles() == [live].compactMap(\.self))
        }

        @Test func `a cache of open files that hides the way back is noticed`() async throws {
            try await ProxyScene.open(
                .nginx,
                change: {
                    $0.replacing("open_file_cache off", with: "open_file_cache max=100")
                }
            ) { scene in
                try await scene.switches(to: "green")
                // Every worker has a cache of its own: all must have looked.
                for _ in 1...100 { #expect(try await scene.live() == "green") }
                try await expectUndone(scene, to: "blue")
            }
        }

        @Test func `a cache of open files is found in the configuration before traffic moves`()
            async throws
        {
            try await ProxyScene.open(
                .nginx,
                change: {
                    $0.replacing("open_file_cache off", with: "open_file_cache max=100")
                }
            ) { scene in
                let call = ProxyKind.nginx.start("nginx", scene.proxy.folder)
                try scene.change(
                    "    slot: ", to: "    command: [\(call.joined(separator: ", "))]\n    slot: ")
                let doctor = try await scene.run("doctor")
                #expect(doctor.output.contains("✗  nginx configured"), "\(doctor)")
                #expect(doctor.output.contains("hides the way back"), "\(doctor)")
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 10,
                    says: "'open_file_cache max=100'")
                let mended = try scene.proxy.configuration().replacing(
                    "open_file_cache max=100", with: "open_file_cache off")
                try scene.proxy.configure(mended)
                try await scene.proxy.restart()
                let again = try await scene.run("doctor")
                #expect(again.output.contains("✓  nginx configured"), "\(again)")
                try await scene.switches(to: "green")
                try await scene.switches(to: "blue")
            }
        }

        @Test(
            .enabled(if: geteuid() == 0, "workers have another user only where root starts nginx"))
        func `a folder that the workers cannot search is noticed`() async throws {
            try await ProxyScene.open(.nginx) { scene in
                chmod(scene.proxy.slot, 0o700)
                try await expectUndone(scene, to: "green")
                #expect(try scene.proxy.folder.read("error.log").contains("Permission denied"))
            }
        }

        @Test func `a misspelt upstream passes nginx's own test, is noticed, and undone`()
            async throws
        {
            try await ProxyScene.open(
                .nginx, change: { $0.replacing("upstream shop_green", with: "upstream shop_gren") }
            ) { scene in
                try await scene.expectUndone("switch", "green", "--no-bake")
            }
        }

        @Test func `a slow upload goes where its head was sent`() async throws {
            try await ProxyScene.open(
                .nginx,
                change: {
                    $0.replacing(
                        "open_file_cache off",
                        with: "client_body_in_file_only clean; open_file_cache off")
                }
            ) { scene in
                // More than nginx keeps in memory of a body.
                let half = String(repeating: "half", count: 10_000)
                let upload = try RawClient(port: scene.proxy.port)
                upload.send(
                    "PUT /upload HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n"
                        + "Content-Length: \(2 * half.utf8.count)\r\n\r\n" + half)
                try await eventually("nginx to have chosen, and to keep the body") {
                    try scene.proxy.keptBodies() == 1
                }
                try await scene.switches(to: "green")
                #expect(try await scene.blue.statistics().paths["/upload"] == nil)
                upload.send(half)
                #expect(upload.readToEnd())
                #expect(upload.text.contains("\r\nX-Color: blue\r\n"), "\(upload.text)")
            }
        }

        // MARK: What the access log tells

        @Test func `a slow release goes back by itself, though the log is rotated`() async throws {
            let pipeline = PipelineText(
                deploy: PipelineText.release(latency: 100), checks: "",
                bake: PipelineText.bake("30s", metric: "router: p95", pass: #""< 60ms""#))
            try await ProxyScene.open(.nginx, pipeline) { scene in
                let summary = try await scene.underLoad { _ in
                    try await scene.beside("deploy", "2.1.0") { process in
                        try await scene.until("switched")
                        try scene.proxy.rotateLog()
                        let done = try await process.finish(within: .seconds(50))
                        #expect(done.status == 11, "\(done)")
                        #expect(done.output.contains("traffic went back to blue"), "\(done)")
                    }
                    return []
                }
                #expect((summary.colors["green"] ?? 0) > 0, "\(summary)")
                #expect(summary.errorCount == 0, "\(summary)")
            }
        }

        @Test func `a log that cannot be read is no data, and doctor says why`() async throws {
            let pipeline = PipelineText(
                checks: "", bake: PipelineText.bake("3s", metric: "router: p95", pass: #""< 1s""#))
            try await ProxyScene.open(.nginx, pipeline) { scene in
                #expect(rename(scene.proxy.accessLog, scene.proxy.accessLog + ".1") == 0)
                let doctor = try await scene.run("doctor")
                #expect(doctor.status == 0, "\(doctor)")
                #expect(doctor.output.contains("access log cannot be read"), "\(doctor)")
                let done = try await scene.run("deploy", "2.1.0")
                #expect(done.status == 22, "\(done)")
                #expect(done.errors.contains("access log cannot be read"), "\(done)")
                #expect(try await scene.live() == "green")
            }
        }

        /// The control: the other way to switch nginx, under the same load, is seen to cost something.
        @Test func `switching by a reload is not one step`() async throws {
            try await ProxyScene.open(.nginx) { scene in
                let main = try scene.proxy.configuration()
                let fixed = ["blue", "green"].map {
                    main.replacing("set $shop_live blue;", with: "set $shop_live \($0);")
                }
                let summary = try await scene.eightReloads(of: fixed) {
                    // `nginx -s reload` returns as soon as the signal is sent, too.
                    scene.proxy.signal(SIGHUP)
                }
                print("8 reloads: \(summary)")
                #expect(!summary.isClean, "\(summary)")
                #expect(summary.stale > 0, "\(summary)")
            }
        }
    }
}

extension ProxyRig {
    fileprivate var accessLog: String { folder.file("shop-bluegreen.log") }

    /// As logrotate does.
    fileprivate func rotateLog() throws {
        try FileManager.default.moveItem(atPath: accessLog, toPath: accessLog + ".1")
        signal(SIGUSR1)
    }

    /// Bodies that nginx is still receiving, where it keeps them in files.
    fileprivate func keptBodies() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: folder.file("body")).count
    }
}
