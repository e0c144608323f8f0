import Contracts
import Foundation
import PipelineModel
import Testing
import TrafficRig

@testable import Routers

/// What only a real proxy can show.
struct RealSlotProxyTests {
    private static let kinds = ProxyKind.slots.filter(\.isWanted)

    @Test(arguments: (ProxyKind.slots + [.apache]).filter(\.isWanted))
    func `the preview header shows a colour, and nobody else notices`(kind: ProxyKind)
        async throws
    {
        let proxy = try await RealProxy(kind)
        #expect(try proxy.live("x-env: green\r\n") == .green)
        #expect(try proxy.live("x-env: purple\r\n") == .blue)
        #expect(try proxy.live() == .blue)
    }

    @Test(arguments: kinds)
    func `without a slot file blue is served`(kind: ProxyKind) async throws {
        let proxy = try await RealProxy(kind)
        try FileManager.default.removeItem(atPath: proxy.rig.slot + "/blue")
        #expect(try proxy.live() == .blue)
        #expect(try await proxy.router().observe().effective == .absent)
    }

    @Test(arguments: kinds)
    func `with two slot files green is served`(kind: ProxyKind) async throws {
        let proxy = try await RealProxy(kind)
        try proxy.rig.folder.write("", to: "slot/green")
        #expect(try proxy.live() == .green)
        #expect(
            try await proxy.router().observe().effective == .foreign("blue and green at once"))
    }

    @Test(arguments: kinds)
    func `a proxy that has stopped is unreachable where it is asked`(kind: ProxyKind)
        async throws
    {
        let proxy = try await RealProxy(kind)
        await proxy.rig.stop()
        let failure = await #expect(throws: Failure.self) { try await proxy.router().observe() }
        #expect(failure?.code == .routerUnreachable)
        let believing = try proxy.router(proxy.settings.removing(["readBack"]))
        #expect(try await believing.observe().color == .blue)
    }
}
