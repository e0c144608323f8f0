import Contracts
import Glibc

/// Stands between a step and us, so that the step does not outlive us: `bluegreen __supervise
/// MILLISECONDS PROGRAM NAME ARGUMENT...`.
///
/// Its standard input is a socket whose other end only its starter holds. When that end closes, however
/// the starter died, the whole process group gets SIGTERM, and SIGKILL so many milliseconds later. It
/// lives for as long as anybody of the group does, because the record and the mark know the step by it.
/// Otherwise it ends as the program ends: with its exit status, or by its signal.
package enum Supervisor {
    package static let word = "__supervise"
    /// What would change how the supervisor itself is loaded comes under another name.
    private static let mask = "BLUEGREEN_STEP_"
    private static let loaderNames = ["LD_", "GLIBC_TUNABLES", "MALLOC_"]

    static func masked(_ environment: [String: String]) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: environment.map { name, value in
                (loaderNames.contains { name.hasPrefix($0) } ? mask + name : name, value)
            })
    }

    /// Runs the program that follows `word` in `arguments`; never returns.
    package static func run(_ arguments: [String]) -> Never {
        guard arguments.count > 4, let grace = Int(arguments[2]) else { _exit(64) }
        // Started by hand it would end the group of whoever did.
        if getpgrp() != getpid() { setsid() }
        // Whoever looked for the mark before it was there believes that nothing is under way.
        if starterIsGone { _exit(128 + SIGTERM) }
        // What is meant for the program waits here unseen.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&signals, number) }
        sigprocmask(SIG_BLOCK, &signals, nil)
        do throws(Refusal) {
            let child = try spawn(arguments[3], Array(arguments.dropFirst(4)))
            forwardEarlySignals(to: child)
            end(as: watch(child, grace: .milliseconds(grace)))
        } catch {
            let words = "cannot run \(arguments[3]): \(error.text)\n"
            write(STDERR_FILENO, words, words.utf8.count)
            _exit(error.number == ENOENT ? 127 : 126)
        }
    }

    private static var starterIsGone: Bool {
        var end = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&end, 1, 0) > 0
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
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        var child: pid_t = 0
        let number = withPointers(arguments) { arguments in
            withPointers(unmaskedEnvironment) { environment in
                posix_spawn(&child, path, &actions, &attributes, arguments, environment)
            }
        }
        guard number == 0 else { throw Refusal(number) }
        return child
    }

    private static var unmaskedEnvironment: [String] {
        var entries: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            next += 1
            if text.hasPrefix(ProcessRequest.markName + "=") { continue }
            entries.append(text.hasPrefix(mask) ? String(text.dropFirst(mask.count)) : text)
        }
        return entries
    }

    /// A group that was told to stop before the program was in it.
    private static func forwardEarlySignals(to child: Int32) {
        var pending = sigset_t()
        sigpending(&pending)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] where sigismember(&pending, number) == 1 {
            kill(child, number)
        }
    }

    /// Returns how the child ended; ends the group where the starter is gone.
    private static func watch(_ child: Int32, grace: Duration) -> Int32 {
        // Without such a descriptor, as on an old kernel, the child is looked at now and then.
        let process = (try? LinuxCalls.openProcess(child)) ?? -1
        var events = [
            pollfd(fd: process, events: Int16(POLLIN), revents: 0),
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        ]
        var status: Int32 = 0
        while waitpid(child, &status, WNOHANG) == 0 {
            let count = poll(&events, 2, process < 0 ? 20 : -1)
            if count > 0, events[1].revents != 0 { endGroup(within: grace) }
        }
        return status
    }

    private static func endGroup(within grace: Duration) -> Never {
        let group = getpid()
        kill(0, SIGTERM)
        let deadline = KernelClock.sinceBoot + grace
        while ProcessEntry.hasLivingMember(group: group, besides: group) {
            while waitpid(-1, nil, WNOHANG) > 0 {}
            poll(nil, 0, 20)
            guard KernelClock.sinceBoot > deadline else { continue }
            // Whoever may not be killed, because it runs as somebody else, is waited for.
            for member in ProcessEntry.members(of: group) where member != group {
                kill(member, SIGKILL)
            }
        }
        _exit(128 + SIGTERM)
    }

    private static func end(as status: Int32) -> Never {
        let number = status & 0x7F
        guard number != 0 else { _exit(status >> 8 & 0xFF) }
        // The program has left its core, if anybody wants one; ours would say nothing.
        var none = rlimit()
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        signal(number, SIG_DFL)
        var only = sigset_t()
        sigemptyset(&only)
        sigaddset(&only, number)
        sigprocmask(SIG_UNBLOCK, &only, nil)
        kill(getpid(), number)
        _exit(128 + number)
    }
}
