import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// `make demo`, without the build before it.
@Suite(.serialized)
struct DemoTests {
    private static let demo = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../examples/quickstart/demo").standardizedFileURL.path

    @Test func `the demo shows its three releases, and leaves nothing behind`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let (programs, place) = (folder.file("programs"), folder.file("place"))
            for made in [programs, place] { try #require(mkdir(made, 0o700) == 0) }
            for (name, program) in [
                ("bluegreen", Products.bluegreen), ("load-client", Products.loadClient),
                ("example-backend", Products.exampleBackend),
            ] {
                try #require(symlink(program, "\(programs)/\(name)") == 0)
            }
            let began = ContinuousClock.now
            let done = try await ChildProcess.run(
                [Self.demo], environment: ["BLUEGREEN_BUILD": programs, "TMPDIR": place],
                within: .seconds(180))
            let took = ContinuousClock.now - began
            #expect(done.status == 0, "\(done)")
            // A minute at most, where nothing else runs; other tests do.
            print("demo: took \(took)")

            let users = done.output.matches(of: /(\d+) requests, (\d+) errors/).map {
                (requests: Int($0.1) ?? 0, errors: Int($0.2) ?? -1)
            }
            #expect(users.count == 2)
            #expect(users.first.map { $0.requests > 500 && $0.errors == 0 } == true, "\(users)")
            #expect(users.last.map { $0.errors > 0 } == true, "\(users)")
            #expect((done.output + done.errors).contains(/switched in .* 0 errors; real requests/))
            #expect(done.output.contains(/\$ bluegreen status\n.*\n +LIVE +. blue  2\.0/))
            #expect(done.output.contains("green 3.0 was bad; traffic went back to blue"))

            let left = try FileManager.default.contentsOfDirectory(atPath: place)
            #expect(left == [])
            let pids = Set((done.output + done.errors).matches(of: /pid (\d+)/).map(\.1))
            #expect(pids.count >= 4)
            for pid in pids.compactMap({ Int32($0) }) {
                try await eventually("the end of \(pid)") { kill(pid, 0) != 0 }
            }
        }
    }
}
