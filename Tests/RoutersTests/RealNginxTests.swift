import Contracts
import Foundation
import PipelineModel
import Testing

@testable import Routers

/// What only a real nginx can show.
@Suite(.enabled(if: RealNginx.isWanted))
struct RealNginxTests {
    private static let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    @Test func `the preview header shows a colour, and nobody else notices`() async throws {
        let nginx = try await RealNginx()
        #expect(try nginx.live("x-env: green\r\n") == "green")
        #expect(try nginx.live("x-env: purple\r\n") == "blue")
        #expect(try nginx.live() == "blue")
    }

    @Test func `without a slot file nginx serves blue`() async throws {
        let nginx = try await RealNginx()
        try FileManager.default.removeItem(atPath: "\(nginx.slot)/blue")
        #expect(try nginx.live() == "blue")
        #expect(try await nginx.router().observe().effective == .absent)
    }

    @Test func `with two slot files nginx serves green`() async throws {
        let nginx = try await RealNginx()
        try nginx.folder.write("slot/green", "")
        #expect(try nginx.live() == "green")
        #expect(
            try await nginx.router().observe().effective == .foreign("blue and green at once"))
    }

    @Test func `a cache of open files hides the way back, and this is said`() async throws {
        let nginx = try await RealNginx {
            $0.replacing("open_file_cache off", with: "open_file_cache max=100 inactive=60s")
        }
        let router = try nginx.router()
        // Only what is there is remembered, so the way to green is not hidden.
        #expect(await router.write(Self.green, expecting: try await router.observe()) == .applied)
        let back = Datum(live: .blue, token: Token(epoch: 1, round: 2))
        let result = await router.write(back, expecting: try await router.observe())
        #expect(result.isUnknown)
        #expect(result.failure?.message.contains("nginx still serves green") == true)
        let seen = try await router.observe()
        #expect(seen.color == .green)
        #expect(seen.durable == .differs(.color(.blue)))
        try await nginx.restart()
        #expect(try await router.observe().color == .blue)
    }

    @Test(.enabled(if: geteuid() == 0, "workers have another user only where root starts nginx"))
    func `a folder that the workers cannot search is seen`() async throws {
        let nginx = try await RealNginx()
        #expect(chmod(nginx.slot, 0o700) == 0)
        let router = try nginx.router()
        let result = await router.write(Self.green, expecting: try await router.observe())
        #expect(result.isUnknown)
        let seen = try await router.observe()
        #expect(seen.color == .blue)
        #expect(seen.durable == .differs(.color(.green)))
    }

    @Test func `an nginx that has stopped is unreachable where it is asked`() async throws {
        let settings: (Settings, Settings)
        let folder: TemporaryFolder
        do {
            let nginx = try await RealNginx()
            folder = nginx.folder
            settings = (nginx.settings, ["slot": .text(nginx.slot)])
        }
        let asking = try SlotRig.nginx(settings.0, RealNginx.world)
        let failure = await #expect(throws: Failure.self) { try await asking.observe() }
        #expect(failure?.code == .routerUnreachable)
        let believing = try SlotRig.nginx(settings.1, RealNginx.world)
        #expect(try await believing.observe().color == .blue)
        withExtendedLifetime(folder) {}
    }

    @Test func `many writers in any order end on the highest token`() async throws {
        let nginx = try await RealNginx()
        let router = try nginx.router()
        let before = try await router.observe()
        await withTaskGroup(of: Void.self) { group in
            for number in (1...50).shuffled() {
                group.addTask {
                    let live: Color = number % 2 == 0 ? .green : .blue
                    let datum = Datum(live: live, token: Token(number: number))
                    // One that finds the folder locked for long has not written.
                    while case .notApplied = await router.write(datum, expecting: before) {
                        await Task.yield()
                    }
                }
            }
        }
        let seen = try await router.observe()
        #expect(seen.token == Token(number: 50))
        #expect(try nginx.live() == "green")
    }
}
