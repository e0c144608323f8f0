import Contracts
import Foundation
import PipelineModel
import Testing
import TrafficRig

@testable import Routers

/// What only a real nginx can show: its traps.
@Suite(.enabled(if: ProxyKind.nginx.isWanted))
struct RealNginxTests {
    private static let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    @Test func `a cache of open files hides the way back, and this is said`() async throws {
        let nginx = try await RealProxy(.nginx) {
            // Every worker has a cache of its own.
            $0.replacing("open_file_cache off", with: "open_file_cache max=100 inactive=60s")
                .replacing("worker_processes 2", with: "worker_processes 1")
        }
        let router = try nginx.router()
        // Only what is there is remembered, so the way to green is not hidden.
        let there = await router.write(Self.green, expecting: try await router.observe())
        #expect(there == .applied)
        let back = Datum(live: .blue, token: Token(epoch: 1, round: 2))
        let result = await router.write(back, expecting: try await router.observe())
        #expect(result.isUnknown)
        #expect(result.failure?.message.contains("nginx still serves green") == true)
        let seen = try await router.observe()
        #expect(seen.color == .green)
        #expect(seen.durable == .differs(.color(.blue)))
        try await nginx.rig.restart()
        #expect(try await router.observe().color == .blue)
    }

    @Test(.enabled(if: geteuid() == 0, "workers have another user only where root starts nginx"))
    func `a folder that the workers cannot search is seen`() async throws {
        let nginx = try await RealProxy(.nginx)
        #expect(chmod(nginx.rig.slot, 0o700) == 0)
        let router = try nginx.router()
        let result = await router.write(Self.green, expecting: try await router.observe())
        #expect(result.isUnknown)
        let seen = try await router.observe()
        #expect(seen.color == .blue)
        #expect(seen.durable == .differs(.color(.green)))
    }
}
