import Contracts
import Foundation
import PipelineModel
import Testing
import TrafficRig

@testable import Routers

/// HAProxy under the contract of all routers: the fake and the real one, in both ways.
struct HAProxyRig: WiredRouterRig {
    let folder: HAProxyFolder
    let faults: FaultyStreams
    let router: any Router
    let routerWithoutGreen: any Router
    private let traffic: () throws -> Color?
    private let reload: () async throws -> Void

    static let kinds = fakes + (isProgramWanted("haproxy") ? real : [])

    let garbage =
        [
            "", "\n", "\n\n", "blue\n\n", "green", "HTTP/1.1 200 OK\r\n\r\ngreen\n",
            "HTTP/1.1 200 OK\r\n\r\nproc.other=5\n", "HTTP/1.1 503 No\r\n\r\nproc.shop=5\n",
            "HTTP/1.1 200 OK\r\n\r\nproc.shop=5",
            "type=str, case=sensitive, found=yes, idx=tree, key=\"shop\", value=\"green\", type=\"str\"\n",
            "Permission denied\n\n", "\u{1B}[31mgreen\u{1B}[0m\n\n",
        ].map { Array($0.utf8) } + [[0xFF, 0xFE, 0x00, 0x0A, 0x0A]]

    init(fake way: HAProxyFolder.Way) throws {
        let folder = try HAProxyFolder(way)
        let fake = try FakeHAProxy(folder)
        try self.init(
            folder, FaultyStreams { (request) throws(StreamFailure) in try fake.exchange(request) },
            traffic: { fake.live },
            reload: { try fake.reload() })
    }

    init(real way: HAProxyFolder.Way) async throws {
        let folder = try HAProxyFolder(way)
        let real = try await RealHAProxy(folder)
        try self.init(
            folder,
            FaultyStreams { (request) throws(StreamFailure) in
                try BlockingExchange.exchange(request)
            },
            traffic: { try Color(rawValue: real.live()) }, reload: { try await real.reload() })
    }

    private init(
        _ folder: HAProxyFolder, _ faults: FaultyStreams,
        traffic: @escaping () throws -> Color?, reload: @escaping () async throws -> Void
    ) throws {
        self.folder = folder
        self.faults = faults
        self.traffic = traffic
        self.reload = reload
        router = try folder.router(faults.streams)
        guard case .mapping(let entries) = folder.settings else {
            preconditionFailure("No mapping.")
        }
        routerWithoutGreen = try folder.router(
            faults.streams, .mapping(entries + [("backends", ["green": "shop_gren"])]))
    }

    func liveInTraffic() throws -> Color? { try traffic() }
    func restart() async throws { try await reload() }

    private static let fakes = [
        RouterRigKind(name: "fake HAProxy, map") { try HAProxyRig(fake: .map) },
        RouterRigKind(name: "fake HAProxy, register") { try HAProxyRig(fake: .register) },
    ]

    private static let real = [
        RouterRigKind(name: "real HAProxy, map") { try await HAProxyRig(real: .map) },
        RouterRigKind(name: "real HAProxy, register") { try await HAProxyRig(real: .register) },
    ]
}
