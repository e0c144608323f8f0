import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import Routers

/// What Envoy answers about a link on a disk in memory.
final class FakeEnvoy: FakeProxy {
    static let link = "/var/lib/bluegreen/shop/current"

    let disk = MemoryFiles()
    private let state = Mutex(State())

    private struct State {
        /// Answers to single paths, instead of what is right.
        var answers: [String: String] = [:]
        /// How many questions are answered as before the last write.
        var lag = 0
    }

    init(folders: [String] = ["blue", "green", "share-1", "share-2"]) {
        for name in folders {
            disk.makeFolder("/var/lib/bluegreen/shop/\(name)")
        }
        disk.makeLink(Self.link, to: "blue")
    }

    var live: Color? { disk.link(Self.link).flatMap(Color.init) }

    func answer(_ path: String, with body: String) {
        state.withLock { $0.answers[path] = "HTTP/1.1 200 OK\r\n\r\n\(body)" }
    }

    /// So many questions find the other colour than that of the link.
    func lag(_ questions: Int) { state.withLock { $0.lag = questions } }

    let settings: Settings = [
        "runtime": .text(link), "admin": "http://127.0.0.1:9901", "name": "shop",
    ]

    var world: World {
        RouterWorld.world(of: disk) { self.page($0) }
    }

    func router() throws -> EnvoyRouter {
        try #require(EnvoyRouter(settings.section(), world: world))
    }

    // MARK: - As recorded from Envoy 1.40.0

    private func page(_ path: String) -> String {
        if let answer = state.withLock({ $0.answers[path] }) { return answer }
        let body =
            switch path {
            case "/runtime": #"{"entries":{\#(shown)},"layers":[]}"#
            case "/stats?filter=cluster.shop_": Self.statistics
            default: ""
            }
        return Self.answer(body)
    }

    static func answer(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            + (body.isEmpty ? "" : "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n")
            + "0\r\n\r\n"
    }

    private var shown: String {
        let isLate = state.withLock { state in
            state.lag -= 1
            return state.lag >= 0
        }
        guard let target = disk.link(Self.link), live == nil else {
            return (isLate ? live?.other : live) == .green ? Self.entry("100") : ""
        }
        let share = disk["/var/lib/bluegreen/shop/\(target)/shop.green"] ?? []
        return Self.entry(String(decoding: share.dropLast(), as: UTF8.self))
    }

    private static func entry(_ value: String) -> String {
        #""shop.green":{"layer_values":["\#(value)"],"final_value":"\#(value)"}"#
    }

    static let statistics = """
        cluster.shop_blue.membership_healthy: 1
        cluster.shop_blue.membership_total: 2
        cluster.shop_blue.upstream_rq_5xx: 3
        cluster.shop_blue.upstream_rq_active: 4
        cluster.shop_blue.upstream_rq_completed: 10
        cluster.shop_blue.upstream_rq_time: P0(nan,1) P25(nan,1.02)
        cluster.shop_green.membership_healthy: 1
        cluster.shop_green.membership_total: 1
        cluster.shop_green.upstream_rq_active: 0
        cluster.shop_greenish.membership_total: 9

        """
}
