/// Child processes, and other processes that must be found again.
package struct Processes: Sendable {
    /// Runs a program in a session of its own until it ends, its time is up or the task is cancelled;
    /// in the last two cases the whole group gets SIGTERM, after `grace` SIGKILL. Returns only when no
    /// process of the group is left. A non-zero exit is a result, not a failure.
    package var run: @Sendable (ProcessRequest) async throws(Failure) -> ProcessResult
    /// Throws what `run` would throw where there is no such program; looks, and starts nothing.
    package var find: @Sendable (ProcessRequest) throws(Failure) -> Void
    /// Ends another process: SIGTERM, after `grace` SIGKILL. Never signals a pid that is not that
    /// process any more. Returns `true` when the process is gone.
    package var end: @Sendable (_ process: ProcessIdentity, _ grace: Duration) async -> Bool
    package var isAlive: @Sendable (ProcessIdentity) -> Bool
    /// The living processes of the session that this one began, also once it has itself ended. None
    /// where its number belongs to another process by now.
    package var members: @Sendable (ProcessIdentity) -> [Int32]
    /// Starts a program in a session of its own and returns without waiting for its end; it outlives
    /// us. It reads nothing, its output goes to the end of its log, and it gets no other descriptor and
    /// no signal setting of ours.
    ///
    /// Once this returns, the program itself runs. Throws `.commandNotFound` where there is none, and
    /// `.commandFailed` where it may not be executed, its folder is missing or its log cannot be
    /// written; then nothing runs.
    package var start: @Sendable (BackgroundRequest) async throws(Failure) -> ProcessIdentity
    /// `nil` once the process has ended.
    package var facts: @Sendable (ProcessIdentity) -> ProcessFacts?
    /// The living processes of a program that `start` began, oldest first: that one, what is in its
    /// session, and what carries its mark in the environment it was started with. Once the program has
    /// ended, its number may have been another session's: then only what writes to its log counts.
    /// Never us.
    package var kin: @Sendable (ProcessTrace) -> [ProcessIdentity]
    /// Who listens on that TCP port of this machine; `nil` for nobody, or somebody we may not look at.
    ///
    /// `host`, an IPv4 address, leaves out those that listen on other addresses only.
    package var listener: @Sendable (_ host: String?, _ port: Int) -> ProcessName?

    package init(
        run: @escaping @Sendable (ProcessRequest) async throws(Failure) -> ProcessResult,
        find: @escaping @Sendable (ProcessRequest) throws(Failure) -> Void = { _ in },
        end: @escaping @Sendable (ProcessIdentity, Duration) async -> Bool,
        isAlive: @escaping @Sendable (ProcessIdentity) -> Bool,
        members: @escaping @Sendable (ProcessIdentity) -> [Int32] = { _ in [] },
        start: @escaping @Sendable (BackgroundRequest) async throws(Failure) -> ProcessIdentity,
        facts: @escaping @Sendable (ProcessIdentity) -> ProcessFacts?,
        kin: @escaping @Sendable (ProcessTrace) -> [ProcessIdentity],
        listener: @escaping @Sendable (String?, Int) -> ProcessName?
    ) {
        self.run = run
        self.find = find
        self.end = end
        self.isAlive = isAlive
        self.members = members
        self.start = start
        self.facts = facts
        self.kin = kin
        self.listener = listener
    }
}

/// A process that cannot be mistaken for a later one with the same number.
package struct ProcessIdentity: Hashable, Codable, Sendable {
    package var pid: Int32
    /// Clock ticks after boot, from `/proc/PID/stat`.
    package var startTime: UInt64
    package var bootID: String

    package init(pid: Int32, startTime: UInt64, bootID: String) {
        self.pid = pid
        self.startTime = startTime
        self.bootID = bootID
    }
}

package struct ProcessRequest: Sendable {
    /// The environment variable that holds `mark`.
    package static let markName = "BLUEGREEN_SUPERVISES"
    /// From SIGTERM to SIGKILL, where nobody says otherwise.
    package static let usualGrace = Duration.seconds(5)

    /// The program first; found by `PATH` where it has no slash.
    package var arguments: [String]
    /// All of it: nothing is inherited.
    package var environment: [String: String]
    package var directory: String?
    package var timeout: Duration
    package var grace: Duration
    /// Whoever ends the program when we die carries it, for `Processes.kin` to find; the program does
    /// not see it.
    package var mark: String?
    package var spawned: @Sendable (ProcessIdentity) async -> Void
    package var line: @Sendable (OutputLine) -> Void

    package init(
        arguments: [String], environment: [String: String], directory: String? = nil,
        timeout: Duration, grace: Duration = Self.usualGrace, mark: String? = nil,
        spawned: @escaping @Sendable (ProcessIdentity) async -> Void = { _ in },
        line: @escaping @Sendable (OutputLine) -> Void = { _ in }
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.timeout = timeout
        self.grace = grace
        self.mark = mark
        self.spawned = spawned
        self.line = line
    }
}

/// A program that goes on when we have ended.
package struct BackgroundRequest: Hashable, Sendable {
    /// The program first; found by `PATH` of `environment` where it has no slash.
    package var arguments: [String]
    /// All of it: nothing is inherited.
    package var environment: [String: String]
    /// A relative path of the program starts here; `nil` is where we work.
    package var directory: String?
    /// Gets everything that the program prints. Created (0600) where it is not there; never a link.
    package var log: String

    package init(
        arguments: [String], environment: [String: String], directory: String? = nil, log: String
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.log = log
    }
}

/// How a program that goes on without us is recognised, with all that it starts itself.
package struct ProcessTrace: Hashable, Sendable {
    /// `nil` where its start was never recorded.
    package var process: ProcessIdentity?
    /// `NAME=value`, in the environment it was started with.
    package var mark: String
    /// Where it was started to print to.
    package var log: String

    package init(process: ProcessIdentity?, mark: String, log: String) {
        self.process = process
        self.mark = mark
        self.log = log
    }

    /// What was run with this mark and whose owner has died, or runs it still.
    package init(supervised mark: String) {
        self.init(process: nil, mark: "\(ProcessRequest.markName)=\(mark)", log: "")
    }
}

/// A process as people know it.
package struct ProcessName: Hashable, Sendable {
    package var pid: Int32
    /// The name of the program; the kernel keeps 15 bytes of it.
    package var program: String

    package init(pid: Int32, program: String) {
        self.pid = pid
        self.program = program
    }
}

/// What a running process costs.
package struct ProcessFacts: Hashable, Sendable {
    package var uptime: Duration
    /// Bytes of it in memory now.
    package var residentMemory: Int

    package init(uptime: Duration, residentMemory: Int) {
        self.uptime = uptime
        self.residentMemory = residentMemory
    }
}

package struct OutputLine: Hashable, Sendable {
    package enum Stream: Sendable {
        case output
        case error
    }

    package var stream: Stream
    /// Without the line end; as the program wrote it, not yet made safe for a terminal.
    package var text: String
    /// The line was too long for one piece; the next line of this stream goes on with it.
    package var isContinued: Bool

    package init(_ stream: Stream, _ text: String, isContinued: Bool = false) {
        self.stream = stream
        self.text = text
        self.isContinued = isContinued
    }
}

package struct ProcessResult: Hashable, Sendable {
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
        case timedOut
        case cancelled
    }

    package var ending: Ending
    /// The first and last bytes, 64 KiB at most.
    package var output: String
    package var errors: String
    package var elapsed: Duration
    /// What the program had left running when it ended by itself, and what was ended then.
    package var left: [ProcessName] = []

    package init(
        ending: Ending, output: String = "", errors: String = "", elapsed: Duration = .zero
    ) {
        self.ending = ending
        self.output = output
        self.errors = errors
        self.elapsed = elapsed
    }
}
