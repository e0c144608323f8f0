import FoundationEssentials
import Testing
import TrafficRig

extension RealSlots {
    /// What every proxy with a slot file has to show.
    @Suite(.serialized)
    struct SlotSwitchTests {
        @Test(arguments: RealSlots.proxies)
        func `250 switches under load lose nothing, confuse nobody and repeat no order`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                try await scene.expectCleanSwitches(250)
                #expect(try scene.proxy.slotFiles() == ["blue"])
            }
        }

        @Test(arguments: RealSlots.proxies)
        func `a reload and a restart keep the colour`(proxy: ProxyKind) async throws {
            try await ProxyScene.open(proxy) { scene in
                for color in ["green", "blue", "green"] {
                    try await scene.switches(to: color)
                    try await scene.proxy.reload()
                    #expect(try await scene.live() == color)
                    try await scene.proxy.restart()
                    #expect(try await scene.live() == color)
                    let status = try await scene.run("status")
                    #expect(status.status == 0, "\(status)")
                }
            }
        }

        @Test(arguments: RealSlots.proxies)
        func `a release is deployed, and rolled back in one step`(proxy: ProxyKind) async throws {
            try await ProxyScene.open(proxy, PipelineText()) { scene in
                let summary = try await scene.underLoad { _ in
                    let deployed = try await scene.run("deploy", "2.1.0")
                    #expect(deployed.status == 0, "\(deployed)")
                    #expect(try await scene.live() == "green")
                    let back = try await scene.run("rollback")
                    #expect(back.status == 0, "\(back)")
                    #expect(try await scene.live() == "blue")
                    return []
                }
                #expect(summary.errorCount == 0, "\(summary)")
            }
        }

        @Test(arguments: RealSlots.proxies)
        func `a switch that is killed at any moment leaves one file, and a rollback works`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                var left: Set<String> = []
                for delay in stride(from: 20, through: 200, by: 12) {
                    try await scene.beside("switch", "green", "--no-bake") { process in
                        try await Task.sleep(for: .milliseconds(delay))
                        process.killAtOnce()
                    }
                    let names = try scene.proxy.slotFiles()
                    #expect(names.count == 1)
                    #expect(try await scene.live() == names.first)
                    left.formUnion(names)
                    let back = try await scene.run("rollback", "--to", "blue", "--reason", "test")
                    #expect(back.status == 0, "\(back)")
                    #expect(try scene.proxy.slotFiles() == ["blue"])
                    #expect(try await scene.live() == "blue")
                }
                print("killed at moments that left \(left.sorted())")
            }
        }

        // MARK: What is not right

        @Test(arguments: RealSlots.proxies)
        func `a slot folder that cannot be written is said, and nothing moves`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy, PipelineText()) { scene in
                // Even root cannot write to a folder as to a file.
                try FileManager.default.createDirectory(
                    atPath: scene.proxy.slot + "/.blue.tmp", withIntermediateDirectories: false)
                try await scene.expectUntouched(
                    by: "deploy", "2.1.0", status: 10, says: "cannot be changed")
                #expect(try scene.proxy.slotFiles() == ["blue"])
            }
        }

        @Test(arguments: RealSlots.proxies)
        func `a colour that is down never becomes live`(proxy: ProxyKind) async throws {
            try await ProxyScene.open(proxy) { scene in
                scene.green.process.killAtOnce()
                try await scene.expectUntouched(
                    by: "switch", "green", status: 10, says: "green does not answer as green")
            }
        }

        @Test(arguments: RealSlots.proxies)
        func `two slot files stop what goes forward, and a rollback leaves one`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                for color in ["green", "blue"] { try await scene.switches(to: color) }
                try "".write(
                    toFile: scene.proxy.slot + "/green", atomically: true, encoding: .utf8)
                try await scene.expectUntouched(
                    by: "deploy", "2.1.0", status: 33, says: "'blue and green at once'")
                let status = try await scene.run("status")
                #expect(status.status == 20, "\(status)")
                let back = try await scene.run("rollback", "--to", "blue", "--reason", "test")
                #expect(back.status == 0, "\(back)")
                #expect(try scene.proxy.slotFiles() == ["blue"])
                #expect(try await scene.live() == "blue")
            }
        }

        @Test(arguments: RealSlots.proxies)
        func `a missing slot file stops what goes forward, and a rollback writes one`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                try FileManager.default.removeItem(atPath: scene.proxy.slot + "/blue")
                try await scene.expectUntouched(
                    by: "deploy", "2.1.0", status: 10, says: "no value")
                let back = try await scene.run("rollback", "--to", "blue", "--reason", "test")
                #expect(back.status == 0, "\(back)")
                #expect(try scene.proxy.slotFiles() == ["blue"])
            }
        }
    }
}
