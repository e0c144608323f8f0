import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import Routers

/// What Envoy answers about the file of its routes that is on a disk in memory.
final class FakeEnvoyRoutes: FakeProxy {
    static let path = "/var/lib/bluegreen/shop/routes.yaml"

    let disk = MemoryFiles()
    private let state = Mutex(State())

    private struct State {
        var isWatching = true
        /// What it has, without the line of the version.
        var routes = ""
        var version = ""
        var refused = 0
        /// Answers to single paths, instead of what is right.
        var answers: [String: String] = [:]
    }

    init(_ text: String = EnvoySnippet(plan: .shown).routes) {
        disk[Self.path] = Array(text.utf8)
    }

    var text: String { String(decoding: disk[Self.path] ?? [], as: UTF8.self) }

    func write(_ text: String) { disk[Self.path] = Array(text.utf8) }

    /// Whether it takes up what is written.
    func watches(_ isWatching: Bool) {
        takeUp()
        state.withLock { $0.isWatching = isWatching }
    }

    /// So many files were no routes for it.
    func refuses(_ count: Int) { state.withLock { $0.refused = count } }

    func answer(_ path: String, with body: String) {
        state.withLock { $0.answers[path] = FakeEnvoy.answer(body) }
    }

    var live: Color? {
        let weights = weights
        return Color.allCases.first { weights["shop_\($0)"] == "100" }
    }

    let settings: Settings = [
        "routes": .text(path), "admin": "http://127.0.0.1:9901", "name": "shop",
    ]

    var world: World {
        RouterWorld.world(of: disk) { self.page($0) }
    }

    func router() throws -> EnvoyRouter {
        try #require(EnvoyRouter(settings.section(), world: world))
    }

    // MARK: - As recorded from Envoy 1.40.0

    /// The version that it shows stays while the routes do.
    private func takeUp() {
        let lines = text.split(separator: "\n")
        let routes = lines.filter { !$0.hasPrefix("version_info") }.joined(separator: "\n")
        let version = lines.first { $0.hasPrefix("version_info") }?.split(separator: "\"")
        state.withLock { state in
            guard state.isWatching, state.routes != routes, let version, version.count == 2
            else { return }
            (state.routes, state.version) = (routes, String(version[1]))
        }
    }

    private var weights: [String: String] {
        takeUp()
        let lines = state.withLock(\.routes).split(separator: "\n")
        let pairs = lines.compactMap { line -> (String, String)? in
            let words = line.split { " ,{}".contains($0) }
            guard words.count == 5, words[1] == "name:", words[3] == "weight:" else { return nil }
            return (String(words[2]), String(words[4]))
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private func page(_ path: String) -> String {
        if let answer = state.withLock({ $0.answers[path] }) { return answer }
        switch path {
        case "/config_dump?resource=dynamic_route_configs": return FakeEnvoy.answer(dump)
        case "/stats?filter=cluster.shop_": return FakeEnvoy.answer(FakeEnvoy.statistics)
        case "/stats?filter=rds.shop.update_":
            let refused = state.withLock(\.refused)
            return FakeEnvoy.answer(
                """
                http.shop.rds.shop.update_attempt: 7
                http.shop.rds.shop.update_failure: 0
                http.shop.rds.shop.update_rejected: \(refused)

                """)
        default: return FakeEnvoy.answer("")
        }
    }

    private var dump: String {
        let clusters = weights.map { #"{"name":"\#($0.key)","weight":\#($0.value)}"# }
        let route =
            #"{"route":{"weighted_clusters":{"clusters":[\#(clusters.joined(separator: ","))]}}}"#
        let version = state.withLock(\.version)
        return """
            {"configs":[{"version_info":"\(version)","route_config":{"name":"shop",\
            "virtual_hosts":[{"name":"shop","routes":[\(route)]}]}},\
            {"version_info":"1","route_config":{"name":"cart"}}]}
            """
    }
}
