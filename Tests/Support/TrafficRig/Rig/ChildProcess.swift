import FoundationEssentials
import Glibc
import Synchronization

/// A process that the rig started, and is the only one to end.
package final class ChildProcess: Sendable {
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case killed(by: Int32)
    }

    package let pid: Int32
    private let name: String
    private let outputFile: String
    private let errorFile: String
    /// Set once the process is reaped; from then on its id may belong to somebody else.
    private let ending = Mutex<Ending?>(nil)

    /// Starts `arguments`; what it prints goes to `NAME.out` and `NAME.err` in `logs`.
    /// `environment` is laid over this process's own; nil removes a variable.
    package init(
        _ arguments: [String], environment: [String: String?] = [:], directory: String? = nil,
        logs: TemporaryFolder, name: String
    ) throws {
        self.name = name
        outputFile = logs.file(name + ".out")
        errorFile = logs.file(name + ".err")
        pid = try spawn(
            arguments, environment, directory, output: outputFile, errors: errorFile)
    }

    package var output: String { Self.read(outputFile) }
    package var errors: String { Self.read(errorFile) }

    private static func read(_ file: String) -> String {
        // The file is there from before the start; where it was removed nothing was printed.
        String(decoding: (try? Data(contentsOf: URL(filePath: file))) ?? Data(), as: UTF8.self)
    }

    /// How it ended, or nil while it runs.
    package var endedAs: Ending? {
        ending.withLock { ending in
            var status: Int32 = 0
            if ending == nil, waitpid(pid, &status, WNOHANG) == pid {
                let signal = status & 0x7F
                ending = signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(by: signal)
            }
            return ending
        }
    }

    /// Nothing happens where the process has ended.
    package func signal(_ number: Int32) {
        _ = endedAs
        ending.withLock { if $0 == nil { kill(pid, number) } }
    }

    @discardableResult
    package func waitUntilEnded(within limit: Duration = .seconds(30)) async throws -> Ending {
        var result: Ending?
        try await eventually("the end of \(name)", within: limit) {
            result = endedAs
            return result != nil
        }
        guard let result else { preconditionFailure("the wait above ends only with a result") }
        return result
    }

    /// The same, with what it left behind.
    package func finish(within limit: Duration = .seconds(30)) async throws -> FinishedProcess {
        let ending = try await waitUntilEnded(within: limit)
        return FinishedProcess(ending: ending, output: output, errors: errors)
    }

    /// SIGTERM, and SIGKILL where that does not help in time.
    package func stop(within limit: Duration = .seconds(10)) async {
        signal(SIGTERM)
        do {
            try await waitUntilEnded(within: limit)
        } catch {
            killAtOnce()
        }
    }

    /// The same where nothing can be awaited: this thread waits.
    package func end(within limit: Duration = .seconds(10)) {
        signal(SIGTERM)
        let deadline = ContinuousClock.now + limit
        while endedAs == nil, ContinuousClock.now < deadline { usleep(2000) }
        killAtOnce()
    }

    /// SIGKILL, and the process is gone when this returns.
    package func killAtOnce() {
        ending.withLock { ending in
            guard ending == nil else { return }
            kill(pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            ending = .killed(by: SIGKILL)
        }
    }
}

/// What a process that has ended left behind.
package struct FinishedProcess: Sendable {
    package let ending: ChildProcess.Ending
    package let output: String
    package let errors: String

    package init(ending: ChildProcess.Ending, output: String, errors: String) {
        (self.ending, self.output, self.errors) = (ending, output, errors)
    }

    package var status: Int32? {
        guard case .exited(let status) = ending else { return nil }
        return status
    }
}

extension ChildProcess {
    /// Runs `arguments` to their end; a process that outlives `limit` is killed and thrown.
    package static func run(
        _ arguments: [String], environment: [String: String?] = [:], directory: String? = nil,
        within limit: Duration = .seconds(60)
    ) async throws -> FinishedProcess {
        try await withTemporaryFolder { logs in
            let process = try ChildProcess(
                arguments, environment: environment, directory: directory, logs: logs, name: "run")
            defer { process.killAtOnce() }
            return try await process.finish(within: limit)
        }
    }
}
