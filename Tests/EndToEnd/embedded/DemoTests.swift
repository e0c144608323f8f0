import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// `make demo`, without the build before it.
@Suite(.serialized)
struct DemoTests {
    @Test func `the demo shows its three releases, and leaves nothing behind`() async throws {
        let said = try await play(
            "quickstart", status: /\$ bluegreen status\n.*\n +LIVE +. blue  2\.0/)
        #expect(said.contains("green 3.0 was bad; traffic went back to blue"))
        let pids = Set(said.matches(of: /pid (\d+)/).map(\.1))
        #expect(pids.count >= 4)
        for pid in pids.compactMap({ Int32($0) }) {
            try await eventually("the end of \(pid)") { kill(pid, 0) != 0 }
        }
    }

    @Test(.enabled(if: isProgramWanted("haproxy")))
    func `the demo on a real HAProxy does the same`() async throws {
        let said = try await play(
            "haproxy", status: /\$ bluegreen status\n.*\n +LIVE +. green  2\.0/)
        #expect(said.contains("blue 3.0 was bad; traffic went back to green"))
    }

    /// A good release without one failed request, a bad one that goes back, all within a minute. Returns
    /// everything that was said.
    private func play(_ example: String, status: Regex<Substring>) async throws -> String {
        let demo = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../examples/\(example)/demo").standardizedFileURL.path
        return try await withTemporaryFolder { folder in
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
                [demo], environment: ["BLUEGREEN_BUILD": programs, "TMPDIR": place],
                within: .seconds(180))
            let took = ContinuousClock.now - began
            #expect(done.status == 0, "\(done)")
            #expect(took < .seconds(60))

            let users = done.output.matches(of: /(\d+) requests, (\d+) errors/).map {
                (requests: Int($0.1) ?? 0, errors: Int($0.2) ?? -1)
            }
            #expect(users.count == 2)
            #expect(users.first.map { $0.requests > 500 && $0.errors == 0 } == true, "\(users)")
            #expect(users.last.map { $0.errors > 0 } == true, "\(users)")
            let said = done.output + done.errors
            #expect(said.contains(/switched in .* 0 errors; real requests/))
            #expect(done.output.contains(status), "\(done.output)")

            let left = try FileManager.default.contentsOfDirectory(atPath: place)
            #expect(left == [])
            try await eventually("the end of what worked in \(place)") {
                try FileManager.default.contentsOfDirectory(atPath: "/proc").allSatisfy { name in
                    let cwd = try? FileManager.default
                        .destinationOfSymbolicLink(atPath: "/proc/\(name)/cwd")
                    return cwd?.hasPrefix(place) != true
                }
            }
            return said
        }
    }
}
