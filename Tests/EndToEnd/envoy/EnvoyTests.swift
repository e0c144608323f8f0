import FoundationEssentials
import Testing
import TrafficRig

extension RealSlots {
    /// What is peculiar to Envoy: a layer of its runtime, and its admin address.
    @Suite(.serialized, .enabled(if: ProxyKind.envoyByLayer.isWanted))
    struct EnvoyTests {
        /// The control: Envoy looks at the link when it is replaced, and at nothing else.
        @Test func `a file that is written in place is no switch, and that is seen`() async throws {
            try await ProxyScene.open(.envoyByLayer) { scene in
                let summary = try await scene.underLoad { client in
                    let change = try await Switch.measure(to: "green") {
                        try scene.proxy.folder.write("100\n", to: "slot/blue/shop.green")
                    }
                    try await client.wait(for: 200)
                    return [change]
                }
                #expect(summary.switches.allSatisfy { $0.firstNew == nil }, "\(summary)")
                #expect(!summary.isClean, "\(summary)")
            }
        }

        @Test func `a layer that says nothing for green is noticed, and undone`() async throws {
            try await ProxyScene.open(.envoyByLayer) { scene in
                try FileManager.default.removeItem(
                    atPath: scene.proxy.slot + "/green/shop.green")
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 11, says: "still serves blue")
            }
        }

        @Test func `clusters of another name are refused before the write`() async throws {
            try await ProxyScene.open(.envoyByLayer) { scene in
                try scene.change("name: shop", to: "name: other")
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 11, says: "no cluster other_green")
            }
        }
    }
}
