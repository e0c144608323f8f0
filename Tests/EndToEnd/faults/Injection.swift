import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// A fault that strace injects into one system call of a command.
struct Injection: CustomStringConvertible {
    let call: SystemCall
    /// In strace's words: `signal=KILL`, `error=ENOSPC`.
    let fault: String

    init(_ call: SystemCall, _ fault: String) {
        self.call = call
        self.fault = fault
    }

    init(call: String, _ ordinal: Int, _ fault: String) {
        self.init(SystemCall(name: call, ordinal: ordinal), fault)
    }

    var description: String { "\(call) \(fault)" }

    /// Runs `bluegreen WORDS` with the fault. Where no thread gets as far as that call, without it.
    func run(_ words: [String], in scene: Scene) async throws -> FinishedProcess {
        try await ChildProcess.run(arguments(words, in: scene), directory: scene.folder.path)
    }

    /// Stops `bluegreen WORDS` at the call, which no thread can refuse, and lets it go on with the signal
    /// `number`. Says whether it got that far.
    func interrupt(
        _ words: [String], by number: Int32, in scene: Scene
    ) async throws -> (ending: FinishedProcess, isHit: Bool) {
        try scene.folder.write("", to: Self.log)
        let strace = try ChildProcess(
            arguments(words, in: scene), directory: scene.folder.path, logs: scene.folder,
            name: "interrupted")
        var isHit = false
        try await eventually("the end of \(words)", within: .seconds(60)) {
            let stopped = try stoppedThreads(in: scene)
            if !isHit, !stopped.isEmpty {
                isHit = true
                kill(try program(under: strace), number)
            }
            for thread in stopped { kill(thread, SIGCONT) }
            return strace.endedAs != nil
        }
        return (try await strace.finish(), isHit)
    }

    /// The call has an ordinal in every thread, so that a second one may stop its process again.
    private func stoppedThreads(in scene: Scene) throws -> [Int32] {
        try scene.folder.read(Self.log).split(separator: "\n")
            .filter { $0.hasSuffix("--- stopped by SIGSTOP ---") }
            .compactMap { line in line.split(separator: " ").first.flatMap { Int32($0) } }
    }

    private func program(under strace: ChildProcess) throws -> Int32 {
        let children = try String(
            contentsOfFile: "/proc/\(strace.pid)/task/\(strace.pid)/children", encoding: .utf8)
        return try #require(Int32(children.trimming))
    }

    static let log = "injected"

    private func arguments(_ words: [String], in scene: Scene) -> [String] {
        [
            "strace", "-f", "-qq", "-o", scene.folder.file(Self.log), "-e", "trace=\(call.name)",
            "-e", "inject=\(call.name):\(fault):when=\(call.ordinal)", Products.bluegreen,
        ] + words
    }

    /// The system calls of `bluegreen WORDS`, as they are without a fault.
    static func calls(
        of words: [String], in scene: Scene, where isWanted: (Substring) -> Bool = { _ in true }
    ) async throws -> [SystemCall] {
        let file = "calls"
        let done = try await ChildProcess.run(
            ["strace", "-f", "-qq", "-y", "-o", scene.folder.file(file), Products.bluegreen]
                + words, directory: scene.folder.path)
        guard done.status == 0 else { throw RigFailure("\(words): \(done)") }
        return SystemCall.all(in: try scene.folder.read(file), where: isWanted)
    }
}
