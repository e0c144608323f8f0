import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// A terminal stopped by Ctrl-S, a dead connection, a pager: nobody reads, and traffic moves.
    @Suite(.serialized)
    struct StalledReaderTests {
        @Test func `rollback goes through although nobody reads, and says all of it later`()
            async throws
        {
            try await Scene.open { scene in
                let deployed = try await scene.run("deploy", "2.1.0")
                #expect(deployed.status == 0, "\(deployed)")
                let pipe = try StalledPipe(at: scene.folder.file("stalled"))
                defer { close(pipe.descriptor) }
                let rollback = try ChildProcess(
                    [
                        "sh", "-c", "exec \"$@\" >stalled 2>&1", "sh", Products.bluegreen,
                        "rollback",
                    ],
                    directory: scene.folder.path, logs: scene.folder, name: "rollback")
                defer { rollback.killAtOnce() }
                try await scene.until("rolledBack")
                #expect(try await scene.live() == "blue")
                #expect(rollback.endedAs == nil)
                var said = ""
                try await eventually("the whole answer") {
                    said += pipe.readAll()
                    return rollback.endedAs != nil
                }
                said += pipe.readAll()
                #expect(rollback.endedAs == .exited(0))
                #expect(said.contains("traffic is back on blue"), "\(said.suffix(600))")
                #expect(said.hasSuffix("proven from outside.\n"), "\(said.suffix(600))")
            }
        }
    }
}
