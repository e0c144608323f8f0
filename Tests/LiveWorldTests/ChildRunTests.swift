import Contracts
import Foundation
import Glibc
import Synchronization
import Testing

@testable import LiveWorld

@Suite struct ChildRunTests {
    /// As the product starts steps: through the built program, which lies beside the tests.
    let world = World.live(
        supervisor: URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("bluegreen").path)

    private func request(
        _ script: String, timeout: Duration = .seconds(60), grace: Duration = .seconds(30),
        line: @escaping @Sendable (OutputLine) -> Void = { _ in }
    ) -> ProcessRequest {
        ProcessRequest(
            arguments: ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"],
            timeout: timeout, grace: grace, line: line)
    }

    private func run(_ script: String) async throws(Failure) -> ProcessResult {
        try await world.processes.run(request(script))
    }

    /// Starts a script and cancels it as soon as it has written a line.
    private func cancelAfterFirstLine(
        _ script: String, grace: Duration = .seconds(30)
    ) async throws -> ProcessResult {
        let (lines, feed) = AsyncStream.makeStream(of: String.self)
        let request = request(script, grace: grace) { feed.yield($0.text) }
        let child = Task { [world] in try await world.processes.run(request) }
        var seen = lines.makeAsyncIterator()
        _ = await seen.next()
        child.cancel()
        return try await child.value
    }

    @Test func `output, errors and exit status come back`() async throws {
        let result = try await run("echo out; echo err >&2; exit 7")
        #expect(result.output == "out\n")
        #expect(result.errors == "err\n")
        #expect(result.ending == .exited(7))
        #expect(result.elapsed > .zero)
    }

    @Test func `lines arrive one by one with their stream`() async throws {
        let seen = Seen()
        let script = "printf 'a\\r\\nb\\n\\nlast'; echo err >&2"
        _ = try await world.processes.run(request(script) { seen.add($0) })
        #expect(seen.texts(.output) == ["a", "b", "", "last"])
        #expect(seen.texts(.error) == ["err"])
    }

    @Test func `a signal is told from an exit`() async throws {
        #expect(try await run("kill -9 $$").ending == .signalled(SIGKILL))
    }

    @Test func `the environment is exactly the one that was given`() async throws {
        let result = try await world.processes.run(
            ProcessRequest(
                arguments: ["/usr/bin/env"], environment: ["ONLY": "this"],
                timeout: .seconds(60)))
        #expect(result.output == "ONLY=this\n")
    }

    @Test func `the program runs in its folder under the name it was called by`() async throws {
        let folder = try TemporaryFolder()
        var request = request("pwd; echo $0")
        request.directory = folder.path
        #expect(try await world.processes.run(request).output == "\(folder.path)\nsh\n")
    }

    @Test func `a program with a slash is found from its folder`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("tool", "#!/bin/sh\necho here\n", mode: 0o700)
        let request = ProcessRequest(
            arguments: ["./tool"], environment: [:], directory: folder.path,
            timeout: .seconds(60))
        #expect(try await world.processes.run(request).output == "here\n")
    }

    @Test func `input is empty and closed`() async throws {
        #expect(try await run("cat; echo end").output == "end\n")
    }

    @Test func `the child has a session of its own and no descriptor of ours`() async throws {
        let result = try await run("cut -d' ' -f5,6 /proc/$$/stat; ls /proc/$$/fd")
        let lines = result.output.split(separator: "\n")
        let numbers = try #require(lines.first).split(separator: " ")
        #expect(Set(numbers).count == 1)
        #expect(numbers.first != "\(getpgrp())")
        #expect(lines.dropFirst().allSatisfy { ["0", "1", "2"].contains($0) })
    }

    @Test func `what changes how programs are loaded reaches the program alone`() async throws {
        let result = try await world.processes.run(
            ProcessRequest(
                arguments: ["/usr/bin/env"], environment: ["LD_LIBRARY_PATH": "/no/such/folder"],
                timeout: .seconds(60)))
        #expect(result.output == "LD_LIBRARY_PATH=/no/such/folder\n")
        #expect(Supervisor.masked(["LD_PRELOAD": "x"]) == ["BLUEGREEN_STEP_LD_PRELOAD": "x"])
    }

    @Test func `whoever ends the program carries its mark, and the program does not see it`()
        async throws
    {
        let folder = try TemporaryFolder()
        let trace = ProcessTrace(supervised: "in \(folder.path)")
        let marked = Mutex<[ProcessIdentity]>([])
        let script = "echo ready; until [ -e looked ]; do sleep 0.01; done; env"
        var request = request(script) { [world] line in
            guard line.text == "ready" else { return }
            marked.withLock { $0 = world.processes.kin(trace) }
            #expect(throws: Never.self) { try folder.write("looked", "") }
        }
        request.directory = folder.path
        request.mark = "in \(folder.path)"
        let ended = try await world.processes.run(request)
        #expect(!ended.output.contains(ProcessRequest.markName))
        #expect(marked.withLock(\.count) == 1)
        #expect(world.processes.kin(trace).isEmpty)
    }

    @Test func `a program that the kernel refuses is told from one that failed`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("text", "no program at all", mode: 0o755)
        let result = try await world.processes.run(
            ProcessRequest(
                arguments: [folder("text")], environment: [:], timeout: .seconds(60)))
        #expect(result.ending == .exited(126))
        #expect(result.errors.contains("Exec format error"))
    }

    @Test func `a missing program names the PATH that was searched`() async {
        let request = ProcessRequest(
            arguments: ["no-such-tool"], environment: ["PATH": "/usr/bin:/bin"],
            timeout: .seconds(60))
        let failure = await #expect(throws: Failure.self) {
            try await world.processes.run(request)
        }
        #expect(failure?.code == .commandNotFound)
        #expect(failure?.message == "there is no program 'no-such-tool'")
        #expect(failure?.evidence == ["searched PATH /usr/bin:/bin"])
    }

    @Test func `a missing program with a slash is not found either`() async {
        let request = ProcessRequest(
            arguments: ["/no/such/tool"], environment: [:], timeout: .seconds(60))
        let failure = await #expect(throws: Failure.self) {
            try await world.processes.run(request)
        }
        #expect(failure?.code == .commandNotFound)
    }

    @Test func `a missing folder is a failure that names it`() async {
        let request = ProcessRequest(
            arguments: ["sh"], environment: ["PATH": "/bin"], directory: "/no/such/folder",
            timeout: .seconds(60))
        let failure = await #expect(throws: Failure.self) {
            try await world.processes.run(request)
        }
        #expect(failure?.code == .commandFailed)
        #expect(failure?.message == "cannot run sh in /no/such/folder")
    }

    @Test func `much output is kept at both ends and streamed whole`() async throws {
        let counter = Counter()
        let result = try await world.processes.run(
            request("seq 1 200000; echo end") { _ in counter.add(1) })
        #expect(counter.value == 200_001)
        #expect(result.output.utf8.count <= 64 << 10)
        #expect(result.output.hasPrefix("1\n2\n"))
        #expect(result.output.hasSuffix("199999\n200000\nend\n"))
        #expect(result.output.contains(" bytes left out]\n"))
    }

    @Test func `one endless line costs no memory and comes in pieces`() async throws {
        let counter = Counter()
        let script = "head -c 10000000 /dev/zero | tr '\\0' x"
        let result = try await world.processes.run(
            request(script) { counter.add($0.text.utf8.count) })
        #expect(counter.value == 10_000_000)
        #expect(result.output.utf8.count <= 64 << 10)
    }

    @Test func `time that is up ends the program`() async throws {
        let result = try await world.processes.run(
            request("echo begun; exec sleep 60", timeout: .milliseconds(200)))
        #expect(result.ending == .timedOut)
        #expect(result.output == "begun\n")
    }

    @Test func `a tree that ignores SIGTERM is killed after its grace`() async throws {
        let script = """
            trap '' TERM
            sh -c 'trap "" TERM; while :; do sleep 60; done' &
            echo $!
            while :; do sleep 60; done
            """
        let result = try await world.processes.run(
            request(script, timeout: .milliseconds(200), grace: .milliseconds(100)))
        #expect(result.ending == .timedOut)
        #expect(!isLiving(result.output))
    }

    @Test func `a child of a leader that ends at once still has its grace`() async throws {
        let folder = try TemporaryFolder()
        let script = """
            sh -c 'trap "sleep 0.2; echo saved > \(folder("state")); exit" TERM
                echo up; while :; do sleep 0.05; done' &
            wait
            """
        let result = try await cancelAfterFirstLine(script)
        #expect(result.ending == .cancelled)
        #expect(try folder.text("state") == "saved\n")
    }

    @Test func `what a cancelled program writes while it shuts down is kept`() async throws {
        let result = try await cancelAfterFirstLine(
            "trap 'echo cleaned; exit 5' TERM; echo up; while :; do sleep 0.05; done")
        #expect(result.ending == .cancelled)
        #expect(result.output == "up\ncleaned\n")
    }

    @Test func `nothing is started for a task that is cancelled already`() async throws {
        let folder = try TemporaryFolder()
        let request = request("touch \(folder("started"))")
        let child = Task { [world] in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await world.processes.run(request)
        }
        #expect(try await child.value.ending == .cancelled)
        #expect(try folder.names().isEmpty)
    }

    @Test func `what a program leaves behind in its group is ended with it`() async throws {
        let result = try await run("sleep 60 & echo $!")
        #expect(result.ending == .exited(0))
        #expect(!isLiving(result.output))
        #expect(result.left.map { "\($0.pid)\n" } == [result.output])
    }

    @Test func `a program that leaves nothing behind has nothing told of it`() async throws {
        #expect(try await run("sleep 0.01 & wait").left.isEmpty)
    }

    @Test func `a daemon that keeps the pipe open does not hold us up`() async throws {
        let result = try await run("setsid sh -c 'echo $$; exec sleep 60' & sleep 0.3")
        #expect(result.ending == .exited(0))
        let daemon = try #require(Int32(result.output.filter { $0.isNumber }))
        #expect(kill(daemon, SIGKILL) == 0)
    }

    @Test func `a program may close its output and live on`() async throws {
        let result = try await run("exec >&- 2>&-; sleep 0.2; exit 3")
        #expect(result.ending == .exited(3))
        #expect(result.elapsed >= .milliseconds(200))
    }

    @Test func `many programs at once all come back`() async throws {
        let outputs = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 1...50 { group.addTask { try await run("echo \(number)").output } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(outputs.count == 50)
    }

    private func isLiving(_ output: String) -> Bool {
        Int32(output.filter { $0.isNumber }).flatMap { ProcessIdentity.living($0) } != nil
    }
}

/// Lines in the order in which they came.
private final class Seen: Sendable {
    private let lines = Mutex<[OutputLine]>([])

    func add(_ line: OutputLine) { lines.withLock { $0.append(line) } }

    func texts(_ stream: OutputLine.Stream) -> [String] {
        lines.withLock { $0.filter { $0.stream == stream }.map(\.text) }
    }
}

private final class Counter: Sendable {
    private let sum = Mutex(0)

    func add(_ number: Int) { sum.withLock { $0 += number } }

    var value: Int { sum.withLock { $0 } }
}
