import Contracts
import PipelineModel
import TestWorld
import TrafficRig

@testable import Routers

/// A slot folder on a disk in memory, and a proxy that looks into it.
struct FakeSlot: FakeFileProxy {
    static let folder = "/srv/shop"
    static let first = "blue:green:0:0\n"

    static let kind = ProxyKind.nginx

    let disk = MemoryFiles()
    var path: String { Self.folder }

    init(_ files: [String: String] = ["blue": first]) {
        disk["\(Self.folder)/README"] = []
        for (name, text) in files { self[name] = text }
    }

    subscript(name: String) -> String? {
        get { disk["\(Self.folder)/\(name)"].map { String(decoding: $0, as: UTF8.self) } }
        nonmutating set { disk["\(Self.folder)/\(name)"] = newValue.map { Array($0.utf8) } }
    }

    /// The colours that have a file.
    var names: [Color] { Color.allCases.filter { self[$0.rawValue] != nil } }

    /// What nginx would serve.
    var live: Color? { names.contains(.green) ? .green : .blue }

    var world: World { world() }

    /// `answer` is what the proxy says when it is asked; `nil`: the truth.
    func world(answering answer: String? = nil) -> World {
        let disk = disk
        return RouterWorld.world(
            streams: Streams { (_) throws(StreamFailure) in
                if let answer { return Array(answer.utf8) }
                let isGreen = disk["\(Self.folder)/green"] != nil
                return Array("HTTP/1.1 200 OK\r\n\r\n\(isGreen ? "green" : "blue")\n".utf8)
            }, files: disk.files, locks: disk.locks)
    }

    let settings: Settings = [
        "slot": .text(folder), "readBack": "http://127.0.0.1:8080/.bluegreen",
    ]
}
