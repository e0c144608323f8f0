package import PipelineModel

/// Every door to the outside, as closures: one real set, and one per test.
package struct World: Sendable {
    package var time: Time
    package var files: Files
    package var locks: Locks
    package var processes: Processes
    package var http: HTTP
    package var streams: Streams
    package var names: Names
    package var host: Host
    /// What was read before; `nil`: everything is read anew.
    package var readings: ReadingMemory?

    package init(
        time: Time, files: Files, locks: Locks, processes: Processes, http: HTTP, streams: Streams,
        names: Names = Names(), host: Host, readings: ReadingMemory? = nil
    ) {
        self.time = time
        self.files = files
        self.locks = locks
        self.processes = processes
        self.http = http
        self.streams = streams
        self.names = names
        self.host = host
        self.readings = readings
    }
}

/// Clocks.
package struct Time: Sendable {
    /// Time since boot, suspended time included: for deadlines and lengths.
    package var now: @Sendable () -> Duration
    /// For display and records only.
    package var wall: @Sendable () -> WallTime
    /// Ends early, without an error, when the task is cancelled.
    package var sleep: @Sendable (Duration) async -> Void

    package init(
        now: @escaping @Sendable () -> Duration, wall: @escaping @Sendable () -> WallTime,
        sleep: @escaping @Sendable (Duration) async -> Void
    ) {
        self.now = now
        self.wall = wall
        self.sleep = sleep
    }
}

/// Who and where this process is.
package struct Host: Sendable {
    /// What every child gets of our own environment.
    package static let inheritedNames = ["PATH", "HOME", "USER", "LANG", "TERM", "TMPDIR"]

    package var name: String
    package var user: String
    package var bootID: String
    package var process: ProcessIdentity
    package var workingDirectory: String
    package var environment: @Sendable (String) -> String?
    /// 64 random bits for names that must not repeat.
    package var randomBits: @Sendable () -> UInt64

    package init(
        name: String, user: String, bootID: String, process: ProcessIdentity,
        workingDirectory: String, environment: @escaping @Sendable (String) -> String?,
        randomBits: @escaping @Sendable () -> UInt64
    ) {
        self.name = name
        self.user = user
        self.bootID = bootID
        self.process = process
        self.workingDirectory = workingDirectory
        self.environment = environment
        self.randomBits = randomBits
    }
}
