import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Routers

@Suite struct NginxReloadTests {
    private static let green = Datum(live: .green, token: Token(epoch: 1, round: 1))
    private static let told = ["sudo nginx -t", "sudo nginx -s reload"]
    private let nginx = FakeReloadedNginx()

    private func write(_ datum: Datum) async throws -> WriteResult {
        let router = try #require(nginx.router())
        return await router.write(datum, expecting: try await router.observe())
    }

    private func observe() async throws -> Observation {
        try await #require(nginx.router()).observe()
    }

    @Test func `a switch is a link, a test and a reload, and it can be read`() async throws {
        #expect(try await write(Self.green) == .applied)
        #expect(nginx.calls == Self.told)
        #expect(nginx.disk.link(FakeReloadedNginx.link) == "green.conf")
        let seen = try await observe()
        #expect(seen.color == .green)
        #expect(seen.durable == .same)
        #expect(seen.token == Self.green.token)
    }

    @Test func `a claim reloads nothing`() async throws {
        let claim = Datum(live: .blue, isIdleClaimed: true, token: Token(epoch: 1, round: 1))
        #expect(try await write(claim) == .applied)
        #expect(nginx.calls.isEmpty)
        #expect(try await observe().isIdleClaimed)
    }

    @Test func `a refused configuration leaves the old one, and nginx's words`() async throws {
        nginx.mood = .refuses
        let result = try await write(Self.green)
        guard case .notApplied(let failure) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(failure.code == .routerRefused)
        #expect(failure.evidence == ["nginx: [emerg] host not found in upstream"])
        #expect(nginx.calls == ["sudo nginx -t"])
        #expect(nginx.disk.link(FakeReloadedNginx.link) == "blue.conf")
        let seen = try await observe()
        #expect(seen.color == .blue)
        #expect(seen.durable == .same)
    }

    @Test func `a reload that failed may have come through, so that nobody says it did not`()
        async throws
    {
        nginx.mood = .cannotBeTold
        let result = try await write(Self.green)
        #expect(
            result.failure?.message == "Nobody knows whether nginx was told to reload.")
        #expect(result.isUnknown)
        #expect(nginx.disk.link(FakeReloadedNginx.link) == "green.conf")
    }

    @Test func `a reload that nginx ignores is not believed`() async throws {
        nginx.mood = .ignores
        let result = try await write(Self.green)
        #expect(result.isUnknown)
        #expect(result.failure?.message.contains("still serves blue instead of green") == true)
        #expect(nginx.now < .seconds(7))
        let seen = try await observe()
        #expect(seen.color == .blue)
        #expect(seen.durable == .differs(.color(.green)))
    }

    @Test func `what was ignored is told again by the next write`() async throws {
        nginx.mood = .ignores
        _ = try await write(Self.green)
        nginx.mood = .fine
        let again = Datum(live: .green, token: Token(epoch: 1, round: 2))
        #expect(try await write(again) == .applied)
        #expect(nginx.calls == Self.told + Self.told)
        #expect(nginx.live == .green)
    }

    @Test func `old workers that still answer are waited for`() async throws {
        nginx.linger(for: 20)
        #expect(try await write(Self.green) == .applied)
        // Twenty answers, one of three by an old worker, and then ten in a row.
        #expect(nginx.now >= .milliseconds(20 * 28))
    }

    /// It used to be told that it still serves green instead of green.
    @Test func `an nginx that answers slowly and rightly is believed`() async throws {
        nginx.answer(after: .milliseconds(600))
        #expect(try await write(Self.green) == .applied)
    }

    @Test func `workers that shut down are counted, and waited for a moment`() async throws {
        nginx.run(77, "nginx: worker process is shutting down")
        nginx.run(78, "nginx: worker process")
        #expect(try await write(Self.green) == .applied)
        #expect(nginx.now >= .seconds(1))
        #expect(try await observe().oldWorkers == 1)
    }

    @Test func `the workers of another nginx are neither counted nor waited for`() async throws {
        nginx.run(77, "nginx: worker process is shutting down", isOurs: false)
        #expect(try await write(Self.green) == .applied)
        #expect(nginx.now < .seconds(1))
        #expect(try await observe().oldWorkers == 0)
    }

    /// However many processes run, it reads of its own ones.
    @Test func `no list of all processes is read`() async throws {
        nginx.run(77, "nginx: worker process is shutting down")
        nginx.run(78, "nginx: worker process")
        _ = try await observe()
        #expect(!nginx.disk.log.contains("list /proc"))
        #expect(nginx.disk.log.count { $0.contains("/cmdline") } == 2)
    }

    @Test(arguments: [FakeReloadedNginx.pid, FakeReloadedNginx.children])
    func `old workers are not known where the master cannot be found`(path: String) async throws {
        nginx.run(77, "nginx: worker process is shutting down")
        nginx.disk[path] = nil
        #expect(try await write(Self.green) == .applied)
        #expect(nginx.now < .seconds(1))
        #expect(try await observe().oldWorkers == nil)
    }

    @Test func `a colour without its file is refused before anything is written`() async throws {
        nginx.disk[FakeReloadedNginx.folder + "/green.conf"] = nil
        let result = try await write(Self.green)
        #expect(result.failure?.code == .routerTargetMissing)
        #expect(nginx.calls.isEmpty)
    }

    @Test func `it says of itself what a reload does`() throws {
        let router = try #require(nginx.router())
        #expect(router.abilities.isAtomic == false)
        #expect(router.abilities.keepsConnections == false)
        #expect(router.fencing == .asynchronous)
        #expect(router.usualDelay >= .seconds(1))
    }

    @Test func `a reload needs to be read back`() {
        let report = Report()
        let settings = nginx.settings.removing(["readBack"])
        #expect(NginxRouter(settings.section(report), world: nginx.world) == nil)
        #expect(report.diagnostics.map(\.message) == ["'reload' needs 'readBack'"])
    }
}
