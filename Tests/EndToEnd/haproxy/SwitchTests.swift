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
                try await scene.expectCleanSwitches(of: "haproxy, \(mechanism)")
            }
        }

        @Test(arguments: ["map", "register"])
        func `doctor finds nothing wrong, and says what stops a late writer`(
            mechanism: String
        ) async throws {
            try await Scene.open(mechanism == "map" ? .map() : .register()) { scene in
                let doctor = try await scene.run("doctor")
                #expect(doctor.status == 0, "\(doctor)")
                #expect(
                    doctor.output.contains("class \(mechanism == "map" ? "S" : "T")"), "\(doctor)")
            }
        }
    }
}
