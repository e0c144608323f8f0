import Contracts
import Glibc
import SystemPackage

/// Starts one program that goes on without us.
struct BackgroundStart {
    private let request: BackgroundRequest
    private let program: ProgramPath

    init(_ request: BackgroundRequest) {
        self.request = request
        program = ProgramPath(
            request.arguments.first ?? "", searching: request.environment["PATH"],
            in: request.directory)
    }

    /// Blocks until the program has taken the place of the copy of us that begins it.
    func result() -> Result<ProcessIdentity, Failure> {
        do throws(Failure) {
            let path = try program.found()
            try checkFolder()
            return .success(try start(path.string))
        } catch {
            return .failure(error)
        }
    }

    /// The kernel says the same of a missing folder and of a missing program.
    private func checkFolder() throws(Failure) {
        guard let folder = request.directory else { return }
        do {
            close(try openFolder(folder))
        } catch {
            throw program.unusable(folder: folder, error.text)
        }
    }

    private func start(_ path: String) throws(Failure) -> ProcessIdentity {
        do throws(Refusal) {
            let log = try openLog()
            defer { close(log) }
            let pid = try spawn(path, log)
            // Read before it can be reaped: until then the number is its own, even if it has ended.
            let entry = ProcessEntry(pid)
            // Reaped here it would hold up the deploy for as long as the program runs.
            PlainThread.startIfPossible { reap(pid) }
            return ProcessIdentity(
                pid: pid, startTime: entry?.startTime ?? 0, bootID: Host.bootID)
        } catch {
            throw program.failure(error)
        }
    }

    private func openLog() throws(Refusal) -> Int32 {
        do throws(Refusal) {
            let log = try openFile(request.log, O_WRONLY | O_APPEND | O_CREAT)
            do throws(Refusal) {
                try checkOurs(log)
                try checked { fchmod(log, 0o600) }
                return log
            } catch {
                close(log)
                throw error
            }
        } catch {
            throw Refusal(.other, "cannot write \(request.log): \(error.text)")
        }
    }

    private func spawn(_ path: String, _ log: Int32) throws(Refusal) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        try refused(posix_spawn_file_actions_init(&actions))
        defer { posix_spawn_file_actions_destroy(&actions) }
        try refused(posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO))
        try refused(posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO))
        try refused(
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0))
        try LinuxCalls.addClosing(from: STDERR_FILENO + 1, to: &actions)
        if let folder = request.directory { try LinuxCalls.addFolder(folder, to: &actions) }
        var attributes = posix_spawnattr_t()
        try refused(posix_spawnattr_init(&attributes))
        defer { posix_spawnattr_destroy(&attributes) }
        try describeChild(&attributes)
        var pid: pid_t = 0
        let number = withPointers(request.arguments) { arguments in
            withPointers(request.environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
            }
        }
        try refused(number)
        return pid
    }

    /// A session of its own, and no signal ignored or held back because we do so.
    private func describeChild(_ attributes: inout posix_spawnattr_t) throws(Refusal) {
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        try refused(posix_spawnattr_setsigmask(&attributes, &none))
        try refused(posix_spawnattr_setsigdefault(&attributes, &all))
        try refused(
            posix_spawnattr_setflags(
                &attributes,
                Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
                    | LinuxCalls.spawnsInNewSession))
    }

    private func refused(_ number: Int32) throws(Refusal) {
        guard number == 0 else { throw Refusal(number) }
    }
}

/// Waits for the end of a child for as long as we live ourselves; without that its number stays taken.
private func reap(_ pid: Int32) {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) == -1, errno == EINTR {}
}
