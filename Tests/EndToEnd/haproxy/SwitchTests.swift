import Testing
import TrafficRig

extension RealHAProxy {
    /// Users see nothing of a switch but its result.
    @Suite(.serialized)
    struct SwitchTests {
        @Test func `250 switches under load lose nothing, confuse nobody and repeat no order`()
            async throws
        {
            try await Scene.open(.map(), PipelineText(deploy: "", checks: "")) { scene in
                try await scene.expectCleanSwitches(250)
            }
        }
    }
}
