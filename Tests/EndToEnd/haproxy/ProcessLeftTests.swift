import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// What a program or an earlier pipeline left running.
    @Suite(.serialized)
    struct ProcessLeftTests {
        @Test func `retire ends what a dead program had started, also without its mark`()
            async throws
        {
            let command = """
                ["sh", "-c", "env -i sleep 300 & exec \(Products.exampleBackend) --port $$PORT \
                --color $$BLUEGREEN_COLOR --version $$BLUEGREEN_VERSION"]
                """
            try await Scene.openProcess(command) { scene in
                try await scene.deployed("2.1.0")
                let first = try scene.pid("green")
                scene.shop.blue.process.killAtOnce()
                try await scene.deployed("2.2.0")
                kill(first, SIGKILL)
                try await eventually("the end of the program") { !isAlive(first) }
                let left = scene.processes.filter { getsid($0) == first }
                #expect(left.count == 1)
                let retired = try await scene.run("retire", "-y")
                #expect(retired.status == 0, "\(retired)")
                #expect(left.allSatisfy { !isAlive($0) })
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `Ctrl-C while the process before ends starts no other one`() async throws {
            let command = """
                ["sh", "-c", "trap '' TERM; \(Products.exampleBackend) --port $$PORT --color \
                $$BLUEGREEN_COLOR --version $$BLUEGREEN_VERSION & while :; do sleep 60; done"]
                """
            try await Scene.openProcess(command, more: "    grace: 2s") { scene in
                try await scene.deployed("2.1.0")
                scene.shop.blue.process.killAtOnce()
                try await scene.deployed("2.2.0")
                let before = try scene.note("green").mark
                let count = try scene.journal().count { $0.k == "stepBegan" }
                try await scene.beside("deploy", "2.3.0") { deploy in
                    try await eventually("the step to begin") {
                        try scene.journal().count { $0.k == "stepBegan" } > count
                    }
                    deploy.signal(SIGINT)
                    let done = try await deploy.finish()
                    #expect(done.status == 130, "\(done)")
                }
                #expect(try scene.note("green").mark == before)
                let blue = try scene.pid("blue")
                #expect(scene.processes.allSatisfy { getsid($0) == blue })
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `what an earlier pipeline started is shown, and ended by the next deploy there`()
            async throws
        {
            try await Scene.openProcess { scene in
                try await scene.deployed("2.1.0")
                let first = try scene.pid("green")
                scene.shop.blue.process.killAtOnce()
                try await scene.deployed("2.2.0")
                // Its output goes where what is left running is looked for afterwards.
                let other =
                    "run: \"setsid \(Products.exampleBackend) --port $BLUEGREEN_PORT"
                    + " --color $BLUEGREEN_COLOR --version $BLUEGREEN_VERSION"
                    + " > .bluegreen/shop/processes/other.log 2>&1 &"
                    + " until curl -fsSo out $BLUEGREEN_URL/healthz; do sleep 0.1; done\""
                try scene.write(PipelineText(deploy: "deploy:\n  - \(other)"))
                let status = try await scene.run("status")
                #expect(status.output.contains("pid \(first), up "), "\(status)")
                try await scene.deployed("2.3.0")
                #expect(!isAlive(first))
                #expect(try await scene.live() == "green")
            }
        }
    }
}
