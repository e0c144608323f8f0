import FoundationEssentials
import Testing
import TrafficRig

extension RealSlots {
    /// What is peculiar to proxies with a slot file.
    @Suite(.serialized)
    struct SlotFileTests {
        @Test(arguments: slots)
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

        @Test(arguments: slots)
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

        @Test(arguments: slots)
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

        @Test(arguments: slots)
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
