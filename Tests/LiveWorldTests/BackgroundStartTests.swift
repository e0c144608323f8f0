import Contracts
import Glibc
import Testing

@testable import LiveWorld

@Suite struct BackgroundStartTests {
    let processes = World.live().processes
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func request(
        _ arguments: [String], environment: [String: String] = ["PATH": "/usr/bin:/bin"]
    ) -> BackgroundRequest {
        BackgroundRequest(
            arguments: arguments, environment: environment, directory: folder.path,
            log: folder("log"))
    }

    /// What a program printed until it ended.
    private func printed(_ request: BackgroundRequest) async throws -> String {
        let process = try await processes.start(request)
        while processes.isAlive(process) { await Task.yield() }
        return try folder.text("log")
    }

    private func withSleeper(_ use: (ProcessIdentity) throws -> Void) async throws {
        let process = try await processes.start(request(["sleep", "60"]))
        try use(process)
        #expect(await processes.end(process, .seconds(10)))
    }

    private func failure(_ request: BackgroundRequest) async throws -> Failure {
        try #require(
            await #expect(throws: Failure.self) { try await processes.start(request) })
    }

    @Test func `a started process runs in a session of its own`() async throws {
        try await withSleeper { process in
            #expect(processes.isAlive(process))
            #expect(getsid(process.pid) == process.pid)
            #expect(getpgid(process.pid) == process.pid)
        }
    }

    @Test func `a child that has ended leaves no number behind`() async throws {
        let process = try await processes.start(request(["true"]))
        while ProcessEntry(process.pid) != nil { await Task.yield() }
        #expect(processes.facts(process) == nil)
    }

    @Test func `facts say how long it runs and what it takes`() async throws {
        try await withSleeper { process in
            let facts = try #require(processes.facts(process))
            #expect(facts.uptime < .seconds(60))
            #expect(facts.residentMemory > 4096)
        }
    }

    @Test func `there are no facts of a later process with the same number`() async throws {
        try await withSleeper { process in
            var earlier = process
            earlier.startTime -= 1
            #expect(processes.facts(earlier) == nil)
        }
    }

    @Test func `the environment is exactly the one that was given`() async throws {
        let printed = try await printed(request(["/usr/bin/env"], environment: ["ONLY": "this"]))
        #expect(printed == "ONLY=this\n")
    }

    @Test func `the program works in its folder under the name it was called by`() async throws {
        let printed = try await printed(request(["sh", "-c", "pwd; echo $0"]))
        #expect(printed == "\(folder.path)\nsh\n")
    }

    @Test func `a program with a slash is found from its folder`() async throws {
        var request = request(["./echo", "here"])
        request.directory = "/bin"
        #expect(try await printed(request) == "here\n")
    }

    @Test func `output and errors are added to the log, for its owner only`() async throws {
        try folder.write("log", "before\n", mode: 0o644)
        let printed = try await printed(request(["sh", "-c", "echo out; echo err >&2"]))
        #expect(printed == "before\nout\nerr\n")
        #expect(try World.live().files.status(folder("log"))?.mode == 0o600)
    }

    @Test func `a log that is a link is refused`() async throws {
        try folder.write("other", "")
        symlink(folder("other"), folder("log"))
        let failure = try await failure(request(["true"]))
        #expect(failure.code == .commandFailed)
        #expect(failure.evidence == ["cannot write \(folder("log")): it is a symbolic link"])
    }

    @Test func `no descriptor of ours is handed on`() async throws {
        let ours = open("/dev/null", O_RDONLY)
        defer { close(ours) }
        let printed = try await printed(request(["sh", "-c", "readlink /proc/$$/fd/*"]))
        #expect(printed == "/dev/null\n\(folder("log"))\n\(folder("log"))\n")
    }

    @Test func `no signal is ignored or held back because we do so`() async throws {
        signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, SIG_DFL) }
        let printed = try await printed(
            request(["sed", "-nE", "s/^Sig(Blk|Ign):.*([0-9a-f]{8})$/\\2/p", "/proc/self/status"]))
        let masks = printed.split(separator: "\n").compactMap { UInt32($0, radix: 16) }
        // The C library keeps signal 32 for itself and begins every program without it.
        #expect(masks.map { $0 & ~(1 << 31) } == [0, 0])
    }

    @Test func `a missing program is said to be missing`() async throws {
        let failure = try await failure(request(["nowhere-to-be-found"]))
        #expect(failure.code == .commandNotFound)
        #expect(failure.evidence == ["searched PATH /usr/bin:/bin"])
        #expect(try await self.failure(request(["./tool"])).code == .commandNotFound)
    }

    @Test func `a program that may not be executed says so`() async throws {
        try folder.write("tool", "#!/bin/sh\n", mode: 0o600)
        let failure = try await failure(request(["./tool"]))
        #expect(failure.code == .commandFailed)
        #expect(failure.message == "cannot run ./tool")
        #expect(failure.evidence == ["Permission denied"])
    }

    @Test func `a missing folder is told from a missing program`() async throws {
        var request = request(["true"])
        request.directory = folder("gone")
        let failure = try await failure(request)
        #expect(failure.code == .commandFailed)
        #expect(failure.message == "cannot run true in \(folder("gone"))")
        #expect(failure.evidence == ["No such file or directory"])
    }
}
