import Glibc
import Testing
import TrafficRig

extension RealSlots {
    /// What is peculiar to Caddy: what its reload costs.
    @Suite(.serialized, .enabled(if: ProxyKind.caddy.isWanted))
    struct CaddyTests {
        /// The control: the other way to switch Caddy, under the same load, is seen to cost something.
        @Test func `switching by a reload loses requests`() async throws {
            try await ProxyScene.open(.caddy) { scene in
                let main = try scene.proxy.configuration()
                let summary = try await scene.underLoad(rate: 1500, keepAlive: 64, close: 16) {
                    client in
                    for number in 1...8 {
                        // Whatever has changed: Caddy opens everything anew.
                        try scene.proxy.configure("# \(number)\n" + main)
                        try await scene.proxy.reload()
                        try await client.wait(for: 1000)
                    }
                    return []
                }
                print("8 reloads: \(summary)")
                #expect(summary.errorCount > 0, "\(summary)")
            }
        }
    }
}
