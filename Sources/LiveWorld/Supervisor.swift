import Glibc

/// Stands between a step and us, so that the step does not outlive us: `bluegreen __supervise PROGRAM
/// NAME ARGUMENT...`.
///
/// Its standard input is a socket whose other end only its starter holds. When that end closes, however
/// the starter died, the whole process group gets SIGTERM, and SIGKILL `patience` later. Otherwise it
/// ends as the program ends: with its exit status, or by its signal. It leads the group, which keeps the
/// group's number its own.
package enum Supervisor {
    package static let word = "__supervise"
    private static let patience = Duration.seconds(5)

    /// Runs the program that follows `word` in `arguments`; never returns.
    package static func run(_ arguments: [String]) -> Never {
        guard arguments.count > 3 else { _exit(64) }
        // Started by hand it would end the group of whoever did.
        if getpgrp() != getpid() { setsid() }
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { signal(number, SIG_IGN) }
        do throws(Refusal) {
            let child = try spawn(arguments[2], Array(arguments.dropFirst(3)))
            try watch(child)
            end(as: try status(of: child))
        } catch {
            let words = "cannot run \(arguments[2]): \(error.text)\n"
            write(STDERR_FILENO, words, words.utf8.count)
            _exit(error.number == ENOENT ? 127 : 126)
        }
    }

    private static func spawn(_ path: String, _ arguments: [String]) throws(Refusal) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var child: pid_t = 0
        let number = withPointers(arguments) {
            posix_spawn(&child, path, &actions, &attributes, $0, environ)
        }
        guard number == 0 else { throw Refusal(number) }
        return child
    }

    /// Returns when the child has ended.
    private static func watch(_ child: Int32) throws(Refusal) {
        let process = try LinuxCalls.openProcess(child)
        var events = [
            pollfd(fd: process, events: Int16(POLLIN), revents: 0),
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            guard poll(&events, 2, -1) > 0 else { continue }
            if events[1].revents != 0 { endGroup() }
            if events[0].revents != 0 { return }
        }
    }

    /// Ends this process, too.
    private static func endGroup() -> Never {
        let group = getpid()
        kill(0, SIGTERM)
        let deadline = KernelClock.sinceBoot + patience
        while KernelClock.sinceBoot < deadline,
            ProcessEntry.hasLivingMember(group: group, besides: group)
        {
            while waitpid(-1, nil, WNOHANG) > 0 {}
            poll(nil, 0, 20)
        }
        kill(0, SIGKILL)
        _exit(137)
    }

    private static func status(of child: Int32) throws(Refusal) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1 {
            guard errno == EINTR else { throw Refusal(errno) }
        }
        return status
    }

    private static func end(as status: Int32) -> Never {
        let number = status & 0x7F
        guard number != 0 else { _exit(status >> 8 & 0xFF) }
        // The program has left its core, if anybody wants one; ours would say nothing.
        var none = rlimit()
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        signal(number, SIG_DFL)
        kill(getpid(), number)
        _exit(128 + number)
    }
}
