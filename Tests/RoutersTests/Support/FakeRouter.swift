import Contracts
import Testing

@testable import Routers

/// A fake HAProxy with what stands before it.
struct FakeRouter {
    let folder: HAProxyFolder
    let proxy: FakeHAProxy
    let faults: FaultyStreams
    let router: HAProxyRouter

    init(
        _ way: HAProxyFolder.Way = .map, mapFile: String = "shop blue:green:0:0\n",
        adding extra: [(String, Settings)] = []
    ) throws {
        let folder = try HAProxyFolder(way, mapFile: mapFile)
        let proxy = try FakeHAProxy(folder)
        let faults = FaultyStreams { (request) throws(StreamFailure) in
            try proxy.exchange(request)
        }
        self.folder = folder
        self.proxy = proxy
        self.faults = faults
        router = try folder.router(faults.streams, folder.settings.adding(extra))
    }
}

extension Settings {
    /// These settings, with some replaced or added.
    func adding(_ extra: [(String, Settings)]) -> Settings {
        guard case .mapping(let entries) = self else { return self }
        let names = extra.map(\.0)
        return .mapping(entries.filter { !names.contains($0.0) } + extra)
    }
}
