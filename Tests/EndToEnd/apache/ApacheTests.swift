import FoundationEssentials
import Testing
import TrafficRig

extension RealSlots {
    /// What is peculiar to Apache: its map, and what its reload costs.
    @Suite(.serialized, .enabled(if: ProxyKind.apache.isWanted))
    struct ApacheTests {
        @Test(.needsStrace)
        func `a switch that is killed at any moment leaves a whole map, and a rollback works`()
            async throws
        {
            try await ProxyScene.open(.apache) { scene in
                var left: Set<String> = []
                let landed = try await scene.killSwitches(touching: scene.proxy.slot) {
                    let live = try #require(try await scene.live())
                    #expect(try scene.map().hasPrefix("live \(live):"))
                    left.insert(live)
                }
                #expect(try await scene.live() == "blue")
                #expect(landed > 0)
                #expect(left == ["blue", "green"], "one side of the write only")
            }
        }

        // MARK: What is not right

        @Test func `a missing map stops what goes forward, and a rollback writes one`()
            async throws
        {
            try await ProxyScene.open(.apache) { scene in
                try FileManager.default.removeItem(atPath: scene.proxy.slot + "/live.map")
                try await scene.expectUntouched(
                    by: "deploy", "2.1.0", status: 10, says: "no value")
                let back = try await scene.run("rollback", "--to", "blue", "--reason", "test")
                #expect(back.status == 0, "\(back)")
                #expect(try scene.map().hasPrefix("live blue:"))
            }
        }

        @Test func `a map that is not ours stops what goes forward`() async throws {
            try await ProxyScene.open(.apache) { scene in
                try scene.proxy.folder.write("live blue\nlive green\n", to: "slot/live.map")
                try await scene.expectUntouched(
                    by: "deploy", "2.1.0", status: 33, says: "live blue live green")
                let status = try await scene.run("status")
                #expect(status.status == 20, "\(status)")
            }
        }

        /// The control: the other way to switch Apache, under the same load, is seen not to be one step.
        @Test func `switching by a graceful reload is not one step`() async throws {
            try await ProxyScene.open(.apache) { scene in
                let main = try scene.proxy.configuration()
                let fixed = ["blue", "green"].map {
                    main.replacing("[E=LIVE:blue]", with: "[E=LIVE:\($0)]")
                }
                let summary = try await scene.eightReloads(of: fixed) {
                    try await scene.proxy.reload()
                }
                print("8 reloads of Apache: \(summary)")
                #expect(!summary.isClean, "\(summary)")
            }
        }
    }
}

extension ProxyScene {
    fileprivate func map() throws -> String { try proxy.folder.read("slot/live.map") }
}
