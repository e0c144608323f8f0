import FoundationEssentials
import Testing
import TrafficRig

extension RealSlots {
    /// What is peculiar to proxies that look for a file at every request.
    @Suite(.serialized)
    struct SlotFileTests {
        @Test(arguments: (ProxyKind.slots + [.apache]).filter(\.isWanted))
        func `a release is deployed, and rolled back in one step`(proxy: ProxyKind) async throws {
            try await ProxyScene.open(proxy, PipelineText()) { scene in
                let summary = try await scene.deployAndRollBack()
                #expect(summary.errorCount == 0, "\(summary)")
            }
        }

        @Test(.needsStrace, arguments: slots)
        func `a switch that is killed at any moment leaves one file, and a rollback works`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                var left: Set<String> = []
                let landed = try await scene.killSwitches(touching: scene.proxy.slot) {
                    let names = try scene.proxy.slotFiles()
                    #expect(names.count == 1)
                    #expect(try await scene.live() == names.first)
                    left.formUnion(names)
                }
                #expect(try scene.proxy.slotFiles() == ["blue"])
                #expect(try await scene.live() == "blue")
                #expect(landed > 0)
                #expect(left == ["blue", "green"], "one side of the write only")
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
