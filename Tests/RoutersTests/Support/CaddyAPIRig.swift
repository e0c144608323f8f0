import Contracts
import PipelineModel
import Testing
import TrafficRig

@testable import Routers

/// Caddy behind its admin API under the contract of all routers: the fake and the real one.
struct CaddyAPIRig: WiredRouterRig {
    let faults: FaultyStreams
    let router: any Router
    let routerWithoutGreen: any Router
    private let traffic: () -> Color?
    private let again: () async throws -> Void

    /// Each switch opens the doors anew.
    let isAtomic: Bool? = false

    static let kinds =
        [RouterRigKind(name: "fake caddy by its API") { try CaddyAPIRig(fake: FakeCaddyAPI()) }]
        + (ProxyKind.caddy.isWanted
            ? [
                RouterRigKind(name: "real caddy by its API") {
                    try CaddyAPIRig(real: try await RealProxy(.caddyByAPI()))
                }
            ] : [])

    let garbage =
        [
            "", "\n", "green", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\ngreen\n",
            "HTTP/1.1 200 OK\r\nEtag: \"x\"\r\n\r\n{\"live\":\"green\"}",
            "HTTP/1.1 200 OK\r\n\r\n{\"handler\":\"vars\",\"live\":\"green\"}",
            "HTTP/1.1 404 Not Found\r\n\r\n404 page not found\n",
            "HTTP/1.1 500 X\r\n\r\n{\"error\":\"x\"}", "\u{1B}[31mgreen\u{1B}[0m\n",
        ].map { Array($0.utf8) } + [[0xFF, 0xFE, 0x00, 0x0A]]

    init(fake: FakeCaddyAPI) throws {
        let without = FakeCaddyAPI()
        without.remove()
        let settings: Settings = ["api": "http://127.0.0.1:2019/id/shop", "resume": "true"]
        faults = FaultyStreams { (request) throws(StreamFailure) in fake.answer(request) }
        let nothing = Streams { (request) throws(StreamFailure) in without.answer(request) }
        router = try Self.router(settings, faults.streams)
        routerWithoutGreen = try Self.router(settings, nothing)
        traffic = { fake.members?["live"]?.words.flatMap(Color.init) }
        again = {}
    }

    init(real: RealProxy) throws {
        faults = FaultyStreams { (request) throws(StreamFailure) in
            try BlockingExchange.exchange(request)
        }
        router = try Self.router(real.settings, faults.streams)
        let none: Settings = ["api": .text("\(real.rig.adminURL)/id/none")]
        routerWithoutGreen = try Self.router(real.settings.merging(none), faults.streams)
        // Losing the error is right: in the moment of a change nobody may be there.
        traffic = { try? real.live() }
        again = { try await real.rig.restart() }
    }

    private static func router(_ settings: Settings, _ streams: Streams) throws -> any Router {
        var world = RealProxy.world
        world.streams = streams
        return try ProxyKind.caddy.router(settings, world)
    }

    func liveInTraffic() throws -> Color? { traffic() }
    func restart() async throws { try await again() }
}
