import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// What `bluegreen init` writes works as it is written.
@Suite(.serialized, .enabled(if: hasPython, "python3 is not installed"))
struct FirstMinuteTests {
    @Test func `init, proxy and deploy lead to a first switch, and a rollback back`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let (port, blue, green) = (
                try FreePort.next(), try FreePort.next(), try FreePort.next()
            )
            func run(_ words: String...) async throws -> FinishedProcess {
                try await ChildProcess.run([Products.bluegreen] + words, directory: folder.path)
            }
            let written = try await run(
                "init", "--service", "shop", "--listen", "127.0.0.1:\(port)", "--blue",
                "127.0.0.1:\(blue)", "--green", "127.0.0.1:\(green)")
            #expect(written.status == 0, "\(written)")
            #expect(
                written.output.hasSuffix("  bluegreen proxy --detach\n  bluegreen deploy 1.0\n"),
                "\(written)")
            let proxy = try await run("proxy", "--detach")
            #expect(proxy.status == 0, "\(proxy)")
            do {
                for (words, live) in [
                    (["deploy", "1.0"], "green"), (["deploy", "2.0"], "blue"),
                    (["rollback"], "green"),
                ] {
                    let done = try await ChildProcess.run(
                        [Products.bluegreen] + words, directory: folder.path)
                    #expect(done.status == 0, "\(done)")
                    let answer = try await FreshRequest("GET", "http://127.0.0.1:\(port)/").send()
                    #expect(answer.color == live)
                }
            } catch {
                try await end(folder)
                throw error
            }
            try await end(folder)
        }
    }

    /// Ends the proxy and what the deploys left running.
    private func end(_ folder: TemporaryFolder) async throws {
        _ = try await ChildProcess.run(
            [Products.bluegreen, "proxy", "--stop"], directory: folder.path)
        for color in ["blue", "green"] {
            struct Note: Decodable {
                struct Process: Decodable { var pid: Int32 }
                var process: Process
            }
            let text = try folder.read(".bluegreen/shop/processes/\(color).json")
            let note = try JSONDecoder().decode(Note.self, from: Data(text.utf8))
            kill(note.process.pid, SIGKILL)
        }
    }
}

private let hasPython =
    (environmentVariable("PATH") ?? "").split(separator: ":")
    .contains { access("\($0)/python3", X_OK) == 0 }
