import Glibc
import Testing
import TrafficRig

extension EmbeddedTests {
    /// More connections than the proxy has descriptors for.
    @Suite(.serialized)
    struct FloodTests {
        /// Little more than what the proxy needs to start.
        private static let few = 200 + 4 * sysconf(Int32(_SC_NPROCESSORS_ONLN))

        @Test func `a flood of connections left no descriptor for the register`() async throws {
            try await EmbeddedScene.open(descriptors: Self.few) { scene in
                try await Crowd.besieging(scene.port, size: 400) {
                    for (round, color) in ["green", "blue", "green"].enumerated() {
                        let answer = try UnixSocket.ask(
                            scene.admin, "write \(color) free 1.\(round)\n")
                        #expect(answer == "applied\n")
                        #expect(try scene.folder.read(scene.register).contains(color))
                    }
                }
                #expect(try await scene.live() == "green")
                try await scene.logs("Out of descriptors")
            }
        }

        @Test func `a crowd that holds every connection makes room for a whole switch`()
            async throws
        {
            try await EmbeddedScene.open(descriptors: Self.few) { scene in
                let crowd = Crowd(of: 400, at: scene.port)
                defer { crowd.leave() }
                try crowd.come()
                let done = try await scene.run("switch", "green", "--no-bake")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.live() == "green")
            }
        }

        @Test func `the address for metrics leaves the rest of the descriptors alone`() async throws
        {
            try await EmbeddedScene.open(descriptors: Self.few) { scene in
                try await Crowd.besieging(scene.metrics, size: 400) {
                    let done = try await scene.run("switch", "green", "--no-bake")
                    #expect(done.status == 0, "\(done)")
                    #expect(try await scene.live() == "green")
                }
            }
        }

        @Test func `with too few descriptors it does not start, and says how many it needs`()
            async throws
        {
            try await EmbeddedScene.open { scene in
                _ = try await scene.run("proxy", "--stop")
                let refused = try await scene.start(descriptors: 100)
                #expect(refused.status != 0, "\(refused)")
                #expect(refused.errors.contains("ulimit -n"), "\(refused)")
                try await scene.start()
            }
        }
    }
}
