import Commands
import Console
import Contracts
import EmbeddedProxy
@preconcurrency import Glibc
import LiveWorld
import RunEngine

// Without /proc the runtime knows no arguments: help and a 0 would then be a lie.
guard CommandLine.argc > 0 else {
    fputs("bluegreen: the arguments cannot be read; is /proc mounted?\n", stderr)
    exit(70)
}

let stop = StopRequest()
SignalGuard.start(
    first: { stop.ask(.signal($0)) },
    // What was begun stays on record as unfinished; the next command tells.
    second: { _ in _exit(20) })

let world = World.live()
let app = App(
    world: world, version: "0.1.0", stop: stop,
    proxy: ProxyHost(program: CommandLine.arguments.first ?? "bluegreen") {
        (plan, untilStopped, print) throws(Failure) in
        try await EmbeddedProxy(plan, world: world).run(untilStopped: untilStopped, print: print)
    },
    terminal: { noColor, noInput in
        Terminal.live(
            environment: Terminal.meaningfulVariables.reduce(into: [:]) {
                $0[$1] = world.host.environment($1)
            }, noColor: noColor, noInput: noInput)
    })
exit(await app.run(Array(CommandLine.arguments.dropFirst())))
