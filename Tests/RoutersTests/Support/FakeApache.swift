import Contracts
import PipelineModel
import Synchronization
import TestWorld
import TrafficRig

@testable import Routers

/// A map file on a disk in memory, and an Apache that keeps what it read for as long as the file has the
/// same time of change.
final class FakeApache: FakeFileProxy {
    static let map = "/srv/shop/live.map"
    static let first = "live blue:green:0:0\n"

    static let kind = ProxyKind.apache

    let disk = MemoryFiles()
    var path: String { Self.map }
    private let kept = Mutex<(modified: WallTime, text: String)?>(nil)
    /// How many more changes of the file get the time of the one before them.
    private let stillness = Mutex((changes: 0, time: WallTime?.none))

    init(_ text: String? = first) {
        disk.makeFolder("/srv/shop")
        self.text = text
    }

    var text: String? {
        get { disk[Self.map].map { String(decoding: $0, as: UTF8.self) } }
        set { disk[Self.map] = newValue.map { Array($0.utf8) } }
    }

    /// The clock of the disk stands still for so many changes.
    func stopClock(for changes: Int) throws(FileFailure) {
        let now = try disk.files.status(Self.map)?.modified
        stillness.withLock { $0 = (changes, now) }
    }

    /// What it has read of the key `live`, or blue.
    var live: Color? {
        let modified = try? world.files.status(Self.map)?.modified
        guard let modified, let text else { return .blue }
        let words = kept.withLock { kept in
            if kept?.modified != modified { kept = (modified, text) }
            return kept?.text ?? ""
        }
        return words.hasPrefix("live green") ? .green : .blue
    }

    let settings: Settings = [
        "map": .text(map), "readBack": "http://127.0.0.1:8080/.bluegreen",
    ]

    var world: World {
        var files = disk.files
        files.status = { path throws(FileFailure) in
            var status = try self.disk.files.status(path)
            if path == Self.map,
                let time = self.stillness.withLock({ $0.changes > 0 ? $0.time : nil })
            {
                status?.modified = time
            }
            return status
        }
        files.replace = { path, bytes, mode throws(FileFailure) in
            try self.disk.files.replace(path, bytes, mode)
            self.stillness.withLock { $0.changes -= 1 }
        }
        return RouterWorld.world(
            streams: Streams { (_) throws(StreamFailure) in
                Array("HTTP/1.1 200 OK\r\n\r\n\(self.live ?? .blue)".utf8)
            }, files: files, locks: disk.locks)
    }
}
