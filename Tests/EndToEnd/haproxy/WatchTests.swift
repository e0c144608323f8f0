import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// What nobody watches any more is watched; who hangs is ended.
    @Suite(.serialized)
    struct WatchTests {
        @Test func `watch adopts a bake that was killed, and SIGTERM ends it with 0`() async throws
        {
            let bake = PipelineText.bake("1s", interval: "200ms", minimum: 1)
            try await Scene.open(.map(), PipelineText(bake: PipelineText.bake("60s"))) { scene in
                _ = try await scene.underLoad { _ in
                    try await scene.beside("deploy", "2.1.0") { process in
                        try await scene.until("bakeBegan")
                        process.killAtOnce()
                    }
                    try scene.write(PipelineText(bake: bake))
                    try await scene.beside("watch", "--interval", "200ms") { watch in
                        try await scene.until("bakeJudged")
                        let healthy = try await scene.run("wait", "--for", "healthy")
                        #expect(healthy.status == 0, "\(healthy)")
                        watch.signal(SIGTERM)
                        let done = try await watch.finish(within: .seconds(10))
                        #expect(done.status == 0, "\(done)")
                        #expect(done.output.contains("green 2.1.0 is live"), "\(done)")
                    }
                    return []
                }
                #expect(try await scene.live() == "green")
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
                // As the timer calls it; nothing is left to do.
                let lines = try scene.journal().count
                let once = try await scene.run("watch", "--once")
                #expect(once.status == 0 && once.output.isEmpty, "\(once)")
                #expect(try scene.journal().count == lines)
            }
        }

        @Test func `an owner that hangs in a step is ended with its step`() async throws {
            try await Scene.open(.map(), PipelineText(deploy: PipelineText.endlessDeploy)) {
                scene in
                try await scene.beside("deploy", "2.1.0") { deploy in
                    let step = try await scene.endlessStep()
                    let released = try await scene.run(
                        "lock", "--release", "--reason", "test", "-y")
                    #expect(released.status == 0, "\(released)")
                    _ = try await deploy.finish(within: .seconds(10))
                    try await eventually("the end of the step") { kill(step, 0) != 0 }
                }
                let free = try await scene.run("wait", "--for", "free", "--timeout", "1s")
                #expect(free.status == 0, "\(free)")
                #expect(try await scene.live() == "blue")
            }
        }
    }
}
