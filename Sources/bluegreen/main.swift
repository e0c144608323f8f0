import Commands
import Console
import Contracts
import EmbeddedProxy
@preconcurrency import Glibc
import LiveWorld
import RunEngine
import Synchronization

// A descriptor that was closed for us would become one of our own, and our words would go there.
while true {
    let free = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard free > STDERR_FILENO || free < 0 else { continue }
    close(free)
    break
}

// Without /proc the runtime knows no arguments: help and a 0 would then be a lie.
guard CommandLine.argc > 0 else {
    fputs("bluegreen: the arguments cannot be read; is /proc mounted?\n", stderr)
    exit(70)
}

if CommandLine.arguments.dropFirst().first == Supervisor.word {
    Supervisor.run(CommandLine.arguments)
}

guard ThreadRoom.isThere() else {
    fputs(
        """
        bluegreen: the system gives this program too few threads or too little memory; nothing was done.
        Raise the limit of processes (ulimit -u, or that of the container) or of memory (ulimit -v), or end some.

        """, stderr)
    exit(70)
}

enum Ending {
    /// What a second signal exits with. Until the verb has returned: what was begun stays on record as
    /// unfinished, and the next command tells.
    static let status = Atomic<Int32>(20)

    /// Says so only where that cannot block.
    static func atOnce() -> Never {
        let status = status.load(ordering: .sequentiallyConsistent)
        var errors = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        if status == 20, poll(&errors, 1, 0) == 1, errors.revents == Int16(POLLOUT) {
            let words = "\nended at once, unfinished; next: bluegreen status\n"
            _ = words.utf8.withContiguousStorageIfAvailable {
                write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
        }
        _exit(status)
    }
}

let stop = StopRequest()
SignalGuard.start(
    first: { stop.ask(.signal($0)) },
    second: { _ in Ending.atOnce() })

// The kernel opens this in the child: the same program, also where its file was replaced since.
let world = World.live(supervisor: "/proc/self/exe")
let app = App(
    world: world, version: "0.1.0", stop: stop,
    proxy: ProxyHost(program: CommandLine.arguments.first ?? "bluegreen") {
        (plan, untilStopped, print) throws(Failure) in
        try await EmbeddedProxy(plan, world: world, print: print).run(untilStopped: untilStopped)
    },
    returned: { Ending.status.store($0, ordering: .sequentiallyConsistent) },
    terminal: { noColor, noInput in
        Terminal.live(
            environment: Terminal.meaningfulVariables.reduce(into: [:]) {
                $0[$1] = world.host.environment($1)
            }, noColor: noColor, noInput: noInput)
    })
exit(await app.run(Array(CommandLine.arguments.dropFirst())))
