import Contracts
import Glibc
import Testing

@testable import LiveWorld

@Suite struct SignalGuardTests {
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `the first signal asks and the second one ends`(number: Int32) async {
        await #expect(processExitsWith: .exitCode(128 + number)) { [number] in
            let bell = Bell()
            SignalGuard.start(
                first: { _ in bell?.ring() }, second: { exit(128 + $0) })
            kill(getpid(), number)
            var rung = pollfd(fd: bell?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
            poll(&rung, 1, 30_000)
            kill(getpid(), number)
            sleep(30)
        }
    }

    @Test func `writing to a closed pipe is an error and not the end`() async {
        await #expect(processExitsWith: .success) {
            SignalGuard.start(first: { _ in }, second: { _ in })
            var ends: [Int32] = [0, 0]
            pipe(&ends)
            close(ends[0])
            let answer = write(ends[1], [UInt8(1)], 1)
            let number = errno
            #expect(answer == -1)
            #expect(number == EPIPE)
        }
    }

    @Test func `a hangup that was ignored stays ignored`() async {
        await #expect(processExitsWith: .success) {
            signal(SIGHUP, SIG_IGN)
            // Of two that wait, the one with the lower number would be heard first.
            SignalGuard.start(first: { exit($0 == SIGTERM ? 0 : 1) }, second: { _ in exit(1) })
            kill(getpid(), SIGHUP)
            kill(getpid(), SIGTERM)
            sleep(30)
            exit(1)
        }
    }

    @Test func `children get the usual signals back`() async {
        await #expect(processExitsWith: .success) {
            SignalGuard.start(first: { _ in }, second: { _ in })
            let result = try await World.live().processes.run(
                .init(
                    arguments: ["sh", "-c", "kill -TERM $$; echo survived"],
                    environment: ["PATH": "/usr/bin:/bin"], timeout: .seconds(30)))
            #expect(result.ending == .signalled(SIGTERM))
        }
    }
}
