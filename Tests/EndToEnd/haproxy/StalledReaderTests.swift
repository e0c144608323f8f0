import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// A terminal stopped by Ctrl-S, a dead connection, a pager: nobody reads, and traffic moves.
    @Suite(.serialized)
    struct StalledReaderTests {
        /// A named pipe, full to the brim, that nobody reads until `readAll`.
        private struct StalledPipe {
            let descriptor: Int32

            init(at path: String) throws {
                try #require(mkfifo(path, 0o600) == 0)
                descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
                try #require(descriptor >= 0)
                let bytes = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
                while write(descriptor, bytes, bytes.count) > 0 {}
            }

            func readAll() -> String {
                var all: [UInt8] = []
                var bytes = [UInt8](repeating: 0, count: 4096)
                while true {
                    let count = read(descriptor, &bytes, bytes.count)
                    guard count > 0 else { return String(decoding: all, as: UTF8.self) }
                    all += bytes.prefix(count)
                }
            }
        }

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
