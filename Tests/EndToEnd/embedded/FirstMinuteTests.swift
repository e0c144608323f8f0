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

    /// Its standard ports may be taken: a network of its own has them all.
    @Test(.enabled(if: mayHaveNetwork, "unshare -rn is not possible here"))
    func `without a flag, in an empty folder, the two commands that it prints work`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let (programs, place) = (folder.file("programs"), folder.file("place"))
            for made in [programs, place] { try #require(mkdir(made, 0o700) == 0) }
            try #require(symlink(Products.bluegreen, "\(programs)/bluegreen") == 0)
            try folder.write(Self.firstMinute, to: "first-minute")
            let done = try await ChildProcess.run(
                ["unshare", "-rn", "/bin/sh", "-e", folder.file("first-minute"), programs],
                directory: place)
            #expect(done.status == 0, "\(done)")
            let printed = "\nNext:\n  bluegreen proxy --detach\n  bluegreen deploy 1.0\n--\n"
            #expect(done.output.contains(printed), "\(done)")
            #expect(
                done.output.hasSuffix(
                    "green 1.0 is live. Production is on green, proven from outside.\n200 green\n"),
                "\(done)")
        }
    }

    private static let firstMinute = """
        PATH=$1:$PATH
        python3 -c 'import fcntl, socket, struct
        fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sH14x", b"lo", 0x41))'
        bluegreen init </dev/null | tee ../said
        echo --
        clean_up() {
            sed -n 's/.*"pid":\\([0-9]*\\).*/\\1/p' .bluegreen/*/processes/*.json | xargs -r kill
            bluegreen proxy --stop
        }
        trap clean_up EXIT
        tail -n 2 ../said >../next
        . ../next
        python3 -c 'import urllib.request
        answer = urllib.request.urlopen("http://127.0.0.1:8080/version")
        print(answer.status, answer.headers["X-Color"])'
        clean_up >/dev/null
        trap - EXIT

        """

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

/// A network of its own, where no port is taken.
private let mayHaveNetwork = system("unshare -rn true 2>/dev/null") == 0
