import Contracts
import PipelineModel
import TestWorld
import TrafficRig

@testable import Routers

/// A site on a disk in memory, and a server that follows its link.
struct FakeSite: FakeFileProxy {
    static let link = "/srv/shop/current"
    static let record = "/srv/shop/.current.bluegreen"

    static let kind = ProxyKind.symlink

    let disk = MemoryFiles()
    var path: String { Self.link }

    init(_ target: String? = "blue", record: String? = nil) {
        disk.makeFolder("/srv/shop/blue")
        disk.makeFolder("/srv/shop/green")
        disk.makeLink(Self.link, to: target)
        disk[Self.record] = record.map { Array($0.utf8) }
    }

    var target: String? { disk.link(Self.link) }
    var record: String? { disk[Self.record].map { String(decoding: $0, as: UTF8.self) } }
    var live: Color? { target.flatMap(Color.init) }

    var world: World {
        let disk = disk
        return RouterWorld.world(
            streams: Streams { (_) throws(StreamFailure) in
                Array("HTTP/1.1 200 OK\r\n\r\n\(disk.link(Self.link) ?? "")\n".utf8)
            }, files: disk.files, locks: disk.locks)
    }

    let settings: Settings = [
        "link": .text(link), "readBack": "http://127.0.0.1:8080/color.txt",
    ]
}
