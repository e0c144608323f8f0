import Contracts
import PipelineModel
import Testing

@testable import Routers

/// The files and sockets of one HAProxy, the same for the real one and for the fake.
struct HAProxyFolder: Sendable {
    enum Way: Sendable {
        case map
        case register
    }

    let folder: TemporaryFolder
    let way: Way

    init(_ way: Way, mapFile: String = "# who is live\nshop blue:green:0:0\ncart blue\n") throws {
        folder = try TemporaryFolder()
        self.way = way
        try folder.write("bg.map", mapFile)
        try folder.write("register.cfg", "global\n    set-var proc.shop int(0)\n")
    }

    var path: String { folder.path }

    var settings: Settings {
        switch way {
        case .map:
            [
                "socket": .text("\(path)/admin.sock"), "key": "shop",
                "map": .text("\(path)/bg.map"), "master": .text("\(path)/master.sock"),
            ]
        case .register:
            [
                "socket": .text("\(path)/admin.sock"), "key": "shop",
                "register": [
                    "variable": "shop", "socket": .text("\(path)/control.sock"),
                    "file": .text("\(path)/register.cfg"),
                ], "master": .text("\(path)/master.sock"),
            ]
        }
    }

    func router(_ streams: Streams, _ settings: Settings? = nil) throws -> HAProxyRouter {
        try #require(
            HAProxyRouter(
                (settings ?? self.settings).section(),
                world: RouterWorld.world(streams: streams)))
    }
}
