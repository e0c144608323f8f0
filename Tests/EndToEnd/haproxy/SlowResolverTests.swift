import Testing
import TrafficRig

extension RealHAProxy {
    /// A rollback on a machine whose resolver answers after it has gone to the recorded address.
    @Suite(.serialized, .needsRoot)
    struct SlowResolverTests {
        @Test func `a name that has moved is 20, with both addresses, and resume goes there`()
            async throws
        {
            try await Scene.openByName { scene in
                let done = try await rollBack(scene, "127.0.0.2")
                #expect(done.status == 20, "\(done)")
                #expect(done.errors.contains("localhost leads elsewhere"), "\(done)")
                #expect(done.errors.contains("127.0.0.2 after this run"), "\(done)")
                #expect(done.errors.contains("127.0.0.1"), "\(done)")
                let resumed = try await scene.run("resume")
                #expect(resumed.status == 0, "\(resumed)")
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `a name that leads where it did is no word`() async throws {
            try await Scene.openByName { scene in
                let done = try await rollBack(scene, "127.0.0.1")
                #expect(done.status == 0, "\(done)")
                #expect(!done.errors.contains("is not resolved"), "\(done)")
                #expect(try await scene.live() == "blue")
            }
        }

        /// In mounts of its own, in which `localhost` is `address` and `::1`, as is known a second after
        /// it was asked: how two addresses are sorted stands in a file that has to be read before.
        private func rollBack(_ scene: Scene, _ address: String) async throws -> FinishedProcess {
            let script = """
                set -e; printf '%s localhost\\n' \(address) ::1 > hosts; mkfifo slow
                timeout 9 sh -c 'sleep 1; : > slow' > /dev/null 2>&1 &
                mount --bind hosts /etc/hosts; mount --bind slow /etc/gai.conf; exec "$@"
                """
            return try await ChildProcess.run(
                ["unshare", "--mount", "sh", "-c", script, "sh", Products.bluegreen, "rollback"],
                directory: scene.folder.path)
        }
    }
}
