import Contracts
import Foundation
import PipelineModel
import Testing
import TrafficRig

@testable import Routers

/// What only a real Apache can show: its traps.
@Suite(.enabled(if: ProxyKind.apache.isWanted))
struct RealApacheTests {
    private static let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    /// The control: why a map is written until its time of change is another one.
    @Test func `a map with the time of the one before is not read again`() async throws {
        let apache = try await RealProxy(.apache)
        let map = apache.rig.slot + "/live.map"
        let time = try #require(
            try FileManager.default.attributesOfItem(atPath: map)[.modificationDate] as? Date)
        // Times that a file system and Foundation both keep exactly.
        let whole = Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
        func put(_ color: Color, at time: Date) throws {
            try ApacheMap.text(Datum(live: color, token: Token(number: 0)))
                .write(toFile: map + ".new", atomically: false, encoding: .utf8)
            // Whatever the umask is: other tests of this process change it.
            try FileManager.default.setAttributes(
                [.modificationDate: time, .posixPermissions: 0o644], ofItemAtPath: map + ".new")
            #expect(rename(map + ".new", map) == 0)
        }
        try put(.blue, at: whole)
        // Every process of Apache has a cache of its own.
        for _ in 1...100 { #expect(try apache.live() == .blue) }
        try put(.green, at: whole)
        #expect(try apache.live() == .blue)
        try put(.green, at: whole - 60)
        #expect(try apache.live() == .green)
    }

    @Test(arguments: [
        "/a%2Fb/%3Fx%20y?q=%2F&z=%3F?", "/a//b/../c", "/%7Euser;x=1", "/?",
        "/%E2%82%AC%25?a=%0D%0A",
    ])
    func `a path goes on as it came`(target: String) async throws {
        let apache = try await RealProxy(.apache)
        #expect(try apache.live(target: target) == .blue)
        #expect(apache.requests.last == "GET \(target) HTTP/1.1")
    }

    @Test(.enabled(if: geteuid() == 0, "workers have another user only where root starts Apache"))
    func `a folder that the workers cannot search is seen`() async throws {
        let apache = try await RealProxy(.apache)
        #expect(chmod(apache.rig.slot, 0o700) == 0)
        let router = try apache.router()
        let result = await router.write(Self.green, expecting: try await router.observe())
        #expect(result.isUnknown)
        #expect(result.failure?.message.contains("Apache still serves blue") == true)
        let seen = try await router.observe()
        #expect(seen.color == .blue)
        #expect(seen.durable == .differs(.color(.green)))
    }

    @Test func `a proxy that has stopped is unreachable where it is asked`() async throws {
        let apache = try await RealProxy(.apache)
        await apache.rig.stop()
        let failure = await #expect(throws: Failure.self) { try await apache.router().observe() }
        #expect(failure?.code == .routerUnreachable)
        let believing = try apache.router(apache.settings.removing(["readBack"]))
        #expect(try await believing.observe().color == .blue)
    }
}
