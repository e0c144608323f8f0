import Contracts
import TestWorld
import Testing
import TrafficRig

@testable import Routers

/// A fake that is switched by one rename on a disk in memory.
protocol FakeFileProxy: FakeProxy {
    static var kind: ProxyKind { get }
    /// What decides.
    var path: String { get }
    var disk: MemoryFiles { get }
}

extension FakeFileProxy {
    /// It is believed, unless `isReadBack`.
    func router(isReadBack: Bool = false, world: World? = nil) throws -> any Router {
        let settings = isReadBack ? settings : settings.removing(["readBack"])
        return try Self.kind.router(settings, world ?? self.world)
    }
}

/// A way to build one, with blue live since the token 70.
struct FakeFileKind: Sendable, CustomTestStringConvertible {
    let name: String
    let make: @Sendable () -> any FakeFileProxy

    var testDescription: String { name }

    static let all = [
        FakeFileKind(name: "nginx") { FakeSlot(["blue": "blue:green:0:70\n"]) },
        FakeFileKind(name: "apache") { FakeApache("live blue:green:0:70\n") },
        FakeFileKind(name: "symlink") { FakeSite("blue", record: "blue:green:0:70\n") },
    ]
}
