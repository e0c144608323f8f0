import Contracts
import LiveWorld
import PipelineModel
import Testing

@testable import Routers

/// The embedded proxy under the contract of all routers: the fake and the real one.
struct EmbeddedRig: WiredRouterRig {
    let faults: FaultyStreams
    let router: any Router
    let routerWithoutGreen: any Router
    private let traffic: () -> Color?
    private let reload: () async throws -> Void

    static let kinds = [
        RouterRigKind(name: "fake embedded proxy") { try EmbeddedRig(fake: FakeEmbeddedProxy()) },
        RouterRigKind(name: "real embedded proxy") {
            try await EmbeddedRig(real: RealEmbeddedProxy())
        },
    ]

    let garbage =
        [
            "", "\n", "green", "green\n", "{}\n", "[]\n", "null\n", "error unknown command\n",
            "applied", "appliedapplied\n", "stale\n", "stale green\n", "HTTP/1.1 400 Bad\r\n\r\n",
            #"{"live":"green"}"#, "\u{1B}[31mapplied\u{1B}[0m\n",
        ].map { Array($0.utf8) } + [[0xFF, 0xFE, 0x00, 0x0A]]

    init(fake: FakeEmbeddedProxy) throws {
        let without = FakeEmbeddedProxy()
        without.change { $0.isGreenThere = false }
        try self.init(
            FaultyStreams { (request) throws(StreamFailure) in
                try await fake.streams.exchange(request)
            }, at: "/run/proxy.sock", withoutGreen: without.streams, at: "/run/proxy.sock",
            traffic: { fake.live }, reload: {})
    }

    init(real: RealEmbeddedProxy) async throws {
        let without = try await RealEmbeddedProxy(colors: [.blue])
        let streams = Self.patientStreams
        try self.init(
            FaultyStreams { (request) throws(StreamFailure) in
                try await streams.exchange(request)
            }, at: real.path,
            withoutGreen: Streams { (request) throws(StreamFailure) in
                // Keeps the second proxy alive for as long as its router.
                defer { withExtendedLifetime(without) {} }
                return try await streams.exchange(request)
            }, at: without.path,
            traffic: { real.live }, reload: { try await real.restart() })
    }

    private init(
        _ faults: FaultyStreams, at path: String, withoutGreen: Streams, at second: String,
        traffic: @escaping () -> Color?, reload: @escaping () async throws -> Void
    ) throws {
        self.faults = faults
        self.traffic = traffic
        self.reload = reload
        router = try Self.router(path, faults.streams)
        routerWithoutGreen = try Self.router(second, withoutGreen)
    }

    /// This proxy shares a process with tests that block its threads: half a second may pass before its
    /// turn comes.
    private static let patientStreams = Streams { (request) throws(StreamFailure) in
        var patient = request
        patient.timeout = .seconds(60)
        return try await World.live().streams.exchange(patient)
    }

    private static func router(_ path: String, _ streams: Streams) throws -> any Router {
        let settings: Settings = ["admin": .text(path)]
        return try #require(
            EmbeddedRouter(settings.section(), world: RouterWorld.world(streams: streams)))
    }

    func liveInTraffic() throws -> Color? { traffic() }
    func restart() async throws { try await reload() }
}
