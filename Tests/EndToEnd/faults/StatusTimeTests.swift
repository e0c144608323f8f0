import Testing
import TrafficRig

extension FaultSuite {
    /// How long a person waits for `status`, from the call to the end of the process.
    @Suite(.serialized)
    struct StatusTimeTests {
        @Test func `status takes 100 ms, and one deadline more where HAProxy hangs`()
            async throws
        {
            // A build for debugging is slower than the one that is shipped.
            let own = Duration.milliseconds(Products.isShipped ? 100 : 500)
            try await Scene.openGated { scene, gate in
                let quick = try await fastest(scene, isRead: true)
                #expect(quick <= own)
                gate.hold("", .beforeHAProxy)
                let patient = try await fastest(scene, isRead: false)
                #expect(patient <= own + .milliseconds(500))
                #expect(gate.hasStruck)
            }
        }

        /// Of five: what else the machine does makes none of them faster.
        private func fastest(_ scene: Scene, isRead: Bool) async throws -> Duration {
            var fastest = Duration.seconds(60)
            for _ in 1...5 {
                let began = ContinuousClock.now
                let done = try await scene.run("status")
                fastest = min(fastest, ContinuousClock.now - began)
                #expect(done.status == (isRead ? 0 : 20), "\(done)")
            }
            return fastest
        }
    }
}
