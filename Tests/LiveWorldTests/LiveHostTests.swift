import Contracts
import Glibc
import Testing

@testable import LiveWorld

@Suite struct LiveHostTests {
    let host = World.live().host

    @Test func `the host knows itself`() {
        #expect(!host.name.isEmpty)
        #expect(!host.user.isEmpty)
        #expect(host.workingDirectory.hasPrefix("/"))
        #expect(host.bootID.count == 36)
        #expect(host.environment("PATH") != nil)
        #expect(host.environment("NO_SUCH_NAME_ANYWHERE") == nil)
    }

    @Test func `this process is alive under its own identity`() {
        #expect(host.process.pid == getpid())
        #expect(World.live().processes.isAlive(host.process))
    }

    @Test func `random bits do not repeat`() {
        #expect(host.randomBits() != host.randomBits())
    }

    @Test func `a user whom nobody names is a number`() {
        let users = Array("root:x:0:0\nana:x:1000:1000:,,,:/home/ana:/bin/sh\n".utf8)
        #expect(Host.userName(1000, in: users, session: "ben") == "ana")
        #expect(Host.userName(4711, in: users, session: "ben") == "ben")
        #expect(Host.userName(4711, in: users, session: nil) == "uid 4711")
    }
}
