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
}
