import Contracts
import Foundation
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import Routers

/// What Traefik answers about the file that is on a disk in memory.
final class FakeTraefik: FakeProxy {
    static let path = "/etc/traefik/dynamic/shop-live.yml"

    let disk = MemoryFiles()
    private let state: Mutex<State>

    private struct State {
        var isWatching = true
        var loaded: String
        /// Answers to single paths, instead of what is right.
        var answers: [String: String] = [:]
    }

    init() {
        let first = Datum(live: .blue, token: Token(number: 0))
        let text = TraefikFile.text(first, "shop")
        state = Mutex(State(loaded: text))
        disk[Self.path] = Array(text.utf8)
    }

    /// Whether it takes up what is written.
    func watches(_ isWatching: Bool) { state.withLock { $0.isWatching = isWatching } }

    func answer(_ path: String, with answer: String) {
        state.withLock { $0.answers[path] = answer }
    }

    var live: Color? {
        let weights = Self.weights(in: loaded)
        return weights.count == 1 ? weights[0].color : nil
    }

    /// What the first service of a file says.
    private static func weights(in text: String) -> [(color: Color, weight: Int)] {
        let service = text.prefix(
            upTo: text.firstRange(of: "shop-idle")?.lowerBound ?? text.endIndex)
        let parts = service.components(separatedBy: "- name: shop-").dropFirst()
        return parts.compactMap { part in
            let words = part.split { " \n".contains($0) }
            guard words.count > 2, let color = Color(rawValue: String(words[0])) else { return nil }
            return Int(words[2]).map { (color, $0) }
        }
    }

    private var loaded: String {
        let file = disk[Self.path].map { String(decoding: $0, as: UTF8.self) } ?? ""
        return state.withLock { state in
            if state.isWatching { state.loaded = file }
            return state.loaded
        }
    }

    var world: World {
        RouterWorld.world(of: disk) { self.page($0) }
    }

    let settings: Settings = [
        "file": .text(path), "api": "http://127.0.0.1:8099", "name": "shop",
    ]

    func router() throws -> TraefikRouter {
        try #require(TraefikRouter(settings.section(), world: world))
    }

    // MARK: - As recorded from Traefik 3.7.15

    private func page(_ path: String) -> String {
        if let answer = state.withLock({ $0.answers[path] }) { return answer }
        let text = loaded
        switch path {
        case "/api/http/services/shop-blue@file", "/api/http/services/shop-green@file":
            return Self.json(
                """
                {"loadBalancer":{"servers":[{"url":"http://127.0.0.1:9921"}],"strategy":"wrr"},\
                "status":"enabled","name":"shop-blue@file","provider":"file","type":"loadbalancer"}
                """)
        case "/api/http/services/shop-live@file":
            let weights = Self.weights(in: text)
            guard !weights.isEmpty else { return Self.missing("service") }
            let services = weights.map { #"{"name":"shop-\#($0.color)","weight":\#($0.weight)}"# }
            return Self.json(
                """
                {"weighted":{"services":[\(services.joined(separator: ","))]},"status":"enabled",\
                "usedBy":["shop@file"],"name":"shop-live@file","provider":"file","type":"weighted"}
                """)
        case "/api/http/middlewares/shop-bluegreen@file":
            guard let line = text.split(separator: "\n").last,
                let mark = line.split(separator: "\"").last
            else { return Self.missing("middleware") }
            return Self.json(
                """
                {"headers":{"customRequestHeaders":{"X-Bluegreen":"\(mark)"}},"status":"enabled",\
                "name":"shop-bluegreen@file","provider":"file","type":"headers"}
                """)
        default: return Self.missing("service")
        }
    }

    static func json(_ body: String, status: String = "200 OK") -> String {
        let body = body + "\n"
        return "HTTP/1.0 \(status)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func missing(_ what: String) -> String {
        json(#"{"message":"\#(what) not found"}"#, status: "404 Not Found")
    }
}
