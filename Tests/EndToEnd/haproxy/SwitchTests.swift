import Testing
import TrafficRig

extension RealHAProxy {
    /// Users see nothing of a switch but its result.
    @Suite(.serialized)
    struct SwitchTests {
        @Test(arguments: ["map", "register"])
        func `250 switches under load lose nothing, confuse nobody and repeat no order`(
            mechanism: String
        ) async throws {
            let pipeline = PipelineText(deploy: "", checks: "")
            try await Scene.open(mechanism == "map" ? .map() : .register(), pipeline) { scene in
                try await scene.expectCleanSwitches(250, of: "haproxy, \(mechanism)")
            }
        }
    }
}
