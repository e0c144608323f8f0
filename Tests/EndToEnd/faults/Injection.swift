import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// A fault that strace injects into one system call of a command.
struct Injection: CustomStringConvertible {
    let call: SystemCall
    /// In strace's words: `signal=KILL`, `error=ENOSPC`.
    let fault: String
    /// The words before the command, where it runs somewhere else.
    var prefix: [String] = []

    init(_ call: SystemCall, _ fault: String) {
        self.call = call
        self.fault = fault
    }

    init(call: String, _ ordinal: Int, _ fault: String) {
        self.init(SystemCall(name: call, ordinal: ordinal), fault)
    }

    var description: String { "\(call) \(fault)" }

    /// Runs `bluegreen WORDS` with the fault. Where no thread gets as far as that call, without it.
    func run(_ words: [String], in scene: any PublicAddress) async throws -> FinishedProcess {
        try await ChildProcess.run(
            arguments(words, in: scene), environment: quickDeath, directory: scene.folder.path)
    }

    /// Stops `bluegreen WORDS` at the call, which no thread can refuse, and lets it go on with the signal
    /// `number`. Says whether it got that far.
    func interrupt(
        _ words: [String], by number: Int32, in scene: any PublicAddress
    ) async throws -> (ending: FinishedProcess, isHit: Bool) {
        try await pause(words, in: scene) { kill($0, number) }
    }

    /// Stops `bluegreen WORDS` at the call, lets `meanwhile` happen, and lets it go on. Says whether it
    /// got that far.
    func pause(
        _ words: [String], in scene: any PublicAddress, meanwhile: (Int32) async throws -> Void
    ) async throws -> (ending: FinishedProcess, isHit: Bool) {
        try scene.folder.write("", to: Self.log)
        let strace = try ChildProcess(
            arguments(words, in: scene), directory: scene.folder.path, logs: scene.folder,
            name: "interrupted")
        defer { strace.killAtOnce() }
        var isHit = false
        try await eventually("the end of \(words)", within: .seconds(60)) {
            let stopped = try stoppedThreads(in: scene)
            if !isHit, !stopped.isEmpty {
                isHit = true
                try await meanwhile(try program(under: strace))
            }
            for thread in stopped { kill(thread, SIGCONT) }
            return strace.endedAs != nil
        }
        let ending = try await strace.finish()
        // Then it let go of the program, and its exit status is its own.
        guard ending.errors.contains("strace: ptrace(") else { return (ending, isHit) }
        let unknown = FinishedProcess(
            ending: .killed(by: SIGKILL), output: ending.output, errors: ending.errors)
        return (unknown, isHit)
    }

    /// The call has an ordinal in every thread, so that a second one may stop its process again.
    private func stoppedThreads(in scene: any PublicAddress) throws -> [Int32] {
        try scene.folder.read(Self.log).split(separator: "\n")
            .filter { $0.hasSuffix("--- stopped by SIGSTOP ---") }
            .compactMap { line in line.split(separator: " ").first.flatMap { Int32($0) } }
    }

    private func program(under strace: ChildProcess) throws -> Int32 {
        let children = try String(
            contentsOfFile: "/proc/\(strace.pid)/task/\(strace.pid)/children", encoding: .utf8)
        return try #require(Int32(children.trimming))
    }

    /// Whether the program got as far as the call.
    func hasStruck(_ ending: FinishedProcess, in scene: any PublicAddress) throws -> Bool {
        try ending.status == nil || scene.folder.read(Self.log).contains("(INJECTED)")
    }

    /// The journals that were flushed again after a flush of them had failed: the second one may claim
    /// success for bytes that are lost. A file that is written aside is a new one each time.
    func flushedAgain(in scene: any PublicAddress) throws -> [String] {
        guard call.name == "fdatasync", fault.hasPrefix("error=") else { return [] }
        var failed: Set<Substring> = []
        var again: [String] = []
        for line in try scene.folder.read(Self.log).split(separator: "\n") {
            // "4711  fdatasync(7</.../runs/000002-k3.jsonl>) = -1 EIO (...) (INJECTED)"
            guard
                let path = line.split(separator: "<").dropFirst().first?.prefix(while: { $0 != ">" }
                ),
                path.hasSuffix(".jsonl")
            else { continue }
            if failed.contains(path) { again.append("flushed again: \(line)") }
            if line.hasSuffix("(INJECTED)") { failed.insert(path) }
        }
        return again
    }

    /// The calls that it hit, as strace wrote them.
    func struck(in scene: any PublicAddress) throws -> [Substring] {
        try scene.folder.read(Self.log).split(separator: "\n").filter { $0.hasSuffix("(INJECTED)") }
    }

    /// Every thread has a call of that number, also those of the libraries that ours stand on; they may
    /// end the program when they get an error. That is a death like any other.
    func excuse(in scene: any PublicAddress, _ files: String) throws -> FaultGround.Allowance {
        let isAtHome = try struck(in: scene).allSatisfy {
            $0.contains(".bluegreen/") || $0.contains(files)
        }
        return isAtHome ? [] : .crash
    }

    private static let log = "injected"

    private func arguments(_ words: [String], in scene: any PublicAddress) -> [String] {
        prefix + [
            "strace", "-f", "-qq", "-y", "-o", scene.folder.file(Self.log),
            "-e", "trace=\(call.name)", "-e",
            "inject=\(call.name):\(fault):when=\(call.ordinal)", Products.bluegreen,
        ] + words
    }

    /// What the kernel may answer, as far as a program could treat it differently.
    static func errors(of call: String) -> [String] {
        switch call {
        case "openat": ["EIO", "EACCES", "EMFILE", "ENOSPC", "EROFS", "EINTR"]
        case "write", "pwrite64": ["EIO", "ENOSPC", "EDQUOT", "EINTR"]
        case "read", "pread64": ["EIO", "EINTR"]
        case "fdatasync", "fsync", "ftruncate": ["EIO", "ENOSPC"]
        case "fallocate": ["EIO", "ENOSPC", "EOPNOTSUPP"]
        case "renameat", "rename", "mkdirat", "mkdir": ["EIO", "EACCES", "ENOSPC", "EROFS"]
        case "flock": ["EINTR", "ENOLCK"]
        case "newfstatat", "fstat", "statx": ["EIO", "EACCES", "ENOMEM"]
        case "fchmod", "fchmodat": ["EIO", "EPERM", "EROFS"]
        case "getdents64": ["EIO", "ENOMEM"]
        default: ["EIO"]
        }
    }

    /// The system calls of `bluegreen WORDS`, as they are without a fault.
    static func calls(
        of words: [String], in scene: any PublicAddress, prefix: [String] = [],
        where isWanted: (Substring) -> Bool = { _ in true }
    ) async throws -> [SystemCall] {
        let file = "calls"
        let done = try await ChildProcess.run(
            prefix
                + ["strace", "-f", "-qq", "-y", "-o", scene.folder.file(file), Products.bluegreen]
                + words, directory: scene.folder.path)
        // 20: a question about a switch that was never finished.
        guard [0, 20].contains(done.status) else { throw RigFailure("\(words): \(done)") }
        return SystemCall.all(in: try scene.folder.read(file), where: isWanted)
    }
}

/// A crash does not spend its time on a backtrace.
let quickDeath: [String: String?] = ["SWIFT_BACKTRACE": "enable=no"]

extension FaultGround {
    /// Tries a sample of `all` on the command of the situation.
    func inject(_ all: [Injection], _ kind: String) async throws {
        let sample = FaultSample(kind)
        for injection in sample.cases(of: all) {
            let ending: FinishedProcess?
            do {
                ending = try await end(of: injection)
            } catch {
                sample.note(injection, hit: true, wrong: ["\(error)"])
                continue
            }
            guard let ending else {
                sample.note(injection, hit: false, wrong: [])
                continue
            }
            try await router.settle()
            let isHit = try injection.hasStruck(ending, in: scene)
            let again = try injection.flushedAgain(in: scene)
            let wrong =
                try await again
                + wrongAnswers(
                    after: ending, by: sample.repair(after: injection),
                    allowing: injection.excuse(in: scene, router.files))
            sample.note(injection, hit: isHit, wrong: wrong)
        }
        sample.report()
    }

    /// No kernel refuses what one thread wakes another with; the libraries wait for ever where it does.
    /// Beside other calls it is tried again, with the calls divided anew among the threads; where it
    /// alone was hit, nothing was.
    private func end(of injection: Injection) async throws -> FinishedProcess? {
        var tries = 0
        while true {
            try reset()
            do {
                return try await injection.run(situation.command, in: scene)
            } catch {
                Leftovers(folder: scene.folder).end()
                let struck = try injection.struck(in: scene)
                let wakeUps = struck.count { $0.contains("<anon_inode:[eventfd]>") }
                if wakeUps > 0, wakeUps == struck.count { return nil }
                tries += 1
                guard wakeUps > 0, tries < 3 else {
                    throw RigFailure("\(error)\n\(struck.joined(separator: "\n"))")
                }
            }
        }
    }

    /// The calls that tell the program something of the outside, or the outside of it.
    func outsideCalls() async throws -> [SystemCall] {
        try await Injection.calls(of: situation.command, in: scene) {
            isAtHome($0) || $0.contains("<socket:")
        }
    }

    /// Every error of every call of `words` that touches a file of the record or of the router.
    func fileErrors(of words: [String]? = nil) async throws -> [Injection] {
        try await Injection.calls(of: words ?? situation.command, in: scene, where: isAtHome)
            .flatMap { call in
                Injection.errors(of: call.name).map { Injection(call, "error=\($0)") }
            }
    }

    /// It touches a file of the record or of the router; also where it names the record by a relative path.
    private func isAtHome(_ call: Substring) -> Bool {
        call.contains(".bluegreen/") || call.contains(router.files)
    }
}
