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
        try await ChildProcess.run(
            [
                "strace", "-f", "-qq", "-o", scene.folder.file("injected"),
                "-e", "trace=\(call.name)",
                "-e", "inject=\(call.name):\(fault):when=\(call.ordinal)",
                Products.bluegreen,
            ] + words, directory: scene.folder.path)
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
