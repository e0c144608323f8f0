import Contracts
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// One child process, from its start until nothing of its group is left.
final class ChildRun: Sendable {
    private typealias Child = Execution<FileDescriptorInput, SequenceOutput, SequenceOutput>
    private typealias Stop = ProcessResult.Ending
    private typealias Captured = (
        output: BoundedCapture, errors: BoundedCapture, left: [ProcessName]
    )

    private let request: ProcessRequest
    /// The program that ends the child's group should we die; `nil`: nobody does.
    private let supervisor: String?
    /// Why the child is being ended, if it is.
    private let stop = Mutex<Stop?>(nil)
    private let stops: AsyncStream<Stop>
    private let stopper: AsyncStream<Stop>.Continuation

    init(_ request: ProcessRequest, supervisor: String?) {
        self.request = request
        self.supervisor = supervisor
        (stops, stopper) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    func run() async throws(Failure) -> ProcessResult {
        let program = try ProgramPath(request).found()
        guard !Task.isCancelled else { return ProcessResult(ending: .cancelled) }
        let began = KernelClock.sinceBoot
        // A task of its own is never cancelled: it keeps reading while the child shuts down.
        let work = Task { try await self.spawn(program) }
        let outcome = await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            stopper.yield(.cancelled)
        }
        do {
            var result = try outcome.get()
            result.elapsed = KernelClock.sinceBoot - began
            return result
        } catch {
            throw ProgramPath(request).failure(error)
        }
    }

    private func spawn(_ program: FilePath) async throws -> ProcessResult {
        guard await SpawnThread.answers(within: .seconds(5)) else {
            throw Refusal(
                .other, "the system gives no more threads (ulimit -u, or that of the container)")
        }
        var options = PlatformOptions()
        options.createSession = true
        let lifeline = try Lifeline(isHeld: supervisor != nil)
        defer { lifeline.cut() }
        let ended = try await Subprocess.run(
            .path(supervisor.map { FilePath($0) } ?? program), arguments: arguments(program),
            environment: environment, workingDirectory: request.directory.map { FilePath($0) },
            platformOptions: options,
            input: .fileDescriptor(
                FileDescriptor(rawValue: lifeline.end), closeAfterSpawningProcess: true),
            output: .sequence, error: .sequence
        ) { child in try await self.follow(child) }
        await groupIsEmpty(ended.processIdentifier.value)
        let captured = ended.closureResult
        var result = ProcessResult(
            ending: stop.withLock { $0 } ?? ending(ended.terminationStatus),
            output: captured.output.text, errors: captured.errors.text)
        result.left = captured.left
        return result
    }

    private func arguments(_ program: FilePath) -> Arguments {
        guard supervisor != nil else {
            return Arguments(
                executablePathOverride: request.arguments.first,
                remainingValues: Array(request.arguments.dropFirst()))
        }
        return Arguments(
            executablePathOverride: "bluegreen",
            remainingValues: [
                Supervisor.word, "\(request.grace.wholeMilliseconds)", program.string,
            ]
                + request.arguments)
    }

    private var variables: [String: String] {
        guard supervisor != nil else { return request.environment }
        var variables = Supervisor.masked(request.environment)
        variables[ProcessRequest.markName] = request.mark
        return variables
    }

    private var environment: Environment {
        .custom(
            Dictionary(
                uniqueKeysWithValues: variables.compactMap { name, value in
                    Environment.Key(rawValue: name).map { ($0, value) }
                }))
    }

    private func ending(_ status: TerminationStatus) -> ProcessResult.Ending {
        switch status {
        case .exited(let code): .exited(code)
        case .signaled(let number): .signalled(number)
        }
    }

    /// While this runs, the leader stays in the process table, so its number cannot become another's.
    private func follow(_ child: Child) async throws -> Captured {
        let group = child.processIdentifier.value
        let timer = Task {
            try await Task.sleep(for: request.timeout)
            stopper.yield(.timedOut)
        }
        let killer = Task { await self.end(group) }
        if let identity = ProcessEntry(group).map({ identity(group, $0) }) {
            await request.spawned(identity)
        }
        async let output = capture(child.standardOutput, .output)
        async let errors = capture(child.standardError, .error)
        let captured = try await (output, errors)
        await leaderHasEnded(group)
        timer.cancel()
        stopper.finish()
        // What the leader left behind gets its grace only when the whole group is being ended.
        await killer.value
        let left = stop.withLock { $0 } == nil ? ProcessEntry.members(of: group) : []
        let names = left.map { ProcessTable.name(of: $0) }
        kill(-group, SIGKILL)
        return (captured.0, captured.1, names)
    }

    private func identity(_ pid: Int32, _ entry: ProcessEntry) -> ProcessIdentity {
        ProcessIdentity(pid: pid, startTime: entry.startTime, bootID: Host.bootID)
    }

    /// The first reason wins; returns when the group is gone or its grace is over.
    private func end(_ group: Int32) async {
        for await why in stops {
            stop.withLock { $0 = why }
            kill(-group, SIGTERM)
            await groupIsGone(group, within: request.grace)
            kill(-group, SIGKILL)
        }
    }

    private func capture(
        _ bytes: SubprocessOutputSequence, _ stream: OutputLine.Stream
    ) async throws -> BoundedCapture {
        var capture = BoundedCapture()
        var lines = LineSplitter { [request] in
            request.line(OutputLine(stream, $0, isContinued: $1))
        }
        for try await chunk in bytes {
            chunk.withUnsafeBytes {
                capture.append($0)
                lines.feed($0)
            }
        }
        lines.finish()
        return capture
    }

    /// A program may close its output and live on.
    private func leaderHasEnded(_ pid: Int32) async {
        var pause = Duration.microseconds(200)
        while ProcessEntry(pid)?.isLiving == true {
            await Time.live.sleep(pause)
            pause = min(pause * 2, .milliseconds(20))
        }
    }

    /// SIGKILL takes effect a moment after it was sent. The leader is reaped: mostly nothing is left.
    private func groupIsEmpty(_ group: Int32) async {
        guard kill(-group, 0) == 0 else { return }
        await groupIsGone(group, within: .seconds(2))
    }

    private func groupIsGone(_ group: Int32, within patience: Duration) async {
        let deadline = KernelClock.sinceBoot + patience
        var pause = Duration.milliseconds(1)
        while KernelClock.sinceBoot < deadline,
            ProcessEntry(group)?.isLiving == true || ProcessEntry.hasLivingMember(group: group)
        {
            await Time.live.sleep(pause)
            // Who is overtaken by a rollback has 300 ms in all to say so.
            pause = min(pause * 2, .milliseconds(5))
        }
    }
}
