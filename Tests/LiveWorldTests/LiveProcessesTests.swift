import Contracts
import Glibc
import Synchronization
import Testing

@testable import LiveWorld

@Suite struct LiveProcessesTests {
    let processes = World.live().processes

    /// A shell that says its number, and the identity it was announced with.
    private func withSleeper(
        _ script: String, _ use: (ProcessIdentity) async throws -> Void
    ) async throws {
        let (identities, announce) = AsyncStream.makeStream(of: ProcessIdentity.self)
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        let child = Task { [processes] in
            try await processes.run(
                ProcessRequest(
                    arguments: ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"],
                    timeout: .seconds(60), grace: .zero, spawned: { announce.yield($0) },
                    line: { line.yield($0.text) }))
        }
        var announced = identities.makeAsyncIterator()
        var written = lines.makeAsyncIterator()
        let identity = try #require(await announced.next())
        _ = await written.next()
        try await use(identity)
        child.cancel()
        _ = try await child.value
    }

    @Test func `a running process is alive and can be ended`() async throws {
        try await withSleeper("echo up; exec sleep 60") { process in
            #expect(processes.isAlive(process))
            #expect(await processes.end(process, .seconds(10)))
            #expect(!processes.isAlive(process))
        }
    }

    @Test func `a process that ignores SIGTERM is killed after its grace`() async throws {
        try await withSleeper("trap '' TERM; echo up; while :; do sleep 60; done") { process in
            #expect(await processes.end(process, .milliseconds(50)))
            #expect(!processes.isAlive(process))
        }
    }

    @Test func `a stopped process is ended too`() async throws {
        try await withSleeper("echo up; exec sleep 60") { process in
            kill(process.pid, SIGSTOP)
            #expect(await processes.end(process, .zero))
        }
    }

    @Test func `a later process with the same number is left alone`() async throws {
        try await withSleeper("echo up; exec sleep 60") { process in
            var earlier = process
            earlier.startTime -= 1
            #expect(!processes.isAlive(earlier))
            #expect(await processes.end(earlier, .zero))
            #expect(processes.isAlive(process))
        }
    }

    @Test(arguments: ["sh", "/bin/sh", "./tool"])
    func `a program that is there is found`(program: String) throws {
        try inFolder { folder in
            try processes.find(request(program, in: folder))
        }
    }

    @Test(arguments: ["no-such-program", "/bin/no-such-program", "./notes", "./none", "./folder"])
    func `a program that is missing, may not be executed or is none is not found`(
        program: String
    ) throws {
        try inFolder { folder in
            #expect(throws: Failure.self) { try processes.find(request(program, in: folder)) }
        }
    }

    private func request(_ program: String, in folder: String) -> ProcessRequest {
        ProcessRequest(
            arguments: [program], environment: ["PATH": "/usr/bin:/bin"], directory: folder,
            timeout: .seconds(1))
    }

    private func inFolder(_ use: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        try folder.write("tool", "#!/bin/sh\n", mode: 0o755)
        try folder.write("notes", "")
        mkdir(folder("folder"), 0o755)
        try withExtendedLifetime(folder) { try use(folder.path) }
    }

    @Test func `a process of another boot is left alone`() async throws {
        try await withSleeper("echo up; exec sleep 60") { process in
            var earlier = process
            earlier.bootID = "another"
            #expect(!processes.isAlive(earlier))
            #expect(await processes.end(earlier, .zero))
            #expect(processes.isAlive(process))
        }
    }

    @Test func `a process that does not exist is gone`() async {
        let bootID = World.live().host.bootID
        let nobody = ProcessIdentity(pid: Int32.max - 1, startTime: 1, bootID: bootID)
        #expect(!processes.isAlive(nobody))
        #expect(await processes.end(nobody, .zero))
    }

    @Test func `a process of another user that may not be ended is not gone`() async throws {
        guard geteuid() != 0 else { return print("skipped: root may end every process") }
        let first = try #require(ProcessIdentity.living(1))
        #expect(await !processes.end(first, .zero))
    }
}
