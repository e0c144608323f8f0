import Contracts
import PipelineModel
import Synchronization

@testable import Routers

/// A `vars` handler behind the admin API of a Caddy in memory, as recorded from 2.6.2.
final class FakeCaddyAPI: Sendable {
    /// Where Caddy says the tag of a document.
    enum TagPlace: CaseIterable {
        case head, trailer
    }

    private struct State {
        /// `nil`: Caddy knows no such handler.
        var members: [String: JSON]? = ["@id": .text("shop"), "handler": .text("vars")]
        /// Somebody else changes the handler just before the next change.
        var rival: Datum?
        var writes: [String] = []
    }

    private let state = Mutex(State())
    private let tagPlace: TagPlace

    init(_ tagPlace: TagPlace = .trailer, live: String? = "blue", datum: String? = "blue:green:0:0")
    {
        self.tagPlace = tagPlace
        state.withLock {
            $0.members?["live"] = live.map(JSON.text)
            $0.members?["datum"] = datum.map(JSON.text)
        }
    }

    /// The heads of all changes that were asked for.
    var writes: [String] { state.withLock { $0.writes } }
    var members: [String: JSON]? { state.withLock { $0.members } }

    func remove() { state.withLock { $0.members = nil } }

    func beat(with datum: Datum) { state.withLock { $0.rival = datum } }

    func answer(_ request: StreamRequest) -> [UInt8] {
        let text = String(decoding: request.bytes, as: UTF8.self)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1).map(String.init)
        let answer = state.withLock { state in
            guard state.members != nil else {
                return Self.answer(404, #"{"error":"unknown object ID 'shop'"}"#)
            }
            guard text.hasPrefix("PATCH ") else { return shown(state) }
            return Self.change(&state, parts)
        }
        return Array(answer.utf8)
    }

    private static func change(_ state: inout State, _ parts: [String]) -> String {
        state.writes.append(parts[0])
        if let rival = state.rival {
            state.members?["live"] = .text(rival.live.rawValue)
            state.members?["datum"] = .text(rival.written)
            state.rival = nil
        }
        guard parts[0].contains("\r\nif-match: \(tag(state))") else {
            return answer(
                412, #"{"error":"If-Match header did not match current config hash"}"#)
        }
        guard parts.count == 2, case .object(let members)? = try? JSON(parsing: parts[1].utf8)
        else { return answer(400, #"{"error":"invalid JSON"}"#) }
        state.members = members
        return answer(200, "")
    }

    private static func tag(_ state: State) -> String {
        "\"/config/apps/http \(JSON.object(state.members ?? [:]).description.hashValue)\""
    }

    private static func answer(_ status: Int, _ body: String) -> String {
        "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func shown(_ state: State) -> String {
        let body = "\(JSON.object(state.members ?? [:]))"
        let tag = "Etag: \(Self.tag(state))\r\n"
        switch tagPlace {
        case .head:
            return "HTTP/1.1 200 OK\r\n\(tag)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        case .trailer:
            let size = String(body.utf8.count, radix: 16)
            return "HTTP/1.1 200 OK\r\nTrailer: ETag\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "\(size)\r\n\(body)\r\n0\r\n\(tag)\r\n"
        }
    }
}
